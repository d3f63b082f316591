export interface RepositoryPages {
  readonly git: string;
  readonly start: string;
  readonly issues: string;
  readonly questions: string;
  readonly files: string;
  readonly pictures: string;
}
export function readRepository(address: string): RepositoryPages;
export function withAddresses(markdown: string, repository: Pick<RepositoryPages, "files" | "pictures">): string;

/** The small file system that builds are looked for in: any of the editor's, or a table in a test. Paths: paths.ts. */
export interface Entry {
  readonly name: string;
  readonly kind: "file" | "folder";
  /** It leads somewhere else. */
  readonly isLink?: boolean;
}

export interface BuildFiles {
  /** Empty for what is no folder. */
  list(path: string): Promise<readonly Entry[]>;
  stat(path: string): Promise<{ readonly size: number; readonly modified: number } | undefined>;
  text(path: string): Promise<string | undefined>;
  /** The first bytes of a file, where they can be had without much ado. */
  head(path: string, length: number): Promise<Uint8Array | undefined>;
  /** Where a link leads in the end, where that can be told. */
  real(path: string): Promise<string | undefined>;
}

export async function foldersIn(files: BuildFiles, path: string): Promise<readonly string[]> {
  return (await files.list(path)).filter(({ kind }) => kind === "folder").map(({ name }) => name);
}

/** What `codeServer.mjs` has for tests written in TypeScript. */
export type ReleaseName = "floor" | "newest";

export interface Server {
  readonly release: ReleaseName;
  /** The VS Code version inside. */
  readonly vscode: string;
  readonly node: string;
  readonly entry: string;
}

export function installCodeServer(name: ReleaseName): Promise<Server>;

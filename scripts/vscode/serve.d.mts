/** What `serve.mjs` has for tests written in TypeScript. */
import type { Server } from "./codeServer.mjs";

export interface Served {
  /** Address of the workbench on `folder`; the payload is a list of pairs as VS Code for the web takes them. */
  url(folder: string, payload?: readonly (readonly [string, string])[]): string;
  /** A path of this machine as the workbench names it. */
  remote(path: string): string;
  /** Replaces the user settings. */
  writeSettings(settings: Readonly<Record<string, unknown>>): void;
  readonly log: string;
  stop(): Promise<void>;
}

export interface Folders {
  readonly dataDir: string;
  readonly extensionsDir: string;
}

export interface ServeOptions extends Folders {
  readonly folder: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly port?: number;
}

export function serve(server: Server, options: ServeOptions): Promise<Served>;
export function installVsix(server: Server, vsix: string, folders: Folders): Promise<void>;

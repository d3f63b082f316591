/** The machine that the extension host runs on, through Node. `hostMachine.web.ts` takes its place where the host is a browser's worker. */
import { homedir } from "node:os";
import * as vscode from "vscode";
export { runningPrograms } from "../../storage/nodeFileSystem";

/** Where the host runs: what only one of them can do is not offered in the other. */
export const HOST: "node" | "browser" = "node";

/** The person's own folder. */
export function home(): vscode.Uri | undefined {
  return vscode.Uri.file(homedir());
}

/** Whether there can be serial ports at all: not in every browser. */
export function hasSerialPorts(): boolean {
  return true;
}

/** The environment of the extension host. */
export function variables(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** System and runtime in a line, for reports. */
export function runtime(): string {
  return `${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

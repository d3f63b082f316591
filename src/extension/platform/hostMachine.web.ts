/** The machine as a browser's worker sees it: no home, no environment, no other programs but windows of this very editor. */
import type * as vscode from "vscode";
import type { Programs } from "../../storage/interrupted";

export const HOST: "node" | "browser" = "browser";

export function home(): vscode.Uri | undefined {
  return undefined;
}

export function variables(): Readonly<Record<string, string | undefined>> {
  return {};
}

/** Web Serial: Chromium and what is made of it, on pages of a secure origin. */
export function hasSerialPorts(): boolean {
  return navigator.serial !== undefined;
}

export function runtime(): string {
  return navigator.userAgent;
}

/** The lock that a window's worker holds for as long as it lives; a reload lets it go. */
const lockName = (program: number): string => `beken-flasher-${program}`;

/** Windows are programs here, each by a number of its own that is as good as never used twice. */
export const runningPrograms: Programs = {
  own: crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
  async isAlive(program) {
    const { held } = await navigator.locks.query();
    return held?.some(({ name }) => name === lockName(program)) === true;
  },
};
void navigator.locks.request(lockName(runningPrograms.own), () => new Promise<never>(() => undefined));

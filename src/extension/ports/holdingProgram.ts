/** Which program of this machine has a serial port open, by the kernel's word on Linux; elsewhere nobody tells. */
import { readFile, readdir, readlink, realpath } from "node:fs/promises";

export interface Program {
  readonly pid: number;
  /** As it was started, the program first. */
  readonly words: readonly string[];
}

export interface Holder {
  readonly program: Program;
  /** Its parents, the nearest first. */
  readonly parents: readonly Program[];
  /** It has programs of its own that run. */
  readonly hasOthers: boolean;
}

/** What is not told of is not there. */
export const IS_TOLD = process.platform === "linux";

/** @returns undefined where no program is known to have it: also where that may not be looked at, as of another user */
export async function programHolding(path: string): Promise<Holder | undefined> {
  if (!IS_TOLD) return undefined;
  const target = await realpath(path).catch(() => path);
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    if (Number(pid) === process.pid) continue;
    if (!(await hasOpen(pid, target))) continue;
    const [program, ...parents] = await familyOf(Number(pid));
    if (program !== undefined) return { program, parents, hasOthers: await hasPrograms(Number(pid)) };
  }
  return undefined;
}

/** @returns true where programs run that this one has started, or where that cannot be looked at */
export async function hasPrograms(pid: number): Promise<boolean> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "?");
  return children.trim() !== "";
}

/** This program itself has it open: an extension of this editor, or we. */
export async function isOpenHere(path: string): Promise<boolean> {
  return IS_TOLD && (await hasOpen("self", await realpath(path).catch(() => path)));
}

/** Asks a program to end. */
export function endProgram(pid: number, signal: "SIGINT" | "SIGTERM"): void {
  process.kill(pid, signal);
}

async function hasOpen(pid: string, target: string): Promise<boolean> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const file of files) if ((await readlink(`/proc/${pid}/fd/${file}`).catch(() => "")) === target) return true;
  return false;
}

async function familyOf(pid: number): Promise<readonly Program[]> {
  const family: Program[] = [];
  for (let current = pid; current > 1 && family.length < 16;) {
    const command = await readFile(`/proc/${current}/cmdline`, "utf8").catch(() => "");
    family.push({ pid: current, words: command.replace(/\0$/, "").split("\0") });
    const status = await readFile(`/proc/${current}/status`, "utf8").catch(() => "");
    current = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return family;
}

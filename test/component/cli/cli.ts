/** Runs the built command line as people do: arguments in, lines and an exit code out; and its simulator as a child. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const CLI = join("dist", "cli.js");

/** Where the command line keeps its journals and its own backups in these tests; no test writes into a real home. */
export const stateFolder = mkdtempSync(join(tmpdir(), "beken-state-"));
export const homeFolder = join(stateFolder, "home");
after(() => rmSync(stateFolder, { recursive: true, force: true }));

export type Line = Readonly<Record<string, unknown>> & { readonly type: string };

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output, line by line, where it is JSON. */
  readonly lines: readonly Line[];
  readonly last: Line | undefined;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export type OnLine = (line: Line, child: ChildProcess) => void;

export interface Circumstances {
  /** The program itself, where it is another copy of it. */
  readonly program?: string;
  /** Loaded before it, as `node --require` does. */
  readonly require?: string;
  /** A flash looks whether its firmware runs, as it does by default; of LibreTiny that takes seconds, which a test about many of them leaves out. */
  readonly looks?: boolean;
  /** Number of the user and group that it runs as; only for who may choose. */
  readonly user?: number;
}

export function start(args: readonly string[], onLine?: OnLine, circumstances: Circumstances = {}): Running {
  const { program = CLI, require, looks = true, user } = circumstances;
  const given = args[0] === "flash" && !looks ? [...args, "--no-check"] : args;
  const preload = require === undefined ? [] : ["--require", require];
  const child = spawn(process.execPath, [...preload, program, ...given], {
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      ...process.env,
      BEKEN_BACKUPS: undefined,
      NO_COLOR: "1",
      XDG_STATE_HOME: stateFolder,
      HOME: homeFolder,
      USERPROFILE: homeFolder,
    },
    ...(user !== undefined && { uid: user, gid: user }),
  });
  const text = { stdout: "", stderr: "" };
  const lines: Line[] = [];
  const json = args.includes("--json");
  child.stderr.on("data", (chunk: Buffer) => (text.stderr += chunk.toString()));
  child.stdout.on("data", (chunk: Buffer) => (text.stdout += chunk.toString()));
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => {
    if (!json) return;
    const parsed = JSON.parse(line) as Line;
    lines.push(parsed);
    onLine?.(parsed, child);
  });
  const ended = Promise.all([once(child, "close"), once(reader, "close")]).then(([[code]]): Ended => {
    return { code: code as number | null, ...text, lines, last: lines.at(-1) };
  });
  return { child, ended };
}

export function run(...args: readonly string[]): Promise<Ended> {
  return start(args).ended;
}

const ENDINGS = ["result", "error"];

/** Exactly one line ends the command, and it is the last one. */
export function endOf({ lines, last }: Ended): Line {
  assert.equal(lines.filter(({ type }) => ENDINGS.includes(type)).length, 1, JSON.stringify(last));
  assert.equal(ENDINGS.includes(last?.type ?? ""), true, JSON.stringify(last));
  return last as Line;
}

export function succeeded(ended: Ended): Line {
  const end = endOf(ended);
  assert.equal(end.type, "result", JSON.stringify(end));
  assert.equal(end.ok, true);
  assert.equal(ended.code, 0);
  return end;
}

/** The error line, with what every one of them must have. */
export function failed(ended: Ended, code: string, exit = 1): Line {
  const end = endOf(ended);
  assert.equal(end.type, "error", JSON.stringify(end));
  assert.equal(end.code, code, JSON.stringify(end));
  assert.equal(typeof end.message === "string" && end.message !== "", true);
  const remedy = end.remedy as readonly unknown[];
  assert.equal(Array.isArray(remedy) && remedy.length > 0, true);
  assert.equal(
    remedy.every((step) => typeof step === "string" && step !== ""),
    true,
  );
  assert.equal(["untouched", "partly-written", "written"].includes(String(end.flash)), true);
  assert.equal(ended.code, exit);
  return end;
}

export interface Simulator extends Running {
  readonly port: string;
  type(command: "power-cycle" | "power-off" | "power-on" | "quit"): void;
  stop(): Promise<Ended>;
}

/** `simulate --json` as a child of its own; resolves once it listens. */
export async function simulate(...args: readonly string[]): Promise<Simulator> {
  let heard: (port: string) => void;
  const listening = new Promise<string>((resolve) => (heard = resolve));
  const running = start(["simulate", "--json", ...args], (line) => {
    if (line.type === "listening") heard(String(line.port));
  });
  const port = await Promise.race([
    listening,
    running.ended.then(({ stdout, stderr }) => Promise.reject(new Error(`it did not start: ${stdout}${stderr}`))),
  ]);
  assert.notEqual(port, "");
  return {
    ...running,
    port,
    type: (command) => void running.child.stdin?.write(`${command}\n`),
    stop() {
      running.child.stdin?.end("quit\n");
      return running.ended;
    },
  };
}

export async function withSimulator(
  args: readonly string[],
  work: (simulator: Simulator) => Promise<void>,
): Promise<Ended> {
  const simulator = await simulate(...args);
  try {
    await work(simulator);
  } finally {
    await simulator.stop();
  }
  return simulator.ended;
}

/** An empty folder of its own for `work`, gone afterwards. */
export async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "beken-cli-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

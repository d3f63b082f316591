/** A simulated chip in a process of its own, at real pace behind a pty: host and chip share nothing but the wire. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface ChipProcess {
  readonly port: string;
  /** As a person would pull it out and plug it in again; the chip is back a moment later. */
  powerCycle(): void;
  stop(): Promise<void>;
}

export interface ChipProcessOptions {
  /** The bundled command line. */
  readonly cli: string;
  /** Folder for the flash file. */
  readonly folder: string;
  readonly chip: string;
  readonly flash: Uint8Array;
  readonly latencyMs: number;
}

const STOP_WITHIN_MS = 3_000;

/** Starts it and waits until it listens. Throws when it ends instead. */
export async function startChip({ cli, folder, chip, flash, latencyMs }: ChipProcessOptions): Promise<ChipProcess> {
  const file = join(folder, `${chip}.bin`);
  writeFileSync(file, flash);
  const options = ["--chip", chip, "--flash", file, "--pace", "real", "--latency", String(latencyMs), "--json"];
  const child = spawn(process.execPath, [cli, "simulate", ...options], { stdio: ["pipe", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as { readonly type?: string; readonly port?: string };
    if (event.type !== "listening" || event.port === undefined) continue;
    child.stdout.resume();
    return {
      port: event.port,
      powerCycle: () => void child.stdin.write("power-cycle\n"),
      stop: () => stop(child),
    };
  }
  throw new Error(`the simulated ${chip} ended with ${String(child.exitCode)}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGINT");
  const limit = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
  await ended;
  clearTimeout(limit);
}

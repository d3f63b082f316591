/**
 * Other flashers on the same simulated chip, when they are installed: their ordinary command lines, timed whole, beside
 * our own command line timed the same way. Knows no protocol. A peer that fails is reported with what it said last.
 */
import { spawn, spawnSync } from "node:child_process";

export const PEERS = ["bk7231tools", "ltchiptool"] as const;
export type PeerId = (typeof PEERS)[number];
export type PeerJob = "backup" | "write";

export interface CommandTime {
  readonly ms: number;
  /** What it said last, when it failed. */
  readonly failure?: string;
}

export interface PeerTarget {
  readonly port: string;
  /** Undefined: the tool's own default. */
  readonly baud: number | undefined;
  readonly family: string;
  /** A raw application in CRC blocks for `address`, or where a backup goes. */
  readonly file: string;
  readonly address: number;
  readonly flashSize: number;
}

const SLOWEST_MS = 600_000;
const SECTOR = 0x1000;

/** The peers on the PATH. */
export function installedPeers(): readonly PeerId[] {
  const finder = process.platform === "win32" ? "where" : "which";
  return PEERS.filter((name) => spawnSync(finder, [name], { stdio: "ignore" }).status === 0);
}

export function timePeer(peer: PeerId, job: PeerJob, target: PeerTarget): Promise<CommandTime> {
  return timeCommand(peer, peer === "bk7231tools" ? bk7231tools(job, target) : ltchiptool(job, target));
}

function bk7231tools(job: PeerJob, { port, baud, file, address, flashSize }: PeerTarget): string[] {
  const line = ["-d", port, ...(baud === undefined ? [] : ["-b", String(baud)])];
  if (job === "write") return ["write_flash", ...line, "-s", String(address), file];
  return ["read_flash", ...line, "-s", "0", "-c", String(flashSize / SECTOR), file];
}

function ltchiptool(job: PeerJob, { port, baud, family, file, address }: PeerTarget): string[] {
  const line = ["-d", port, ...(baud === undefined ? [] : ["-b", String(baud)])];
  if (job === "write") return ["flash", "write", ...line, "-f", family, "-s", String(address), file];
  return ["flash", "read", ...line, family, file];
}

/** Our own command line, the same way. */
export function timeOurs(cli: string, job: PeerJob, target: PeerTarget): Promise<CommandTime> {
  const { port, baud, file, address } = target;
  const line = ["--port", port, "--quiet", ...(baud === undefined ? [] : ["--baud", String(baud)])];
  const at = ["--at", `0x${address.toString(16)}`];
  return timeCommand(process.execPath, [
    cli,
    ...(job === "write" ? ["flash", file, "--no-backup", "--no-check", ...at] : ["backup", file]),
    ...line,
  ]);
}

function timeCommand(command: string, args: readonly string[]): Promise<CommandTime> {
  const started = performance.now();
  let last = "";
  const listen = (text: Buffer): void => {
    last =
      text
        .toString()
        .trim()
        .split(/[\r\n]+/)
        .at(-1) ?? last;
  };
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], timeout: SLOWEST_MS });
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    const end = (failure: string | undefined): void => {
      resolve({ ms: performance.now() - started, ...(failure !== undefined && { failure }) });
    };
    child.on("error", (error) => end(error.message));
    child.on("close", (code) => end(code === 0 ? undefined : last || `exit code ${String(code)}`));
  });
}

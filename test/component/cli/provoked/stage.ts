/** What provoking a failure takes: a folder, a chip of this process on a port of this machine, the command line as a child. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FlasherErrorCode } from "../../../../src/core/index";
import {
  createChip,
  serveOnTcp,
  type ChipOptions,
  type ChipUart,
  type SimulatedChip,
  type TcpServer,
} from "../../../../src/simulator/index";
import type { FlashFile } from "../../flash/rig";
import { hasPtys } from "../../ptys";
import { start, type Circumstances, type Ended, type OnLine } from "../cli";

/** Brings the failure about by running the command line; `folder` is its own, empty at first. */
export type Provocation = (folder: string) => Promise<Ended>;

/** Provocations by what they are called; each ends in the code of its row. */
export type Row = Readonly<Record<string, Provocation>>;
export type Rows<Code extends FlasherErrorCode> = Readonly<Record<Code, Row>>;

/** Never opened: what is wrong is found before. */
export const NO_PORT: readonly string[] = ["--port", "/dev/no-such-port"];

const needPtys = new WeakSet<Provocation>();

/** Marks what only works with pseudo-terminals. */
export function withPtys(row: Row): Row {
  for (const provocation of Object.values(row)) needPtys.add(provocation);
  return row;
}

/** Whether this machine has what it takes. */
export function canProvoke(provocation: Provocation): boolean {
  return hasPtys || !needPtys.has(provocation);
}

/** Where a backup would come first, whatever fails would fail in it. */
const WRITING = ["flash", "erase", "restore"];

export function cli(
  args: readonly (string | number)[],
  onLine?: OnLine,
  circumstances?: Circumstances,
): Promise<Ended> {
  const straight = WRITING.includes(String(args[0])) ? ["--no-backup"] : [];
  return start([...args.map(String), ...straight, "--json"], onLine, circumstances).ended;
}

/** Stores a file for the command line; returns its path. */
export function put(folder: string, name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

export function putFile(folder: string, { name, bytes }: FlashFile): string {
  return put(folder, name, bytes);
}

/** Something that answers like a chip behind a TCP port, while `work` runs. */
export async function served(
  uart: ChipUart,
  work: (port: string, server: TcpServer) => Promise<Ended>,
): Promise<Ended> {
  const server = await serveOnTcp(uart);
  try {
    return await work(`tcp://127.0.0.1:${server.port}`, server);
  } finally {
    await server.close();
  }
}

/** One command against one chip. */
export async function onChip(
  preset: string,
  options: ChipOptions,
  args: readonly (string | number)[],
  onLine?: (line: Parameters<OnLine>[0], chip: SimulatedChip, server: TcpServer) => void,
): Promise<Ended> {
  const chip = createChip(preset, { pace: "none", person: "auto", personWaitMs: 400, ...options });
  try {
    return await served(chip, (port, server) =>
      cli([...args, "--port", port, "--link-timeout", "20"], onLine && ((line) => onLine(line, chip, server))),
    );
  } finally {
    chip.dispose();
  }
}

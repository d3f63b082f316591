/** The bench's results as data and as a Markdown page. Measures nothing. */
import { COACH_LIMIT_MS, type CoachRow } from "./coach";
import type { MeasureId } from "./measures";
import { TITLES } from "./measures";

export interface Row {
  readonly chip: string;
  /** Rate asked for, and the rate the chip makes of it, in baud. */
  readonly baud: number;
  readonly actualBaud: number;
  readonly latencyMs: number;
  readonly measure: MeasureId;
  /** Median of all runs. */
  readonly seconds: number;
  readonly runs: readonly number[];
  /** Wire, erase and program times; and with the simulated processor's own. */
  readonly limitSeconds: number;
  readonly chipLimitSeconds: number;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly failure?: string;
}

export interface PeerRow {
  readonly chip: string;
  /** Undefined: each tool's own default. */
  readonly baud?: number;
  readonly latencyMs: number;
  readonly job: string;
  readonly peer: string;
  readonly seconds: number;
  /** Undefined where the peer failed: there is nothing to compare. */
  readonly ourSeconds?: number;
  readonly failure?: string;
}

/** A job over another carrier than a serial port, and over one, on the same chip. */
export interface CarrierRow {
  readonly chip: string;
  readonly baud: number;
  readonly job: string;
  readonly carrier: string;
  readonly seconds: number;
  readonly serialSeconds: number;
  /** Most that the ratio of both may be. */
  readonly limit: number;
}

/** Takes longer than it may. */
export function isSlow({ seconds: taken, serialSeconds, limit }: CarrierRow): boolean {
  return taken > limit * serialSeconds;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly platform: string;
  readonly load: readonly number[];
}

export interface Results {
  readonly startedAt: string;
  readonly command: string;
  /** In simulated time; otherwise at real pace. */
  readonly simulated: boolean;
  readonly machine: Machine;
  readonly rows: readonly Row[];
  readonly peers: readonly PeerRow[];
  readonly carriers: readonly CarrierRow[];
  readonly coach: readonly CoachRow[];
  readonly peersFound: readonly string[];
  readonly peersAbsent: readonly string[];
  readonly cpu:
    | {
        readonly wireMs: number;
        readonly planMs: number;
        readonly uf2Bytes: number;
        /** Of the monitor on a log that never pauses, in percent of a core: at 115200 and at 921600 baud, alone and with an extension that listens. */
        readonly monitor: {
          readonly slow: number;
          readonly fast: number;
          readonly slowHeard: number;
          readonly fastHeard: number;
        };
        /** What it costs to see whether a flashed application runs, in simulated ms. */
        readonly lookMs: number;
      }
    | undefined;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)];
}

function seconds(value: number): string {
  return value < 0.1 ? value.toFixed(4) : value < 10 ? value.toFixed(3) : value.toFixed(2);
}

/** Below this nothing but a question and its answer crosses the wire, and a ratio to that says nothing. */
const SHORTEST_LIMIT = 0.01;

function ratio(part: number, whole: number): string {
  return whole < SHORTEST_LIMIT ? "" : (part / whole).toFixed(3);
}

/** The same job without adapter latency, and the full write of the same combination, for the ratios between rows. */
function fellow(rows: readonly Row[], row: Row, change: Partial<Pick<Row, "latencyMs" | "measure">>): Row | undefined {
  const wanted = { ...row, ...change };
  const same = (other: Row): boolean =>
    other.chip === wanted.chip &&
    other.baud === wanted.baud &&
    other.latencyMs === wanted.latencyMs &&
    other.measure === wanted.measure &&
    other.failure === undefined;
  return rows.find(same);
}

function jobCells(row: Row, rows: readonly Row[]): string[] {
  if (row.failure !== undefined) return [TITLES[row.measure], `failed: ${row.failure}`, "", "", "", "", "", ""];
  const write = fellow(rows, row, { measure: "write" });
  const direct = row.latencyMs === 0 ? undefined : fellow(rows, row, { latencyMs: 0 });
  return [
    TITLES[row.measure],
    seconds(row.seconds),
    seconds(row.limitSeconds),
    ratio(row.seconds, row.limitSeconds),
    seconds(row.chipLimitSeconds),
    ratio(row.seconds, row.chipLimitSeconds),
    write && write !== row && row.measure !== "info" ? ratio(row.seconds, write.seconds) : "",
    direct ? ratio(row.seconds, direct.seconds) : "",
  ];
}

const JOB_HEAD = ["job", "seconds", "limit", "ratio", "limit with chip", "ratio", "of full write", "of 0 ms latency"];

function jobTables(rows: readonly Row[]): string[] {
  const key = ({ chip, baud, latencyMs }: Row): string => `${chip} ${baud} ${latencyMs}`;
  return [...new Map(rows.map((row) => [key(row), row])).values()].flatMap((first) => {
    const group = rows.filter((row) => key(row) === key(first));
    const { chip, baud, actualBaud, latencyMs } = first;
    const title = `### ${chip}, ${baud} baud (chip makes ${actualBaud}), adapter latency ${latencyMs} ms`;
    return [
      title,
      "",
      ...table(
        JOB_HEAD,
        group.map((row) => jobCells(row, rows)),
      ),
      "",
    ];
  });
}

function jobSection(rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  return [
    "`limit` is wire, erase and program time that cannot be avoided (test/bench/limits.ts); `limit with chip` adds what the",
    "simulated chip's own processor takes for fetching and hashing, an assumption and not a datasheet's figure.",
    "Seconds are from the identified chip to the result; for `info` from the first link answer.",
    "",
    "## Jobs",
    "",
    ...jobTables(rows),
  ];
}

function cpuRows({ wireMs, planMs, uf2Bytes, monitor, lookMs }: NonNullable<Results["cpu"]>): string[][] {
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  const share = (value: number): string => `${value.toFixed(2)} % of a core`;
  return [
    ["encode, decode and check 2 MiB", ms(wireMs)],
    [`parse and plan a UF2 of ${(uf2Bytes / 1e6).toFixed(2)} MB`, ms(planMs)],
    ["monitor, a log that never pauses at 115200 baud", share(monitor.slow)],
    ["the same, another extension listening", share(monitor.slowHeard)],
    ["monitor, a log that never pauses at 921600 baud", share(monitor.fast)],
    ["the same, another extension listening", share(monitor.fastHeard)],
    ["check after a flash whether the application runs", `${(lookMs / 1000).toFixed(2)} s`],
  ];
}

function peerSection({ peers, peersFound, peersAbsent }: Results): string[] {
  if (peersFound.length === 0 && peersAbsent.length === 0) return [];
  const lines = ["## Peers", ""];
  for (const name of peersAbsent) lines.push(`\`${name}\` was not found on the PATH and is not compared.`, "");
  if (peersFound.length === 0) return lines;
  lines.push("Whole command lines on the same chip, from start to exit, waiting for the power cycle included.", "");
  const cells = peers.map((row) => [
    `${row.chip}, ${row.job}`,
    row.peer,
    row.baud === undefined ? "default" : String(row.baud),
    String(row.latencyMs),
    row.failure === undefined ? seconds(row.seconds) : `failed: ${row.failure}`,
    row.ourSeconds === undefined ? "" : seconds(row.ourSeconds),
    row.failure === undefined && row.ourSeconds !== undefined ? ratio(row.ourSeconds, row.seconds) : "",
  ]);
  return [...lines, ...table(["job", "peer", "baud", "latency", "its seconds", "ours", "ratio"], cells), ""];
}

function carrierSection({ carriers }: Results): string[] {
  if (carriers.length === 0) return [];
  const cells = carriers.map((row) => [
    `${row.chip} at ${row.baud}, ${row.job}`,
    row.carrier,
    seconds(row.seconds),
    seconds(row.serialSeconds),
    ratio(row.seconds, row.serialSeconds),
    `${row.limit.toFixed(2)}${isSlow(row) ? ", exceeded" : ""}`,
  ]);
  const head = ["job", "carrier", "seconds", "over a serial port", "ratio", "at most"];
  return ["## Carriers", "", "At real pace, chip and host in one process.", "", ...table(head, cells), ""];
}

/** Half of all take longer than that, or something is never told. */
export function isLate(rows: readonly CoachRow[]): boolean {
  const times = rows.flatMap((row) => row.times.map((ms) => ms ?? Infinity));
  return times.includes(Infinity) || median(times) > COACH_LIMIT_MS;
}

function coachSection({ coach }: Results): string[] {
  if (coach.length === 0) return [];
  const cells = (name: string, times: readonly (number | undefined)[]): string[] => {
    const told = times.map((ms) => ms ?? Infinity);
    const shown = (ms: number): string => (Number.isFinite(ms) ? seconds(ms / 1000) : "never");
    return [name, shown(median(told)), shown(Math.max(...told))];
  };
  const rows = coach.map(({ state, times }) => cells(state, times));
  const all = cells(
    "all",
    coach.flatMap(({ times }) => times),
  );
  const limit = `From the opened port to what is on the wire, in simulated time; at most ${seconds(COACH_LIMIT_MS / 1000)} s for half of all.`;
  return ["## Link coach", "", limit, "", ...table(["state", "median seconds", "latest"], [...rows, all]), ""];
}

export function markdown(results: Results): string {
  const { machine, cpu } = results;
  const lines = [
    "# Bench",
    "",
    `\`${results.command}\`, ${results.startedAt}`,
    "",
    `${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}, load ${machine.load.map((value) => value.toFixed(1)).join(" ")}.`,
    results.simulated
      ? "Simulated chips in simulated time: the same on every machine, without the host's own work."
      : "Simulated chips at real pace, each in a process of its own behind a pty.",
    "",
    ...jobSection(results.rows),
    ...carrierSection(results),
    ...coachSection(results),
    ...peerSection(results),
  ];
  if (cpu)
    lines.push(
      "## Processor and checks",
      "",
      "Cold, in a fresh process; median of all runs. The check after a flash in simulated time, the same on every machine.",
      "",
      ...table(["work", "costs"], cpuRows(cpu)),
      "",
    );
  return lines.join("\n");
}

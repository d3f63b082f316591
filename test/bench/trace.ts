/**
 * Where a job's simulated time goes: what was sent when, how long until its last answer, how much of that was wire, and the sum
 * for each command. Looks at bytes as they pass and at phases as they are told; knows no job and changes nothing.
 */
import { wireTimeMs } from "../../src/core/base/timing";
import { COMMANDS } from "../../src/core/beken/protocol/commandTable";
import type { CommandName } from "../../src/core/beken/chips/types";

interface Turn {
  /** Its frames, in order. */
  readonly names: string[];
  readonly fromMs: number;
  untilMs: number;
  wireMs: number;
}

/** Head of a short request, and what makes it a long one. */
const HEAD = [0x01, 0xe0, 0xfc];
const LONG = [0xff, 0xf4];

export class Trace {
  private readonly entries: (Turn | string)[] = [];
  private turn: Turn | undefined;

  /** Bytes that cross the line at `baud`, at `atMs`: when they are handed to the port, or came from it. */
  bytes(direction: "tx" | "rx", bytes: Uint8Array, atMs: number, baud: number): void {
    if (direction === "tx") {
      const names = namesIn(bytes);
      // What is sent before anything was answered belongs together.
      if (this.turn?.untilMs !== this.turn?.fromMs || this.turn === undefined) this.open(atMs);
      this.turn?.names.push(...names);
    }
    if (!this.turn) return;
    this.turn.wireMs += wireTimeMs(bytes.length, baud);
    if (direction === "rx") this.turn.untilMs = atMs;
  }

  event(what: string): void {
    this.turn = undefined;
    this.entries.push(what);
  }

  private open(atMs: number): void {
    this.turn = { names: [], fromMs: atMs, untilMs: atMs, wireMs: 0 };
    this.entries.push(this.turn);
  }

  /** One line for each turn: start, time to the last answer, of which wire, all in ms, and then the sums. */
  toString(): string {
    const turns = this.entries.filter((entry) => typeof entry !== "string");
    const lines = this.entries.map((entry) =>
      typeof entry === "string"
        ? `-- ${entry}`
        : `${cells(entry.fromMs, tookMs(entry), entry.wireMs)}  ${counted(entry)}`,
    );
    const sums = new Map<string, { count: number; ms: number; wireMs: number }>();
    for (const turn of turns) {
      const name = turn.names[0]?.split(" ")[0] ?? "other bytes";
      const { count, ms, wireMs } = sums.get(name) ?? { count: 0, ms: 0, wireMs: 0 };
      sums.set(name, { count: count + 1, ms: ms + tookMs(turn), wireMs: wireMs + turn.wireMs });
    }
    const totals = [...sums].map(([name, { count, ms, wireMs }]) => `${cells(count, ms, wireMs)}  ${name}`);
    return [...lines, "-- turns, ms, of which wire", ...totals, ""].join("\n");
  }
}

function tookMs({ fromMs, untilMs }: Turn): number {
  return untilMs - fromMs;
}

function cells(...values: readonly number[]): string {
  return values.map((value) => (Number.isInteger(value) ? String(value) : value.toFixed(2)).padStart(10)).join("");
}

/** Frames of a turn, equal ones that follow each other as one. */
function counted({ names }: Turn): string {
  const runs: { name: string; count: number }[] = [];
  for (const name of names) {
    const last = runs.at(-1);
    if (last?.name === name) last.count++;
    else runs.push({ name, count: 1 });
  }
  return runs.map(({ name, count }) => (count > 1 ? `${count} x ${name}` : name)).join(", ");
}

function namesIn(bytes: Uint8Array): string[] {
  const names: string[] = [];
  for (let at = 0; HEAD.every((byte, i) => bytes[at + i] === byte);) {
    const long = LONG.every((byte, i) => bytes[at + 3 + i] === byte);
    const code = at + (long ? 7 : 4);
    const length = long ? (bytes[at + 5] ?? 0) | ((bytes[at + 6] ?? 0) << 8) : (bytes[at + 3] ?? 0);
    names.push([nameOf(bytes[code] ?? 0, long), ...argumentsOf(bytes.subarray(code + 1, code + length))].join(" "));
    at = code + length;
  }
  return names;
}

function nameOf(code: number, long: boolean): string {
  const names = Object.keys(COMMANDS) as CommandName[];
  return names.find((name) => COMMANDS[name].code === code && (COMMANDS[name].form === "long") === long) ?? "unknown";
}

function argumentsOf(payload: Uint8Array): string[] {
  const shown = Buffer.from(payload.subarray(0, 9)).toString("hex");
  return shown === "" ? [] : [shown];
}

/**
 * What gets a chip to answer without a person, in the order in which it is tried: filler for one that waits already, ways to reset it,
 * rates at which it may have been left. Knows the link, not what is done with it.
 */
import { ascii, concat } from "../../base/bytes";
import { TIMING, wireTimeMs, type Clock } from "../../base/timing";
import { words, type Words } from "../../base/words";
import type { LineState } from "../../driver/lineMemory";
import {
  asksBridge,
  asksFirmware,
  holdsLong,
  linesLeft,
  runReset,
  usesLines,
  type ResetPort,
  type ResetStrategy,
} from "../../transport/resetStrategies";
import type { ControlLines, Transport } from "../../transport/transport";
import { encodeRequest } from "../protocol/commandTable";
import { START_BAUD, type BootLink } from "../protocol/link";
import { LEFT_BY_UNKNOWN } from "../protocol/resyncFiller";
import type { LinkedBy, Ways } from "./resetLearner";
import type { WireWatch } from "./wireWatch";

export interface LinkingOptions {
  readonly link: BootLink;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Whether to reset the chip by itself, by whatever way there is. */
  readonly autoReset: boolean;
  /** Those ways. */
  readonly ways: Ways;
  /** Told how the lines are set. */
  readonly watch?: WireWatch;
  /** For the first link of a session: how the last session left the line, as far as that is known. */
  readonly opening?: { readonly left: LineState | undefined };
  /** Rates at which the chip may still be: it was linked, and nothing has reset it. */
  readonly mayBeAt?: readonly number[];
  /** Only a chip that has just started counts: the one that is there is at another rate, and is not looked for. */
  readonly restarted?: boolean;
}

/** One way to get the chip to answer without a person. */
export interface Approach {
  readonly name: Words;
  readonly listenMs: number;
  /** A chip that answers after it has started anew. */
  readonly resets: boolean;
  /** Where it is one of those. */
  readonly reset?: ResetStrategy;
  /** Whether this connection can do it, and the person lets it. */
  applies(options: LinkingOptions): boolean;
  /** @returns the lines with which the chip has answered before this was over; undefined where it has not */
  start(link: BootLink, options: LinkingOptions, signal: AbortSignal): Promise<ControlLines | undefined>;
}

/** What OpenBeken's command line takes. */
export const REBOOT_TEXT = ascii("\r\nreboot\r\n");
export const RELEASED: ControlLines = { dtr: false, rts: false };

/** Resets the chip as one row of the table says. */
export function byReset(strategy: ResetStrategy): Approach {
  return {
    name: strategy.name,
    listenMs: strategy.listenMs,
    resets: true,
    reset: strategy,
    applies: ({ link: { transport }, autoReset }) => autoReset && whyNot(strategy, transport) === undefined,
    start: (link, options, signal) => runReset(strategy, portOf(link, options, signal)),
  };
}

/** What a port has not that this reset needs; undefined where it has all of it. */
export function whyNot(strategy: ResetStrategy, { can, resetByCommand }: Transport): Words | undefined {
  if (usesLines(strategy) && !can.controlLines) return words`this port has no control lines`;
  if (asksBridge(strategy) && !resetByCommand) return words`the port's address names no command behind ?reset=`;
  return undefined;
}

export async function setLines(lines: ControlLines, { link, clock, watch }: LinkingOptions): Promise<void> {
  await link.transport.setControlLines(lines);
  watch?.lines(lines, clock.now());
}

/** Firmware that listens on this UART is asked by OpenBeken's command line, and by the loader's own reboot packet. */
function portOf(link: BootLink, options: LinkingOptions, signal: AbortSignal): ResetPort {
  const { clock, mayBeAt = [] } = options;
  /** Link checks flow all the while: a chip that is let go listens for a few ms only. */
  const call = async (goesOn: () => boolean): Promise<boolean> => {
    while (goesOn()) if (await link.probe(burstFrames(link), signal)) return true;
    return false;
  };
  return {
    setControlLines: (lines) => setLines(lines, options),
    wait: (ms) => {
      const until = clock.now() + ms;
      return call(() => clock.now() < until);
    },
    askFirmware: () => {
      // A chip that was linked and stands still may be in its loader yet, which the packet would send on to the application.
      const packet = mayBeAt.length === 0 ? encodeRequest("reboot", {}) : new Uint8Array(0);
      return link.sendRaw(concat(REBOOT_TEXT, packet), signal);
    },
    askBridge: async () => {
      let underWay = true;
      const asked = Promise.resolve(link.transport.resetByCommand?.(signal)).finally(() => (underWay = false));
      const [answered] = await Promise.all([call(() => underWay), asked]);
      return answered;
    },
  };
}

/** More than the rest of any frame but a write, whose data the link checks behind it may complete. */
const FILLER_BYTES = 16;
export const FILLER_BYTES_ELSEWHERE = 64;

/** A tool that was stopped half way leaves the chip linked at the speed it had chosen. */
function atSpeed(baud: number, filler: number): Approach {
  return {
    name: words`link left at ${baud} baud`,
    listenMs: 60,
    resets: false,
    applies: ({ link }) => link.transport.can.baudRate,
    async start(link, _options, signal) {
      await link.setHostBaud(baud);
      // The tool that chose this speed may have been stopped in the middle of a frame: filler completes it harmlessly.
      await link.sendRaw(new Uint8Array(FILLER_BYTES_ELSEWHERE).fill(filler), signal);
      return undefined;
    },
  };
}

/** A chip that waits already, perhaps for the rest of a frame: then the first link check would become that rest. */
const WAITING: Approach = {
  name: words`already waiting`,
  listenMs: TIMING.firstListenMs,
  resets: false,
  applies: () => true,
  async start(link, { opening }, signal) {
    if (!opening) return undefined;
    const { left } = opening;
    const filler = left && !isElsewhere(left, link) ? left.filler : LEFT_BY_UNKNOWN;
    await link.sendRaw(new Uint8Array(FILLER_BYTES).fill(filler), signal);
    return undefined;
  },
};

function isElsewhere({ baudRate }: LineState, link: BootLink): boolean {
  return link.transport.can.baudRate && baudRate !== START_BAUD;
}

/** What is tried, each in its turn: after a first listen for a chip that waits already all that may help; then, beside a person, the rest. */
export class Attempts {
  /** All that may well help was tried, or there is nothing. */
  needsPerson = false;
  /** What an answer is owed to. */
  by: Pick<Approach, "name" | "resets" | "reset"> = WAITING;
  /** Resets that did not help. */
  readonly missed: ResetStrategy[] = [];
  private readonly first: Approach[];
  private readonly beside: Approach[];
  private readonly again: readonly Approach[];
  private nextAt = 0;

  constructor(private readonly options: LinkingOptions) {
    const { link, opening, restarted, ways } = options;
    const left = opening?.left;
    // At the lower rate filler would be other bytes to a chip at the higher one, so that one comes first.
    const there = left && isElsewhere(left, link) ? [atSpeed(left.baudRate, left.filler)] : [];
    const usable = (approaches: readonly Approach[]): Approach[] =>
      approaches.filter((approach) => approach.applies(options));
    const resets = (rows: readonly ResetStrategy[]): Approach[] =>
      usable(rows.filter((reset) => restarted !== true || !asksFirmware(reset)).map(byReset));
    const first = resets(ways.first);
    const beside = resets(ways.beside);
    // Whoever cuts the power now, and holds the chip with released lines, needs them asserted meanwhile.
    const resting = first.filter(({ reset }) => reset !== undefined && leavesAsserted(reset)).slice(0, 1);
    this.first = [...there, WAITING, ...first, ...(restarted === true ? [] : usable(ELSEWHERE))];
    this.beside = [...beside, ...resting];
    this.again = [...beside.filter(({ reset }) => reset !== undefined && !holdsLong(reset)), ...first.reverse()].filter(
      ({ reset }) => reset !== undefined && usesLines(reset),
    );
  }

  isDue(elapsedMs: number): boolean {
    return elapsedMs >= this.nextAt;
  }

  /** The one whose turn it is; undefined where there is none. The one before did not help. */
  next(elapsedMs: number): Approach | undefined {
    const { reset } = this.by;
    if (reset && !this.missed.includes(reset)) this.missed.push(reset);
    const approach = this.first.shift();
    if (approach) return approach;
    this.needsPerson = true;
    this.by = POWER_CYCLE;
    if (this.beside.length === 0) {
      this.beside.push(...this.again);
      this.nextAt = elapsedMs + TIMING.resetAgainEveryMs;
      return undefined;
    }
    return this.beside.shift();
  }

  begun(approach: Approach, elapsedMs: number): void {
    this.by = approach;
    this.nextAt = elapsedMs + approach.listenMs + this.options.link.patienceMs;
  }

  linked(by: Pick<Approach, "name" | "reset">): LinkedBy {
    const missed = this.missed.filter((reset) => reset !== by.reset);
    return { reset: by.reset, missed, besidePerson: this.needsPerson };
  }
}

const POWER_CYCLE: Pick<Approach, "name" | "resets"> = { name: words`power cycle`, resets: true };

export function leavesAsserted(strategy: ResetStrategy): boolean {
  const { dtr, rts } = linesLeft(strategy);
  return dtr || rts;
}

/** The last is what 3000000 comes out as: the nearest that 26 MHz divided by a whole number gives. */
const ELSEWHERE: readonly Approach[] = [921_600, 460_800, 230_400, 1_500_000, 2_000_000, 1_000_000, 2_888_889].map(
  (baud) => atSpeed(baud, LEFT_BY_UNKNOWN),
);

/** Enough checks to keep the wire busy until the next burst: about two probe intervals' worth. */
export function burstFrames(link: BootLink): number {
  return Math.max(2, Math.ceil((2 * TIMING.linkProbeEveryMs) / wireTimeMs(5, link.floodBaud)));
}

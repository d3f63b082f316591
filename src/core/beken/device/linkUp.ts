/**
 * Getting a chip to answer: link checks flow from the moment the port is open, and while they flow every way to reset
 * the chip is tried in turn, none of which a person has to choose. It knows the link, not what is done with it.
 *
 * Loaders leave for the application after a few ms without a byte, so the checks are sent back to back; any byte, even
 * garbage, keeps them waiting for 0.8 s (docs/protocol.md, "Link window").
 */
import { LinkError, isFlasherError, type FlasherErrorCode } from "../../base/errors";
import { ascii, concat } from "../../base/bytes";
import { TIMING, throwIfAborted, wireTimeMs, type Clock } from "../../base/timing";
import { english, words, type Words } from "../../base/words";
import { START_BAUD, type BootLink } from "../protocol/link";
import { encodeRequest } from "../protocol/commandTable";
import { LEFT_BY_UNKNOWN } from "../protocol/resyncFiller";
import {
  asksBridge,
  asksFirmware,
  heldBy,
  runReset,
  usesLines,
  type ResetPort,
  type ResetStrategy,
} from "../../transport/resetStrategies";
import type { ControlLines } from "../../transport/transport";
import type { Steps, WireState } from "../../driver/driverEvents";
import { note } from "../../driver/jobContext";
import type { LineState } from "../../driver/lineMemory";
import type { LinkedBy, Ways } from "./resetLearner";

export interface LinkingOptions {
  readonly link: BootLink;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Whether to reset the chip by itself, by whatever way there is. */
  readonly autoReset: boolean;
  /** Those ways. */
  readonly ways: Ways;
  /** For the first link of a session: how the last session left the line, as far as that is known. */
  readonly opening?: { readonly left: LineState | undefined };
  /** Rates at which the chip may still be: it was linked, and nothing has reset it. */
  readonly mayBeAt?: readonly number[];
  /** Only a chip that has just started counts: the one that is there is at another rate, and is not looked for. */
  readonly restarted?: boolean;
}

/** How a link came about. */
export interface Linked extends LinkedBy {
  /** Of the host's side. */
  readonly baudRate: number;
  /** By a reset: through a control line, by the firmware on request, by a person who power-cycled it. */
  readonly restarted: boolean;
}

/** One way to get the chip to answer without a person. */
interface Approach {
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
const REBOOT_TEXT = ascii("\r\nreboot\r\n");
const RELEASED: ControlLines = { dtr: false, rts: false };

/** Resets the chip as one row of the table says. */
function byReset(strategy: ResetStrategy): Approach {
  return {
    name: strategy.name,
    listenMs: strategy.listenMs,
    resets: true,
    reset: strategy,
    applies: ({ link: { transport }, autoReset }) =>
      autoReset &&
      (!usesLines(strategy) || transport.can.controlLines) &&
      (!asksBridge(strategy) || transport.resetByCommand !== undefined),
    start: (link, options, signal) => runReset(strategy, portOf(link, options, signal)),
  };
}

/** Firmware that listens on this UART is asked by OpenBeken's command line, and by the loader's own reboot packet. */
function portOf(link: BootLink, { clock, mayBeAt = [] }: LinkingOptions, signal: AbortSignal): ResetPort {
  /** Link checks flow all the while: a chip that is let go listens for a few ms only. */
  const call = async (goesOn: () => boolean): Promise<boolean> => {
    while (goesOn()) if (await link.probe(burstFrames(link), signal)) return true;
    return false;
  };
  return {
    setControlLines: (lines) => link.transport.setControlLines(lines),
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
const FILLER_BYTES_ELSEWHERE = 64;

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
class Attempts {
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

  constructor(options: LinkingOptions) {
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
    this.again = [...beside, ...first.reverse()].filter(({ reset }) => reset !== undefined && usesLines(reset));
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
    this.nextAt = elapsedMs + approach.listenMs;
  }

  linked(by: Pick<Approach, "name" | "reset">): LinkedBy {
    return { reset: by.reset, missed: this.missed.filter((reset) => reset !== by.reset) };
  }
}

const POWER_CYCLE: Pick<Approach, "name" | "resets"> = { name: words`power cycle`, resets: true };

function leavesAsserted({ steps }: ResetStrategy): boolean {
  const last = steps.findLast((step) => "lines" in step);
  return last !== undefined && (last.lines.dtr || last.lines.rts);
}

/** The last is what 3000000 comes out as: the nearest that 26 MHz divided by a whole number gives. */
const ELSEWHERE: readonly Approach[] = [921_600, 460_800, 230_400, 1_500_000, 2_000_000, 1_000_000, 2_888_889].map(
  (baud) => atSpeed(baud, LEFT_BY_UNKNOWN),
);

/**
 * Links, or fails with what the wire showed.
 * @throws LinkError `no-link-silence`, `no-link-echo`, `no-link-noise`
 * @throws TransportError `port-lost`
 * @throws CancelledError on abort, within one probe
 */
export async function* linkUp(options: LinkingOptions, signal: AbortSignal): Steps<Linked> {
  const { link, clock, timeoutMs, autoReset, restarted, ways } = options;
  const whereItWas = new WhereItWas(options);
  const attempts = new Attempts(options);
  const started = clock.now();
  const elapsed = (): number => clock.now() - started;
  let told = -Infinity;
  let lastRequest: number | undefined;
  const asksAgain = autoReset && restarted !== true && ways.first.some(asksFirmware);
  link.forgetEvidence();

  while (elapsed() < timeoutMs) {
    throwIfAborted(signal, words`wait for the chip`);
    let answered = false;
    if (attempts.isDue(elapsed())) {
      const approach = attempts.next(elapsed());
      if (link.transport.can.baudRate && link.baudRate !== START_BAUD) await link.setHostBaud(START_BAUD);
      if (approach) answered = yield* tryIt(approach, attempts, elapsed, options, signal);
    }
    const found = answered ? undefined : await whereItWas.look(elapsed(), signal);
    if (answered || found !== undefined || (await link.probe(burstFrames(link), signal))) {
      await link.settle(signal);
      const by = found === undefined ? attempts.by : { name: words`link left at ${found} baud`, resets: false };
      const { reset, missed } = attempts.linked(by);
      yield {
        type: "linked",
        afterMs: elapsed(),
        by: english(by.name),
        ...(reset && { reset: reset.id }),
        ...(missed.length > 0 && { missed: missed.map(({ id }) => id) }),
      };
      return { baudRate: link.baudRate, restarted: by.resets, reset, missed };
    }
    if (attempts.needsPerson) lastRequest ??= elapsed();
    if (lastRequest !== undefined && asksAgain && elapsed() - lastRequest >= TIMING.rebootRequestEveryMs) {
      // The application may have come up only now, after a power cycle that missed the link window. Text only: the
      // packet would send some loaders, caught at this very moment, on to the application.
      lastRequest = elapsed();
      await link.sendRaw(REBOOT_TEXT, signal);
    }
    if (elapsed() - told >= TIMING.linkingToldEveryMs) {
      told = elapsed();
      yield {
        type: "linking",
        elapsedMs: elapsed(),
        limitMs: timeoutMs,
        wire: wireState(link),
        bytesSeen: link.evidence.bytesSeen,
        needsPerson: attempts.needsPerson,
      };
    }
  }
  throw noLink(link, timeoutMs);
}

/** @returns whether the chip answers by now */
async function* tryIt(
  approach: Approach,
  attempts: Attempts,
  elapsed: () => number,
  options: LinkingOptions,
  signal: AbortSignal,
): Steps<boolean> {
  const lines = yield* begin(approach, options, signal);
  if (lines === "impossible") return false;
  attempts.begun(approach, elapsed());
  if (lines === "begun") return false;
  const { reset } = approach;
  if (!reset || leavesAsserted(reset) || !(lines.dtr || lines.rts)) return true;
  const held = await answersOnlyWith(lines, options, signal);
  if (held === undefined) return false;
  const row = held ? heldBy(lines) : undefined;
  if (row) {
    attempts.begun(byReset(row), elapsed());
    yield note("info", "reset-line-held", { detail: lines.dtr && lines.rts ? "RTS, DTR" : lines.rts ? "RTS" : "DTR" });
  }
  return true;
}

/**
 * A chip that answers while a line is asserted: whether it is held in reset while that is released. Leaves the lines so that it runs.
 * @returns undefined where it answers with neither, after all
 */
async function answersOnlyWith(
  lines: ControlLines,
  { link, clock }: LinkingOptions,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const { transport } = link;
  const answersWithin = async (ms: number): Promise<boolean> => {
    const until = clock.now() + ms;
    while (clock.now() < until) if (await link.probe(burstFrames(link), signal)) return true;
    return false;
  };
  await transport.setControlLines(RELEASED);
  // What was answered before is on its way yet.
  await link.settle(signal);
  if (await answersWithin(TIMING.heldShownMs)) return false;
  try {
    await transport.setControlLines(lines);
    if (await answersWithin(TIMING.resetListenMs)) return true;
  } catch (error) {
    await transport.setControlLines(RELEASED);
    throw error;
  }
  await transport.setControlLines(RELEASED);
  return undefined;
}

/** One look in so many waits for as many answers, one after the other. */
const LONG_LOOK = 4;

/**
 * A chip, or the line to it, that stands still for a while is at the rate it was at when it comes back. So that rate is tried
 * again and again, for a moment each, while link checks flow at the one that a reset chip has.
 */
class WhereItWas {
  private nextAt: number = TIMING.firstListenMs;
  private readonly rates: readonly number[];
  private turn = 0;

  constructor(private readonly options: LinkingOptions) {
    const { link, mayBeAt = [], restarted } = options;
    this.rates = link.transport.can.baudRate && restarted !== true ? mayBeAt.filter((rate) => rate !== START_BAUD) : [];
  }

  /** @returns the rate at which the chip has answered, and the host's side is then; undefined where it was not, and is not */
  async look(elapsedMs: number, signal: AbortSignal): Promise<number | undefined> {
    if (this.rates.length === 0 || elapsedMs < this.nextAt) return undefined;
    const { link, clock } = this.options;
    const { whereItWasEveryMs, whereItWasRarelyMs, whereItWasLongMs, whereItWasListenMs } = TIMING;
    this.nextAt = elapsedMs + (elapsedMs < whereItWasLongMs ? whereItWasEveryMs : whereItWasRarelyMs);
    const rate = this.rates[this.turn++ % this.rates.length] as number;
    const { baudRate: before } = link;
    try {
      await link.setHostBaud(rate);
    } catch (error) {
      if (!isFlasherError(error) || error.code !== "baud-change-failed") throw error;
      return undefined;
    }
    await link.sendRaw(new Uint8Array(FILLER_BYTES_ELSEWHERE).fill(link.filler), signal);
    const until = clock.now() + whereItWasListenMs;
    do if (await link.probe(2, signal)) return rate;
    while (clock.now() < until);
    // What was sent while the line stood still may be on its way yet, and this behind it.
    for (let checks = 0; this.turn % LONG_LOOK === 0 && checks < LONG_LOOK; checks++)
      if (await link.isLinked(signal)) return rate;
    await link.setHostBaud(before);
    return undefined;
  }
}

/** What a bridge or adapter that cannot do it says. */
const CANNOT: ReadonlySet<FlasherErrorCode> = new Set(["command-unsupported", "host-unreachable"]);

/**
 * `impossible` when the adapter turns out not to be able to do it; with a note, but for a rate that its driver does not know.
 * @returns else the lines with which the chip has answered before it was over, or `begun`
 */
async function* begin(
  approach: Approach,
  options: LinkingOptions,
  signal: AbortSignal,
): Steps<ControlLines | "begun" | "impossible"> {
  try {
    return (await approach.start(options.link, options, signal)) ?? "begun";
  } catch (error) {
    if (isFlasherError(error) && error.code === "baud-change-failed") return "impossible";
    if (!isFlasherError(error) || !CANNOT.has(error.code)) throw error;
    yield note("warning", "control-lines-unavailable", { detail: approach.name });
    return "impossible";
  }
}

/** Enough checks to keep the wire busy until the next burst: about two probe intervals' worth. */
function burstFrames(link: BootLink): number {
  return Math.max(2, Math.ceil((2 * TIMING.linkProbeEveryMs) / wireTimeMs(5, link.baudRate)));
}

export function wireState(link: BootLink): WireState {
  const { bytesSeen, echoes, lastText } = link.evidence;
  if (bytesSeen === 0) return "silence";
  if (echoes > 0) return "echo";
  return /[\x20-\x7e]{8}/.test(lastText) ? "log-text" : "noise";
}

function noLink(link: BootLink, timeoutMs: number): LinkError {
  const wire = wireState(link);
  const { bytesSeen, lastText } = link.evidence;
  const code = wire === "silence" ? "no-link-silence" : wire === "echo" ? "no-link-echo" : "no-link-noise";
  return new LinkError(code, words`link with the chip`, {
    port: link.transport.label,
    bytesSeen,
    detail: words`${Math.round(timeoutMs / 1000)} s of link checks, ${bytesSeen} bytes seen`,
    ...(wire === "log-text" ? { actual: lastText.slice(-80) } : {}),
  });
}

/**
 * Getting a chip to answer: link checks flow from the moment the port is open, and while they flow every way to reset
 * the chip is tried in turn, none of which a person has to choose. It knows the link, not what is done with it.
 *
 * Loaders leave for the application after a few ms without a byte, so the checks are sent back to back; any byte, even
 * garbage, keeps them waiting for 0.8 s (docs/protocol.md, "Link window").
 */
import { LinkError, isFlasherError } from "../../base/errors";
import { ascii, concat } from "../../base/bytes";
import { TIMING, throwIfAborted, wireTimeMs, type Clock } from "../../base/timing";
import { english, words, type Words } from "../../base/words";
import { START_BAUD, type BootLink } from "../protocol/link";
import { encodeRequest } from "../protocol/commandTable";
import { LEFT_BY_UNKNOWN } from "../protocol/resyncFiller";
import {
  RESET_STRATEGIES,
  asksFirmware,
  runReset,
  usesLines,
  type ResetPort,
  type ResetStrategy,
} from "../../transport/resetStrategies";
import type { Steps, WireState } from "../../driver/driverEvents";
import { note } from "../../driver/jobContext";
import type { LineState } from "../../driver/lineMemory";

export interface LinkingOptions {
  readonly link: BootLink;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Whether to reset the chip by itself, by whatever way there is. */
  readonly autoReset: boolean;
  /** Those ways, in order; all of the table where left out. */
  readonly resets?: readonly ResetStrategy[] | undefined;
  /** For the first link of a session: how the last session left the line, as far as that is known. */
  readonly opening?: { readonly left: LineState | undefined };
  /** Rates at which the chip may still be: it was linked, and nothing has reset it. */
  readonly mayBeAt?: readonly number[];
  /** Only a chip that has just started counts: the one that is there is at another rate, and is not looked for. */
  readonly restarted?: boolean;
}

/** How a link came about. */
export interface Linked {
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
  /** Whether this connection can do it, and the person lets it. */
  applies(options: LinkingOptions): boolean;
  start(link: BootLink, options: LinkingOptions, signal: AbortSignal): Promise<void>;
}

/** What OpenBeken's command line takes. */
const REBOOT_TEXT = ascii("\r\nreboot\r\n");

/** Resets the chip as one row of the table says. */
function byReset(strategy: ResetStrategy): Approach {
  return {
    name: strategy.name,
    listenMs: strategy.listenMs,
    resets: true,
    applies: ({ link, autoReset }) => autoReset && (!usesLines(strategy) || link.transport.can.controlLines),
    start: (link, options, signal) => runReset(strategy, portOf(link, options, signal)),
  };
}

/** Firmware that listens on this UART is asked by OpenBeken's command line, and by the loader's own reboot packet. */
function portOf(link: BootLink, { clock, mayBeAt = [] }: LinkingOptions, signal: AbortSignal): ResetPort {
  return {
    setControlLines: (lines) => link.transport.setControlLines(lines),
    wait: (ms) => clock.sleep(ms, signal),
    askFirmware: () => {
      // A chip that was linked and stands still may be in its loader yet, which the packet would send on to the application.
      const packet = mayBeAt.length === 0 ? encodeRequest("reboot", {}) : new Uint8Array(0);
      return link.sendRaw(concat(REBOOT_TEXT, packet), signal);
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
    if (!opening) return;
    const { left } = opening;
    const filler = left && !isElsewhere(left, link) ? left.filler : LEFT_BY_UNKNOWN;
    await link.sendRaw(new Uint8Array(FILLER_BYTES).fill(filler), signal);
  },
};

function isElsewhere({ baudRate }: LineState, link: BootLink): boolean {
  return link.transport.can.baudRate && baudRate !== START_BAUD;
}

/** What is tried in order, after a first listen for a chip that waits already. */
function approachesFor(options: LinkingOptions): Approach[] {
  const { link, opening, restarted, resets = RESET_STRATEGIES } = options;
  const left = opening?.left;
  // At the lower rate filler would be other bytes to a chip at the higher one, so that one comes first.
  const there = left && isElsewhere(left, link) ? [atSpeed(left.baudRate, left.filler)] : [];
  const ways = restarted === true ? resets.filter((reset) => !asksFirmware(reset)) : resets;
  const tried = [...ways.map(byReset), ...(restarted === true ? [] : ELSEWHERE)];
  return [...there, WAITING, ...tried.filter((approach) => approach.applies(options))];
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
  const { link, clock, timeoutMs } = options;
  const whereItWas = new WhereItWas(options);
  const started = clock.now();
  const elapsed = (): number => clock.now() - started;
  let told = -Infinity;
  let lastRequest = 0;
  const approaches = approachesFor(options);
  let nextAt = 0;
  let by = WAITING.name;
  let resets = false;
  let needsPerson = false;
  const { autoReset, restarted, resets: rows = RESET_STRATEGIES } = options;
  const asksAgain = autoReset && restarted !== true && rows.some(asksFirmware);
  link.forgetEvidence();

  while (elapsed() < timeoutMs) {
    throwIfAborted(signal, words`wait for the chip`);
    if (!needsPerson && elapsed() >= nextAt) {
      const approach = approaches.shift();
      if (link.transport.can.baudRate && link.baudRate !== START_BAUD) await link.setHostBaud(START_BAUD);
      if (approach && (yield* begin(approach, options, signal))) {
        by = approach.name;
        resets = approach.resets;
        nextAt = elapsed() + approach.listenMs;
      } else if (!approach) {
        by = words`power cycle`;
        resets = true;
        needsPerson = true;
        lastRequest = elapsed();
      }
    }
    const found = await whereItWas.look(elapsed(), signal);
    if (found !== undefined || (await link.probe(burstFrames(link), signal))) {
      await link.settle(signal);
      if (found !== undefined) by = words`link left at ${found} baud`;
      yield { type: "linked", afterMs: elapsed(), by: english(by) };
      return { baudRate: link.baudRate, restarted: found === undefined && resets };
    }
    if (needsPerson && asksAgain && elapsed() - lastRequest >= TIMING.rebootRequestEveryMs) {
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
        needsPerson,
      };
    }
  }
  throw noLink(link, timeoutMs);
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

/** False when the adapter turns out not to be able to do it; with a note, but for a rate that its driver does not know. */
async function* begin(approach: Approach, options: LinkingOptions, signal: AbortSignal): Steps<boolean> {
  try {
    await approach.start(options.link, options, signal);
    return true;
  } catch (error) {
    if (isFlasherError(error) && error.code === "baud-change-failed") return false;
    if (!isFlasherError(error) || error.code !== "command-unsupported") throw error;
    yield note("warning", "control-lines-unavailable", { detail: approach.name });
    return false;
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

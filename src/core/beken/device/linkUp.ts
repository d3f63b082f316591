/**
 * Getting a chip to answer: link checks flow from the moment the port is open, and while they flow every way to reset
 * the chip is tried in turn, none of which a person has to choose. It knows the link, not what is done with it.
 *
 * Loaders leave for the application after a few ms without a byte, so the checks are sent back to back; any byte, even
 * garbage, keeps them waiting for 0.8 s (docs/protocol.md, "Link window").
 */
import { LinkError, isFlasherError, type FlasherErrorCode } from "../../base/errors";
import { TIMING, throwIfAborted } from "../../base/timing";
import { english, words } from "../../base/words";
import { START_BAUD, type BootLink } from "../protocol/link";
import { asksFirmware, heldBy, letGoBy } from "../../transport/resetStrategies";
import type { ControlLines } from "../../transport/transport";
import type { LinkReading, Steps, WireState } from "../../driver/driverEvents";
import { note } from "../../driver/jobContext";
import {
  Attempts,
  FILLER_BYTES_ELSEWHERE,
  REBOOT_TEXT,
  RELEASED,
  burstFrames,
  byReset,
  leavesAsserted,
  setLines,
  type Approach,
  type LinkingOptions,
} from "./attempts";
import type { LinkedBy } from "./resetLearner";
import { WireWatch } from "./wireWatch";

/** How a link came about. */
export interface Linked extends LinkedBy {
  /** Of the host's side. */
  readonly baudRate: number;
  /** By a reset: through a control line, by the firmware on request, by a person who power-cycled it. */
  readonly restarted: boolean;
}

/**
 * Links, or fails with what the wire showed.
 * @throws LinkError `no-link-silence`, `no-link-echo`, `no-link-noise`
 * @throws TransportError `port-lost`
 * @throws CancelledError on abort, within one probe
 */
export async function* linkUp(given: LinkingOptions, signal: AbortSignal): Steps<Linked> {
  const watch = new WireWatch(() => given.link.patienceMs);
  given.link.observe(watch);
  try {
    return yield* untilLinked({ ...given, watch }, watch, signal);
  } finally {
    given.link.observe(undefined);
  }
}

async function* untilLinked(options: LinkingOptions, watch: WireWatch, signal: AbortSignal): Steps<Linked> {
  const { link, clock, timeoutMs, autoReset, restarted, ways } = options;
  const whereItWas = new WhereItWas(options);
  const attempts = new Attempts(options);
  const started = clock.now();
  const elapsed = (): number => clock.now() - started;
  let told = -Infinity;
  let lastRequest: number | undefined;
  const asksAgain = autoReset && restarted !== true && ways.first.some(asksFirmware);
  link.forgetEvidence();
  watch.lines(RELEASED, started);

  while (elapsed() < timeoutMs) {
    throwIfAborted(signal, words`wait for the chip`);
    let answered = false;
    if (attempts.isDue(elapsed())) {
      const approach = attempts.next(elapsed());
      if (link.transport.can.baudRate && link.baudRate !== START_BAUD) await link.setHostBaud(START_BAUD);
      if (approach) answered = yield* tryIt(approach, attempts, elapsed, options, signal);
    }
    // Another rate would drop what a network has on its way.
    if (!answered && whereItWas.isDue(elapsed())) answered = await link.answersLate(signal);
    const found = answered ? undefined : await whereItWas.look(elapsed(), signal);
    if (answered || found !== undefined || (await link.probe(burstFrames(link), signal))) {
      await link.settle(signal);
      const by = found === undefined ? attempts.by : { name: words`link left at ${found} baud`, resets: false };
      const { reset, missed, besidePerson } = attempts.linked(by);
      yield {
        type: "linked",
        afterMs: elapsed(),
        by: english(by.name),
        ...(reset && { reset: reset.id }),
        ...(missed.length > 0 && { missed: missed.map(({ id }) => id) }),
      };
      return { baudRate: link.baudRate, restarted: by.resets, reset, missed, besidePerson };
    }
    if (attempts.needsPerson) lastRequest ??= elapsed();
    if (lastRequest !== undefined && asksAgain && elapsed() - lastRequest >= TIMING.rebootRequestEveryMs) {
      // The application may have come up only now, after a power cycle that missed the link window. Text only: the
      // packet would send some loaders, caught at this very moment, on to the application.
      lastRequest = elapsed();
      await link.sendRaw(REBOOT_TEXT, signal);
    }
    if (watch.needsQuiet) await link.listen(TIMING.quietListenMs, signal);
    if (elapsed() - told >= TIMING.linkingToldEveryMs) {
      told = elapsed();
      yield {
        type: "linking",
        elapsedMs: elapsed(),
        limitMs: timeoutMs,
        needsPerson: attempts.needsPerson,
        ...watch.reading(link.evidence),
      };
    }
  }
  throw noLink(link, watch.reading(link.evidence), timeoutMs);
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
  const isReleased = !(lines.dtr || lines.rts);
  // Wires were changed, or it is another board: asserted for good, the line would hold this chip in reset.
  const plain = reset && isReleased ? letGoBy(reset) : undefined;
  if (plain) attempts.begun(byReset(plain), elapsed());
  if (!reset || leavesAsserted(reset) || isReleased) return true;
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
  options: LinkingOptions,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const { link, clock } = options;
  const answersWithin = async (ms: number): Promise<boolean> => {
    const until = clock.now() + ms + link.patienceMs;
    while (clock.now() < until) if (await link.probe(burstFrames(link), signal)) return true;
    return false;
  };
  await setLines(RELEASED, options);
  // What was answered before is on its way yet.
  await link.settle(signal);
  if (await answersWithin(TIMING.heldShownMs)) return false;
  try {
    await setLines(lines, options);
    if (await answersWithin(TIMING.resetListenMs)) return true;
  } catch (error) {
    await setLines(RELEASED, options);
    throw error;
  }
  await setLines(RELEASED, options);
  return undefined;
}

/** One look in so many waits for as many answers, one after the other. */
const LONG_LOOK = 4;
/** After a look, at least so many times as long as it took is without one. */
const LOOKS_REST = 4;

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

  isDue(elapsedMs: number): boolean {
    return this.rates.length > 0 && elapsedMs >= this.nextAt;
  }

  /** @returns the rate at which the chip has answered, and the host's side is then; undefined where it was not, and is not */
  async look(elapsedMs: number, signal: AbortSignal): Promise<number | undefined> {
    if (!this.isDue(elapsedMs)) return undefined;
    const { clock } = this.options;
    const began = clock.now();
    const found = await this.lookOnce(elapsedMs, signal);
    // Over a network a look takes long; most of the time is for a chip that is reset.
    this.nextAt = Math.max(this.nextAt, elapsedMs + LOOKS_REST * (clock.now() - began));
    return found;
  }

  private async lookOnce(elapsedMs: number, signal: AbortSignal): Promise<number | undefined> {
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
    const until = clock.now() + whereItWasListenMs + link.patienceMs;
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
    const { detail: why } = error.context;
    const detail = why === undefined ? approach.name : words`${approach.name}: ${why}`;
    yield note("warning", "control-lines-unavailable", { detail });
    return "impossible";
  }
}

const CODES: Readonly<Record<WireState, FlasherErrorCode>> = {
  silence: "no-link-silence",
  echo: "no-link-echo",
  crossed: "no-link-echo",
  noise: "no-link-noise",
  "log-text": "no-link-noise",
  "other-speed": "no-link-noise",
  held: "no-link-noise",
};

function noLink(link: BootLink, { wire, bytesSeen, firmware, rate }: LinkReading, timeoutMs: number): LinkError {
  const { lastText } = link.evidence;
  const seen = words`${Math.round(timeoutMs / 1000)} s of link checks, ${bytesSeen} bytes seen`;
  const detail =
    firmware !== undefined
      ? words`${seen}; ${firmware} prints on this wire`
      : rate !== undefined
        ? words`${seen}, sent at about ${rate.baud} baud`
        : wire === "held"
          ? words`${seen}, and only while RTS or DTR was asserted`
          : wire === "crossed"
            ? words`${seen}, and only while something was sent`
            : seen;
  const code = wire === "silence" && bytesSeen > 0 ? "no-link-noise" : CODES[wire];
  return new LinkError(code, words`link with the chip`, {
    port: link.transport.label,
    bytesSeen,
    detail,
    ...(wire === "log-text" ? { actual: lastText.slice(-80) } : {}),
  });
}

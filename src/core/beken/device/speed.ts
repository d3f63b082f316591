/**
 * The speed of a session: as fast as was asked and as chip, adapter and wiring really do, found by going down from the
 * best. A rate counts only once the chip's first sector comes over whole at it.
 */
import { ProtocolError, isFlasherError, isTransmissionError, type FlasherError } from "../../base/errors";
import { words } from "../../base/words";
import { requestFor } from "../chips/divider";
import { START_BAUD, type BootLink } from "../protocol/link";
import { note } from "../../driver/jobContext";
import { Losses } from "./losses";
import type { ChipAccess } from "./chipAccess";
import type { LoaderFamily, ProtocolProfile } from "../chips/types";
import type { DriverDeps, LinkOptions } from "../../driver/chipDriver";
import type { DriverEvent, Steps } from "../../driver/driverEvents";
import type { BootCode } from "./recogniseLoader";

/** Rates tried downwards from the one asked for. */
const STEPS = [3_000_000, 2_000_000, 1_500_000, 1_000_000, 921_600, 460_800, 230_400, START_BAUD] as const;
/** What every common adapter does. One that is in no table is tried above it, once: where that fails, the chip is out of reach. */
const COMMON = 921_600;
/** "auto" begins at what the adapter is known to do, and nowhere above this. */
const AUTO_MOST = 2_000_000;
/** What every divider a chip may have must come within, in percent, for a chip to be sent to a rate before its own is known. */
const SURE_PERCENT = 1.2;

export class Speed {
  /** Rates above this failed in this session. */
  private cap = Infinity;
  private mayApproach = true;
  private lowered = false;
  private readonly losses = new Losses();
  /** What the adapter's driver takes, as far as it was asked in this session. */
  private readonly taken = new Set<number>();

  constructor(
    private readonly link: BootLink,
    private readonly options: LinkOptions,
    private readonly proven: DriverDeps["rateProven"],
  ) {}

  /**
   * Raises the rate as far as asked and possible; every failure goes one step down, with a note.
   * @param relink makes a new link after a rate left the chip out of reach
   */
  async *raise(device: ChipAccess, bootCode: BootCode, relink: () => Steps<unknown>, signal: AbortSignal): Steps<void> {
    if (!this.link.transport.can.baudRate) {
      const { baudRate } = this.options;
      if (baudRate !== "auto" && baudRate > START_BAUD)
        yield note("info", "baud-fixed", { expected: words`${baudRate} baud` });
      return;
    }
    const { family } = device.profile;
    yield* this.climb(device, this.ladder([family]), bootCode, relink, signal);
    this.tell(device);
  }

  /**
   * The same before boot code has told the family, since boot code comes over several times as fast then: to the full rate where
   * the divider is known, else to the highest that the chip makes well enough whichever it has. Nothing is lost where it fails.
   */
  async *start(device: ChipAccess, bootCode: BootCode, relink: () => Steps<unknown>, signal: AbortSignal): Steps<void> {
    if (!this.link.transport.can.baudRate) return;
    const { divider, byVersionAlone } = device.profile;
    const ladder = this.ladder(byVersionAlone);
    if (divider !== "ceil-or-round") yield* this.climb(device, ladder, bootCode, relink, signal);
    else yield* this.approach(device, ladder, bootCode, relink, signal);
  }

  private async *climb(
    device: ChipAccess,
    ladder: readonly number[],
    bootCode: BootCode,
    relink: () => Steps<unknown>,
    signal: AbortSignal,
  ): Steps<void> {
    for (const baud of ladder) {
      if (sameRate(baud, this.link.baudRate)) return;
      const failure = yield* this.change(device, baud, bootCode, relink, signal);
      if (!failure) return;
      yield failure;
      this.cap = baud - 1;
    }
  }

  private async *approach(
    device: ChipAccess,
    ladder: readonly number[],
    bootCode: BootCode,
    relink: () => Steps<unknown>,
    signal: AbortSignal,
  ): Steps<void> {
    const { divider } = device.profile;
    const baud = ladder.find((step) => Math.abs(requestFor(divider, step).errorPercent) <= SURE_PERCENT);
    if (!this.mayApproach || baud === undefined || sameRate(baud, this.link.baudRate)) return;
    this.mayApproach = !(yield* this.change(device, baud, undefined, relink, signal));
    if (!this.mayApproach) return;
    try {
      await bootCode.read(device, signal);
    } catch (error) {
      if (!isTransmissionError(error)) throw error;
      this.mayApproach = false;
      yield* this.change(device, START_BAUD, undefined, relink, signal);
    }
  }

  /**
   * One step down; where there is none, and the line loses as much there as it did faster, back to that for good. Where the
   * connection has its own speed, nothing.
   */
  async *lower(device: ChipAccess, relink: () => Steps<unknown>, signal: AbortSignal): Steps<void> {
    if (!this.link.transport.can.baudRate || device.losesBytes) return;
    const { baudRate } = this.link;
    this.losses.left(baudRate, this.link.traffic);
    if (sameRate(baudRate, START_BAUD)) yield* this.settleFor(this.losses.fastestAsGood(), device, relink, signal);
    const most = this.onTrial ? COMMON : baudRate - 1;
    for (const slower of STEPS.filter((step) => step <= most && !sameRate(step, baudRate))) {
      if (await this.refusalOf(device, slower)) continue;
      this.cap = slower;
      yield note("warning", "baud-fallback", { expected: words`${baudRate} baud`, actual: words`${slower} baud` });
      this.lowered = true;
      yield* this.change(device, slower, undefined, relink, signal);
      this.tell(device);
      return;
    }
  }

  /** At every speed the same: then the fastest, and patience. */
  private async *settleFor(
    baud: number | undefined,
    device: ChipAccess,
    relink: () => Steps<unknown>,
    signal: AbortSignal,
  ): Steps<void> {
    if (baud === undefined) return;
    device.losesBytes = true;
    this.cap = baud;
    yield note("warning", "line-loses-bytes", { expected: words`${baud} baud` });
    yield* this.change(device, baud, undefined, relink, signal);
    this.tell(device);
  }

  /** Away from the rate at which a chip starts. @returns false where it cannot be done: then the chip is still there */
  async leaveStart(device: ChipAccess, signal: AbortSignal): Promise<boolean> {
    if (!this.link.transport.can.baudRate) return false;
    for (const baud of [460_800, 230_400, 921_600]) {
      if (await this.refusalOf(device, baud)) continue;
      try {
        if (await this.ask(device, baud, signal)) return true;
      } catch (error) {
        // It answers at neither: then it is not where it was.
        if (error instanceof ProtocolError) return true;
        throw error;
      }
    }
    return false;
  }

  private tell({ profile: { family } }: ChipAccess): void {
    this.proven?.({ family, baudRate: this.link.baudRate, lowered: this.lowered });
  }

  /** Back to the rate at which every chip starts. @returns whether it answers there */
  async restore(device: ChipAccess, signal: AbortSignal): Promise<boolean> {
    if (sameRate(this.link.baudRate, START_BAUD)) return await this.link.isLinked(signal);
    return await this.ask(device, START_BAUD, signal);
  }

  /** What may be tried with a chip of one of these families, fastest first. */
  private ladder(families: readonly LoaderFamily[]): number[] {
    const { baudRate, adapterMaxBaud, speedHint } = this.options;
    const hints = families.map((family) => speedHint?.[family]?.baudRate ?? Infinity);
    const asked = baudRate === "auto" ? Math.min(adapterMaxBaud ?? AUTO_MOST, AUTO_MOST, ...hints) : baudRate;
    const next = this.isOnTrial(asked) ? COMMON : asked - 1;
    return [asked, ...STEPS.filter((step) => step <= next)].filter((baud) => baud <= this.cap);
  }

  /** The rate at hand is more than is known of the adapter: the first trouble there ends it. */
  get onTrial(): boolean {
    return this.isOnTrial(this.link.baudRate);
  }

  private isOnTrial(baud: number): boolean {
    const { baudRate, adapterMaxBaud } = this.options;
    return baudRate === "auto" && adapterMaxBaud === undefined && baud > COMMON && !sameRate(baud, COMMON);
  }

  /** @returns undefined when the chip is at that rate now, else what to tell of it */
  private async *change(
    device: ChipAccess,
    baud: number,
    bootCode: BootCode | undefined,
    relink: () => Steps<unknown>,
    signal: AbortSignal,
  ): Steps<DriverEvent | undefined> {
    const refusal = await this.refusalOf(device, baud);
    if (refusal) return note("warning", "baud-fallback", { expected: words`${baud} baud`, detail: refusal.words });
    try {
      // A driver may drop what is on its way while it changes its rate; one more try tells that from a rate too high.
      const changed = (await this.ask(device, baud, signal)) || (await this.ask(device, baud, signal));
      if (changed && (!bootCode || (await bootCode.holds(device, signal)))) return undefined;
      return note("warning", "baud-fallback", { expected: words`${baud} baud` });
    } catch (error) {
      if (!(error instanceof ProtocolError) && !isRateRefused(error)) throw error;
      // The chip may have gone to a rate the host cannot follow; only a new link brings it back.
      yield* relink();
      return note("warning", "baud-fallback", { expected: words`${baud} baud`, detail: error.words });
    }
  }

  /**
   * A chip that went to a rate that the adapter's driver refuses would be out of reach, so the driver is asked before the chip
   * is; but not about a rate that held with this adapter before.
   * @throws TransportError `baud-change-failed` where the person asked for this very rate
   */
  private async refusalOf({ profile }: ChipAccess, baud: number): Promise<FlasherError | undefined> {
    const { hostBaud } = ratesFor(profile, baud);
    const held = this.options.speedHint?.[profile.family]?.baudRate;
    if (baud === START_BAUD || baud === held || this.taken.has(hostBaud)) return undefined;
    try {
      await this.link.tryHostBaud(hostBaud);
      this.taken.add(hostBaud);
      return undefined;
    } catch (error) {
      if (!isRateRefused(error) || baud === this.options.baudRate) throw error;
      return error;
    }
  }

  private ask({ profile }: ChipAccess, baud: number, signal: AbortSignal): Promise<boolean> {
    return this.link.changeBaud({ ...ratesFor(profile, baud), tickMs: profile.baudTickMs }, signal);
  }
}

function ratesFor({ divider }: ProtocolProfile, baud: number): { readonly request: number; readonly hostBaud: number } {
  const { request, actual, errorPercent } = requestFor(divider, baud);
  // A host within 2 % of the chip is well inside what a UART bears; beyond that it must follow the chip's real rate.
  return { request, hostBaud: Math.abs(errorPercent) <= 2 ? baud : Math.round(actual) };
}

function isRateRefused(error: unknown): error is FlasherError {
  return isFlasherError(error) && error.code === "baud-change-failed";
}

function sameRate(a: number, b: number): boolean {
  return Math.abs(a - b) <= 0.02 * b;
}

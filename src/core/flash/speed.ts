/**
 * The speed of a session: as fast as was asked and as chip, adapter and wiring really do, found by going down from the
 * best. A rate counts only once a sector that was read before comes back the same at it.
 */
import { equalBytes } from "../base/bytes";
import { ProtocolError, isTransmissionError } from "../base/errors";
import { requestFor } from "../chips/divider";
import { START_BAUD, type BootLink } from "../protocol/link";
import { note } from "./context";
import type { Device } from "./device";
import type { JobEvent, SessionDeps, SessionOptions } from "./events";

type Run<T> = AsyncGenerator<JobEvent, T, void>;

/** Rates tried downwards from the one asked for. */
const STEPS = [3_000_000, 2_000_000, 1_500_000, 1_000_000, 921_600, 460_800, 230_400, START_BAUD] as const;
/** "auto" begins at what the adapter is known to do, or at what every common one does. */
const AUTO_UNKNOWN = 921_600;
const AUTO_MOST = 2_000_000;

export class Speed {
  /** Rates above this failed in this session. */
  private cap = Infinity;
  private lowered = false;

  constructor(
    private readonly link: BootLink,
    private readonly options: SessionOptions,
    private readonly proven: SessionDeps["rateProven"],
  ) {}

  /**
   * Raises the rate as far as asked and possible; every failure goes one step down, with a note.
   * @param proof the chip's first sector, read at a rate that works; undefined where the chip does not show it
   * @param relink makes a new link after a rate left the chip out of reach
   */
  async *raise(device: Device, proof: Uint8Array | undefined, relink: () => Run<void>, signal: AbortSignal): Run<void> {
    const asked = this.asked(device);
    if (!this.link.transport.can.baudRate) {
      if (this.options.baudRate !== "auto" && asked > START_BAUD)
        yield note("info", "baud-fixed", { expected: `${asked} baud` });
      return;
    }
    const wanted = [asked, ...STEPS.filter((step) => step < asked)].filter((baud) => baud <= this.cap);
    for (const baud of wanted) {
      if (sameRate(baud, this.link.baudRate)) break;
      if (yield* this.change(device, baud, proof, relink, signal)) break;
      this.cap = baud - 1;
    }
    this.tell(device);
  }

  /** One step down and never up again in this session; where there is none, or the connection has its own speed, nothing. */
  async *lower(device: Device, relink: () => Run<void>, signal: AbortSignal): Run<void> {
    const slower = STEPS.find((step) => step < this.link.baudRate && !sameRate(step, this.link.baudRate));
    if (slower === undefined || !this.link.transport.can.baudRate) return;
    this.cap = slower;
    yield note("warning", "baud-fallback", { expected: `${this.link.baudRate} baud`, actual: `${slower} baud` });
    this.lowered = true;
    yield* this.change(device, slower, undefined, relink, signal);
    this.tell(device);
  }

  private tell({ profile: { family } }: Device): void {
    this.proven?.({ family, baudRate: this.link.baudRate, lowered: this.lowered });
  }

  /** Back to the rate at which every chip starts. */
  async restore(device: Device, signal: AbortSignal): Promise<void> {
    if (!sameRate(this.link.baudRate, START_BAUD)) await this.ask(device, START_BAUD, signal);
  }

  private asked({ profile }: Device): number {
    const { baudRate, adapterMaxBaud, speedHint } = this.options;
    if (baudRate !== "auto") return baudRate;
    return Math.min(adapterMaxBaud ?? AUTO_UNKNOWN, AUTO_MOST, speedHint?.[profile.family]?.baudRate ?? Infinity);
  }

  private async *change(
    device: Device,
    baud: number,
    proof: Uint8Array | undefined,
    relink: () => Run<void>,
    signal: AbortSignal,
  ): Run<boolean> {
    try {
      // A driver may drop what is on its way while it changes its rate; one more try tells that from a rate too high.
      const changed = (await this.ask(device, baud, signal)) || (await this.ask(device, baud, signal));
      if (changed && (await this.holds(device, proof, signal))) return true;
      yield note("warning", "baud-fallback", { expected: `${baud} baud` });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // The chip may have gone to a rate the host cannot follow; only a new link brings it back.
      yield note("warning", "baud-fallback", { expected: `${baud} baud`, detail: error.message });
      yield* relink();
    }
    return false;
  }

  private ask({ profile }: Device, baud: number, signal: AbortSignal): Promise<boolean> {
    const { request, actual, errorPercent } = requestFor(profile.divider, baud);
    // A host within 2 % of the chip is well inside what a UART bears; beyond that it must follow the chip's real rate.
    const hostBaud = Math.abs(errorPercent) <= 2 ? baud : Math.round(actual);
    return this.link.changeBaud({ request, hostBaud, tickMs: profile.baudTickMs }, signal);
  }

  private async holds(device: Device, proof: Uint8Array | undefined, signal: AbortSignal): Promise<boolean> {
    if (!proof) return true;
    try {
      return equalBytes(await device.readSector(0, signal, 1), proof);
    } catch (error) {
      if (!isTransmissionError(error)) throw error;
      await this.link.recover(signal);
      return false;
    }
  }
}

function sameRate(a: number, b: number): boolean {
  return Math.abs(a - b) <= 0.02 * b;
}

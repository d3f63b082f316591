/**
 * Adapters that hold short answers back until a timer ticks (16 ms on many), and the ways round it: link checks sent behind
 * a question, whose answers fill up the adapter's packet, so that what came before them is handed over at once; and, where
 * nothing may be sent behind it, questions before it, so many that its own answer ends a packet.
 * Counts and decides; sends nothing. Source of the behaviour: FTDI's application note AN232B-04 (packets of 62 bytes).
 */
import { concat } from "../../base/bytes";
import type { CommandName } from "../chips/types";
import { encodeRequest, replyBytes, type CommandFields } from "./commandTable";
import { CHIP_ID_REGISTERS } from "./commandRows";

/** Enough answers of 8 bytes that a packet is full once the first of them is complete, whatever was in it before. */
const CHECKS = 9;

/** What is sent behind a question. 45 bytes: with four reads still under the 100 that any loader takes ahead. */
export const NUDGE: Uint8Array = concat(...Array.from({ length: CHECKS }, () => encodeRequest("linkCheck", {})));

/** Received bytes in a full packet of such an adapter. */
const PACKET = 62;

/** Harmless questions to a boot ROM whose answers differ in length by an odd number: together they make up any number of bytes. */
const FILLINGS = [questions("linkCheck", {}), questions("readRegister", { address: CHIP_ID_REGISTERS[0] })] as const;
/** Of each at most so many; what is chosen has never more than 100 bytes. */
const MOST = 12;

/** Questions, and how many bytes their answers have. */
export interface Lead {
  readonly frames: Uint8Array;
  readonly answers: number;
}

function questions<N extends CommandName>(name: N, fields: CommandFields[N]): Lead {
  return { frames: encodeRequest(name, fields), answers: replyBytes(name, fields) };
}

/** Every number of both, the shortest first. */
const LEADS: readonly Lead[] = Array.from({ length: MOST * MOST }, (_, i): Lead => {
  const [checks, registers] = FILLINGS;
  const counts = [i % MOST, Math.floor(i / MOST)] as const;
  return {
    frames: concat(
      ...Array.from({ length: counts[0] }, () => checks.frames),
      ...Array.from({ length: counts[1] }, () => registers.frames),
    ),
    answers: counts[0] * checks.answers + counts[1] * registers.answers,
  };
}).sort((one, other) => one.frames.length - other.frames.length);

/** Later than this, in ms, is neither wire nor chip: an answer was held back. Well above what a busy host adds. */
const HELD_BACK_MS = 8;
/** So many in a row, or it may have been the host. */
const CERTAIN = 2;

export class AdapterLatency {
  private lateInARow = 0;
  private useless = false;
  /** Bytes that the adapter has for a packet that is not full yet, once all that was asked for has come. */
  private begun = 0;
  private missed = 0;

  /** True where a question had better be followed by {@link NUDGE}. */
  get needed(): boolean {
    return !this.useless && this.lateInARow >= CERTAIN;
  }

  /** Answers of so many bytes will come. */
  expect(bytes: number): void {
    this.begun = (this.begun + bytes) % PACKET;
  }

  /** Nothing has come for longer than any timer: the adapter holds nothing. */
  settled(): void {
    this.begun = 0;
  }

  /**
   * Questions to send before one that nothing may follow, so that its answer of `bytes` fills a packet. They are answered before
   * it; that answers really come in packets of this size shows in what {@link tookMs} is told.
   */
  lead(bytes: number): Lead | undefined {
    if (!this.needed || this.missed >= CERTAIN) return undefined;
    return LEADS.find(({ answers }) => (this.begun + answers + bytes) % PACKET === 0);
  }

  /**
   * @param ms from a question to its answer, without the time of their bytes on the wire; of questions answered at once
   * @param led true where {@link lead} went before it
   */
  tookMs(ms: number, led = false): void {
    const late = ms > HELD_BACK_MS;
    // The timer's tick hands over all there is.
    if (late) this.begun = 0;
    if (led) this.missed = late ? this.missed + 1 : 0;
    if (this.needed) return;
    this.lateInARow = late ? this.lateInARow + 1 : 0;
  }

  /** The chip did not answer what was sent behind a question: it does not queue, and is asked the plain way from now on. */
  giveUp(): void {
    this.useless = true;
  }
}

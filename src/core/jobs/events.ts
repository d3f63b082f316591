/**
 * The language of a job: what is asked (jobRequest.ts), what whoever runs it is asked on the way (jobHooks.ts), what is told while it
 * runs, what comes out (jobResult.ts).
 *
 * Order of events: `linking`*, `linked`, `identified`, then for a job that changes flash `planned`, then for each phase
 * `phase-started`, `progress`*, `phase-finished`. A job goes on only when its next event is asked for, so what an event
 * tells can be stored first. A session that is linked already starts at `identified`.
 * `note` may appear anywhere; `linking` may come again when a repair needs a new link, `replugging` wherever the adapter
 * goes away. Success is the generator's
 * return value, failure a thrown FlasherError; nothing follows either.
 */
import type { RestorePlan } from "../backup/restorePlan";
import type { Range } from "../base/ranges";
import type { ChipIdentity } from "../beken/chips/types";
import type { FirmwareImage } from "../beken/images/firmwareImage";
import type { ChipDriver, DriverDeps, LinkOptions } from "../driver/chipDriver";
import type { DriverEvent } from "../driver/driverEvents";
import type { BuildAdvice } from "../plan/buildAdvice";
import type { FlashPlan } from "../plan/flashPlan";
import type { PortFinder, PortRef, TransportFactory } from "../transport/transport";

export type * from "./jobHooks";
export type * from "./jobRequest";
export type * from "./jobResult";
export type { LinkReading, NoteCode, Phase, WireState } from "../driver/driverEvents";

/** How a session is opened; the same for every job in it. */
export interface SessionOptions extends LinkOptions {
  readonly port: PortRef;
}

export type JobEvent =
  | DriverEvent
  | { readonly type: "identified"; readonly chip: ChipIdentity; readonly baudRate: number }
  /** What a restore means for this device; right before its `planned`. */
  | { readonly type: "restore-planned"; readonly restore: RestorePlan }
  | {
      readonly type: "planned";
      readonly plan: FlashPlan;
      readonly image: FirmwareImage | undefined;
      /** Of a build of LibreTiny's. */
      readonly advice?: BuildAdvice | undefined;
    }
  /** After `planned`: a copy of the flash comes first, `length` bytes, and after it, with `needsReset`, a new link by hand. */
  | { readonly type: "backup-planned"; readonly length: number; readonly needsReset: boolean }
  /** What is left of the plan after the chip was asked what it holds already; follows `planned`, where it was asked. */
  | { readonly type: "narrowed"; readonly plan: FlashPlan; readonly skipped: readonly Range[] }
  /**
   * What the sectors held of which the plan keeps a part. Whoever wants to resume stores it before the job goes on: the
   * next event may be the erase. `touched`: addresses whose content comes from an interrupted job, not from the chip; `newer`:
   * those of which the chip holds something else than an interrupted job has left there, which counts from now on.
   */
  | {
      readonly type: "kept";
      readonly plan: FlashPlan;
      readonly before: ReadonlyMap<number, Uint8Array>;
      readonly touched: readonly number[];
      readonly newer: readonly number[];
    }
  /** A sector of which a part is kept is about to be erased; to be stored before the job goes on. */
  | { readonly type: "erasing"; readonly range: Range }
  /** The sector was programmed; whether it took is proven later, or already. */
  | { readonly type: "sector-done"; readonly address: number; readonly proven?: boolean }
  /** Of a backup, or of the copy before a write: 64 KiB of flash (the last may be less) as they were read. What was damaged on the way is read again later. */
  | { readonly type: "block"; readonly start: number; readonly data: Uint8Array };

/** A step of a job: tells its events, returns its result, throws what ends it. */
export type Run<T> = AsyncGenerator<JobEvent, T, void>;

export interface SessionDeps extends DriverDeps {
  readonly open: TransportFactory;
  /** Without it a port that goes away ends the job. */
  readonly finder?: PortFinder;
  /** What speaks the chip's protocol; Beken's where left out. */
  readonly driver?: ChipDriver;
}

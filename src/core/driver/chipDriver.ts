/**
 * What a chip's driver must do: link, identify, restart, keep a rate. A driver is one folder beside others; Beken's is the one
 * there is. Jobs see these shapes and nothing below them. See docs/decisions/17-one-driver.md.
 */
import type { CoreLog } from "../base/coreLog";
import type { Clock } from "../base/timing";
import type { BootloaderProfile, ChipIdentity, ProtocolProfile } from "../beken/chips/types";
import type { ResetStrategy } from "../transport/resetStrategies";
import type { Transport } from "../transport/transport";
import type { ChipDevice } from "./chipDevice";
import type { DriverEvent, Steps } from "./driverEvents";
import type { JobContext } from "./jobContext";
import type { Lifted, PutBack, Reprotect } from "./liftedProtection";
import type { LineMemory } from "./lineMemory";
import type { ProvenRate, SpeedHints } from "./rates";
import type { ResetMemory } from "./resetMemory";
import type { StartSigns } from "./startSigns";

/** How a chip is linked; the same for a whole session. */
export interface LinkOptions {
  /** Highest rate wanted after linking; lower ones are tried when it fails. "auto": what the adapter is known to do, at most 2000000. */
  readonly baudRate: number | "auto";
  /** What the adapter is known to do, in baud, for "auto" ({@link PortInfo.maxBaud}). */
  readonly adapterMaxBaud?: number;
  /** What held before with this adapter: "auto" begins there, and tries nothing above it ({@link speedHints}). */
  readonly speedHint?: SpeedHints;
  readonly linkTimeoutMs: number;
  /** False: no control lines and no reboot requests; the person resets the chip. True when left out. */
  readonly autoReset?: boolean;
  /** Ways to reset the chip, in the order they are tried; where left out, those of the table, and first what worked with this adapter. */
  readonly resets?: readonly ResetStrategy[];
}

export interface DriverDeps {
  readonly clock: Clock;
  readonly log: CoreLog;
  /** Called whenever a session works at another rate; the last call counts. Not called for connections with a speed of their own. */
  readonly rateProven?: (rate: ProvenRate) => void;
  /** Where a session leaves word for the next with this adapter, should it be killed. */
  readonly line?: LineMemory;
  /** What is known of how this adapter resets its chip, and is learnt of it. */
  readonly resets?: ResetMemory;
}

export interface ChipDriver {
  /** The rate at which every chip starts, in baud; ports are opened at it. */
  readonly startBaud: number;
  /** A link over a port that is open at {@link startBaud}. Sends nothing yet. */
  over(transport: Transport, options: LinkOptions, deps: DriverDeps): ChipLink;
}

/** What a chip says of itself before its flash is looked at. */
export interface Greeting {
  readonly registerChipId: number | undefined;
  readonly bootVersion: string | undefined;
  /** As far as this tells; a provisional one while it could be any of those without a version. */
  readonly profile: ProtocolProfile;
}

/** What is known before everything else is asked at full speed. */
export interface LoaderEvidence extends Greeting {
  readonly bootloader: BootloaderProfile | undefined;
  /** First sector of flash; undefined when the chip refuses to show it. */
  readonly bootCode: Uint8Array | undefined;
  /** For recognising the same chip after a reset. */
  readonly fingerprint: string | undefined;
}

/** How an identity is collected. */
export interface IdentityOptions {
  /** When calibration is at no known address, every sector after the application is looked at. */
  readonly thorough: boolean;
  /** Where calibration was found on this chip before. */
  readonly calibrationAt?: number | undefined;
}

export interface FirstLink {
  readonly device: ChipDevice;
  readonly evidence: LoaderEvidence;
  /** What is worth telling of it. */
  readonly notes: Iterable<DriverEvent>;
}

export interface NewLink {
  readonly evidence: LoaderEvidence;
  /** The chip has started anew: what a CRC has locked is unlocked. */
  readonly restarted: boolean;
}

/** One open port and the chip behind it. Methods that link throw LinkError when no chip answers in time. */
export interface ChipLink {
  /** Of the host's side, in baud. */
  readonly baudRate: number;
  /** Frames sent so far that may have changed flash. */
  readonly mutations: number;

  /** A link at full speed, and whose it is; a new {@link ChipDevice}. */
  connect(signal: AbortSignal): Steps<FirstLink>;
  /** A new link under the same device, after the chip stopped answering. Whether it is the same chip is the caller's to check. */
  reconnect(before: LoaderEvidence | undefined, signal: AbortSignal): Steps<NewLink>;
  /**
   * Resets the chip, by command where that works, else by having a person do it, and links again.
   * @throws OperationError `flash-protected` when the chip is not reset in time
   */
  restart(before: LoaderEvidence | undefined, signal: AbortSignal): Steps<NewLink>;
  /** Who answers, over a link that holds; undefined when it does not. */
  recognise(signal: AbortSignal): Promise<LoaderEvidence | undefined>;
  /** `before`, or anew where what tells the chip may have been changed by a job. */
  recogniseAnew(before: LoaderEvidence, signal: AbortSignal): Promise<LoaderEvidence>;
  /** Everything else: flash part and size, protection, key, MAC and calibration. Changes nothing. */
  identify(evidence: LoaderEvidence, options: IdentityOptions, signal: AbortSignal): Steps<ChipIdentity>;

  /** One check, of a chip that should be linked. */
  isLinked(signal: AbortSignal): Promise<boolean>;
  /** Brings the line back; false where no chip answers on it any more. */
  recover(signal: AbortSignal): Promise<boolean>;
  /** The rate at hand is more than is known of the adapter: the first trouble there ends it. */
  readonly rateOnTrial: boolean;
  /** One step slower. */
  slowDown(signal: AbortSignal): Steps<void>;

  /**
   * Makes the flash writable, with the plan's grant in force, before the first erase and again after every reset.
   * @param remember called with how to undo it, before anything is changed
   * @throws ChipError `flash-unknown`, `flash-dead`; OperationError `flash-protected` when the protection stays
   */
  unprotect(context: JobContext, remember: (undo: Reprotect) => void): Steps<void>;
  /** @see JobContext.protectAgain */
  protectAgain(context: JobContext, lifted: Lifted): Steps<PutBack | undefined>;

  /** A job begins: leaves word for the next session, should this one be killed. */
  jobBegins(): Promise<void>;
  /** Between jobs: keep-alive requests, for a chip that leaves its loader after silence, until {@link letSleep}. */
  keepAwake(): void;
  letSleep(): void;
  /** Restarts the chip into its application. Nothing confirms it. */
  reboot(signal: AbortSignal): Promise<void>;
  /**
   * Watches an application start that was told to by {@link reboot} a moment ago, and asks it to restart. Only where its firmware is
   * known to listen for that: others may take the bytes for something else. However it ends, the chip is told to start its
   * application again.
   */
  watchStart(signal: AbortSignal): Steps<StartSigns>;
  /** Leaves a chip that is linked as the next program expects it, at {@link ChipDriver.startBaud}. */
  leave(signal: AbortSignal): Promise<void>;
}

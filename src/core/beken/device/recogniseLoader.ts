/**
 * Who answers, and how fast it may be talked to: the chip id register, the loader's own words, boot code read through the
 * address alias. Nothing but the speed of the line is changed, and never by a CRC: on older loaders it locks the flash.
 * What the answers mean is decided in chips/identify.ts; which rate to try, in speed.ts.
 */
import { equalBytes, hex32 } from "../../base/bytes";
import { ProtocolError, isFlasherError, isTransmissionError, type FlasherError } from "../../base/errors";
import { words } from "../../base/words";
import { FAULT_REPORTS } from "../../base/statusBytes";
import { findBootloader, fingerprintOf, protocolOf } from "../chips/bootloaders";
import { findChipsById } from "../chips/chips";
import { identifyChip, isDeadRegister } from "../chips/identify";
import type { Greeting, LoaderEvidence } from "../../driver/chipDriver";
import type { BootLink } from "../protocol/link";
import { CHIP_ID_REGISTERS } from "../protocol/commandRows";
import { readTwice } from "../../driver/readings";
import type { ChipAccess } from "./chipAccess";
import type { DriverEvent } from "../../driver/driverEvents";
import { note } from "../../driver/jobContext";

/**
 * ROM or flash loader, and what version of it where it has one to tell.
 * @throws ProtocolError when the link is lost meanwhile
 */
export async function greet(link: BootLink, registers: ChipIdRegisters, signal: AbortSignal): Promise<Greeting> {
  const registerChipId = await registers.ask(link, signal);
  const options = { signal, doing: words`ask for the boot version` };
  const bootVersion =
    registerChipId === undefined ? await askOrRefused(() => link.ask("readBootVersion", {}, options)) : undefined;
  return { registerChipId, bootVersion, profile: identifyChip({ registerChipId, bootVersion }).protocol };
}

/**
 * Asks for the chip id. A register that is none on a chip may be more than silence there: a ROM that faults over it reports that, or
 * falls silent, and resets. Such a one is asked last from then on.
 */
export class ChipIdRegisters {
  private order: readonly number[] = CHIP_ID_REGISTERS;
  private readonly silent = new Set<number>();

  /**
   * The id that is in the table, or else what the first register says that says anything; undefined where registers cannot be read.
   * @throws ProtocolError when the link is lost meanwhile
   */
  async ask(link: BootLink, signal: AbortSignal): Promise<number | undefined> {
    const said: number[] = [];
    for (const address of this.order) {
      if (this.silent.has(address) && said.some((value) => !isDeadRegister(value))) continue;
      const value = await this.askOne(link, address, signal);
      // Who knows one register knows the question.
      if (value === undefined && said.length === 0) return undefined;
      if (value === undefined) continue;
      if (findChipsById(value).length > 0) return value;
      said.push(value);
    }
    return said.find((value) => !isDeadRegister(value)) ?? said[0];
  }

  private async askOne(link: BootLink, address: number, signal: AbortSignal): Promise<number | undefined> {
    const options = { signal, doing: words`ask for the chip id` };
    try {
      return await link.ask("readRegister", { address }, options);
    } catch (error) {
      if (isTransmissionError(error) || isFault(error)) this.askLast(address);
      if (isFault(error)) throw new ProtocolError("reply-timeout", options.doing, { detail: error.words });
      return refusedOrThrow(error);
    }
  }

  private askLast(address: number): void {
    this.silent.add(address);
    this.order = [...this.order.filter((each) => each !== address), address];
  }
}

/** The chip reports that it faulted, after which it resets. */
function isFault(error: unknown): error is FlasherError {
  const faults: readonly number[] = FAULT_REPORTS;
  return isFlasherError(error) && error.context.status !== undefined && faults.includes(error.context.status);
}

/** A chip that refuses a command is like one that does not have it. */
async function askOrRefused<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    return refusedOrThrow(error);
  }
}

function refusedOrThrow(error: unknown): undefined {
  if (isFlasherError(error) && (error.code === "command-unsupported" || error.code === "chip-status")) return undefined;
  throw error;
}

/**
 * What boot code adds to a greeting. A ROM's answer that went astray would make a loader of it: where boot code does not name
 * a loader, the register is asked for once more.
 */
export async function recogniseLoader(
  link: BootLink,
  registers: ChipIdRegisters,
  greeting: Greeting,
  bootCode: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<LoaderEvidence> {
  let { registerChipId } = greeting;
  if (registerChipId === undefined && !namesLoader(bootCode)) registerChipId = await registers.ask(link, signal);
  const { bootVersion } = greeting;
  const { protocol, bootloader } = identifyChip({ registerChipId, bootCode, bootVersion });
  const crc = bootloader.crc256;
  return {
    profile: protocol,
    bootloader: bootloader.profile,
    registerChipId,
    bootCode,
    bootVersion,
    fingerprint: crc === undefined ? undefined : hex32(crc),
  };
}

/** What is worth telling of boot code that is in no table, or that the chip does not show. */
export function* notesOn(evidence: LoaderEvidence): Generator<DriverEvent> {
  const { bootCode, bootloader, profile, fingerprint } = evidence;
  const inferred = identifyChip(evidence).chip?.inferred;
  if (inferred) yield note("info", "chip-inferred", { detail: inferred });
  if (bootCode === undefined) yield note("info", "boot-area-read-refused", {});
  else if (bootloader === undefined && profile.bootloaderIsLifeline)
    yield note("info", "unknown-bootloader", { actual: fingerprint ?? words`unread` });
}

/** Where boot code is not what answers, a job may have replaced it; what answers is the same. */
export async function recognisedAnew(
  link: BootLink,
  registers: ChipIdRegisters,
  device: ChipAccess,
  before: LoaderEvidence,
  signal: AbortSignal,
): Promise<LoaderEvidence> {
  if (!before.bootCode || before.profile.bootloaderIsLifeline) return before;
  const bootCode = await readTwice(device, 0, signal);
  return equalBytes(bootCode, before.bootCode)
    ? before
    : await recogniseLoader(link, registers, before, bootCode, signal);
}

function namesLoader(bootCode: Uint8Array | undefined): boolean {
  const { profile } = identifyChip({ bootCode }).bootloader;
  return profile !== undefined && protocolOf(profile).bootloaderIsLifeline;
}

/** The first sector of a chip's flash: who its loader is, and the proof that a rate holds. */
export class BootCode {
  /** Undefined until {@link read} or {@link holds}, and where the chip refuses to show it. */
  bytes: Uint8Array | undefined;
  private refused = false;

  /** Reads it at a rate that is known to hold. */
  async read(device: ChipAccess, signal: AbortSignal): Promise<void> {
    if (this.bytes || this.refused) return;
    try {
      const bytes = await device.readSector(0, signal);
      // A known fingerprint proves the reading; for an unknown one only a second reading can.
      this.bytes = findBootloader(fingerprintOf(bytes)) ? bytes : await readTwice(device, 0, signal);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.refused = true;
    }
  }

  /**
   * True when it comes back the same as before at the present rate, twice the same where there is no before. Link checks have
   * to do where a chip refuses to show it.
   */
  async holds(device: ChipAccess, signal: AbortSignal): Promise<boolean> {
    if (this.refused) return true;
    const readings: Uint8Array[] = this.bytes ? [this.bytes] : [];
    try {
      for await (const sector of device.readSectors(this.bytes ? [0] : [0, 0], signal)) readings.push(sector);
    } catch (error) {
      if (isTransmissionError(error)) {
        await device.link.recover(signal);
        return false;
      }
      if (!isRefusal(error)) throw error;
      // What it has shown before it does not refuse; nor is one refusal a fact, at a rate that is not proven.
      if (this.bytes || !(await this.refusesAgain(device, signal))) return false;
      this.refused = true;
      return true;
    }
    const [first, second] = readings as [Uint8Array, Uint8Array];
    if (!equalBytes(first, second)) return false;
    this.bytes = first;
    return true;
  }

  private async refusesAgain(device: ChipAccess, signal: AbortSignal): Promise<boolean> {
    try {
      await device.readSector(0, signal);
      return false;
    } catch (error) {
      if (isRefusal(error)) return true;
      throw error;
    }
  }
}

/** A loader that refuses to show boot code is fully usable; it just cannot be fingerprinted. */
function isRefusal(error: unknown): boolean {
  return isFlasherError(error) && error.code === "chip-status";
}

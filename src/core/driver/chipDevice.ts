/**
 * A linked chip as jobs use it: read, hash, erase, write, and what is known of its flash meanwhile. Shapes only; a driver
 * implements them. Addresses are bytes of physical flash; sectors and blocks are those of the chip's geometry.
 */
import type { Range } from "../base/ranges";
import type { ProtocolProfile } from "../beken/chips/types";
import type { BootloaderToken } from "./bootloaderToken";
import type { KnownSectors } from "./knownSectors";

/** What jobs ask of what answers; the rest of its row is the driver's own business. */
export type Capabilities = Pick<
  ProtocolProfile,
  "crcUnit" | "crcLocks" | "rebootCommand" | "rebootsWhenIdle" | "bootloaderIsLifeline" | "knowsJedec"
>;

/** What an approved plan lets the link do. Ranges are half-open. */
export interface PlanGrant {
  /** Whose plan it is, for messages. */
  readonly label: string;
  readonly eraseRanges: readonly Range[];
  readonly writeRanges: readonly Range[];
  /** Bytes of the flash: addresses repeat past it. */
  readonly flashSize: number;
  /** Where the chip's boot code ends: below, nothing leaves without the token, whatever the ranges say. Can only raise the guard's own. */
  readonly bootCodeEnd?: number;
  readonly bootloaderToken?: BootloaderToken;
}

/** One sector, or one aligned block. */
export interface EraseStep {
  readonly address: number;
  /** The sector or the block of the chip's geometry, bytes. */
  readonly length: number;
}

export interface ChipDevice {
  readonly profile: Capabilities;
  /** Of the line now, in baud. */
  readonly baudRate: number;

  /**
   * One sector at any address, boot code included, by whatever means the chip has.
   * @throws ProtocolError `reply-timeout`, `reply-invalid`, `chip-status`
   */
  readSector(address: number, signal: AbortSignal): Promise<Uint8Array>;
  /** Sectors in the order of `addresses`, as many asked for at once as the chip queues. Ends at the first lost reply. */
  readSectors(addresses: readonly number[], signal: AbortSignal): AsyncGenerator<Uint8Array, void, void>;
  /** {@link readSectors} over a line on which hardly a whole sector comes. */
  readInPieces(addresses: readonly number[], signal: AbortSignal): AsyncGenerator<Uint8Array, void, void>;
  /**
   * The chip's own CRC-32 of `[start, start + length)`. What it locks is in {@link profile}.
   * @param length a multiple of the profile's `crcUnit`
   */
  crc(start: number, length: number, signal: AbortSignal): Promise<number>;
  /** {@link crc} of several ranges, in order. */
  crcs(ranges: readonly Range[], signal: AbortSignal): AsyncGenerator<number, void, void>;

  /** From now on erases and writes inside `grant` may leave; without one, none. */
  allow(grant: PlanGrant | undefined): void;
  /**
   * "Done" is no proof; what the flash holds afterwards is for the caller to check.
   * @throws ProtocolError `frame-refused` outside the grant, before anything is sent
   */
  erase(unit: EraseStep, signal: AbortSignal): Promise<void>;
  /** {@link erase} of several, in order. */
  erases(units: readonly EraseStep[], signal: AbortSignal): AsyncGenerator<void, void, void>;
  /**
   * Programs one erased sector with as many bytes.
   * @throws as {@link erase}
   */
  writeSector(address: number, data: Uint8Array, signal: AbortSignal): Promise<void>;

  /** Brings the line back to where requests begin, at the same rate. @throws ProtocolError `reply-timeout` */
  recover(signal: AbortSignal): Promise<void>;
  /** Lets the chip finish something. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** Awaits a person's answer, however long it takes, with keep-alive requests to the chip meanwhile. */
  whileAwake<T>(work: () => Promise<T>): Promise<T>;

  /** CRC-32 of sectors read since the job began, the chip was reset, or anything was changed, by address. */
  readonly seen: Map<number, number>;
  /** What sectors held when they were last read, erased or programmed, since the job began. */
  readonly known: KnownSectors;
  /** How often the link was lost and found again: what the chip was asked before may be another chip's answer. */
  gaps: number;
  /** True while the chip ignores erases and writes until it is reset, because it was asked for a CRC. */
  lockedByCrc: boolean;
  /** The flash ignored an erase or a write: another program has asked this chip for a CRC, which locks its flash, and the reset that was to end the lock did not happen. */
  isStillLocked(): void;

  /** True once an erase or a write under the present grant was not answered as it should be. */
  readonly inDoubt: boolean;
  /** What the plan under way writes; elsewhere the flash holds what it held when the chip was identified. */
  readonly changing: readonly Range[];
  /** True where the plan under way may have changed the flash. */
  mayChange(range: Range): boolean;
  /** What the chip has changed in place of what it was told, as it said itself. Addresses as it understood them. */
  readonly strays: Range[];
  /** Blank places that an answer named instead of one that is blank as well: which of the two was erased cannot be told. */
  readonly possibleStrays: Range[];
  /** Finds out what an answer meant that named another address. Call with the line in order, before anything is repeated. */
  settleDoubt(signal: AbortSignal): Promise<void>;
  /** Where an answer said that a change went, while that is not settled. */
  doubted(): readonly Range[];
}

/**
 * The token without which no boot code is erased or written. It is made of proof only: a copy of that area that
 * was stored and read back, and the name of the chip, typed by the person. On chips where boot code in flash is all that
 * answers there is none. Knows neither plans nor files.
 */
import { equalBytes, hex32 } from "../base/bytes";
import { ImageError, OperationError, PlanError } from "../base/errors";
import { words } from "../base/words";
import { geometryOf } from "../beken/chips/strictGeometry";
import type { ChipIdentity } from "../beken/chips/types";

declare const brand: unique symbol;
/** Proof that boot code may be changed. Only {@link bootloaderToken} makes one. */
export interface BootloaderToken {
  readonly [brand]: "bootloader";
}

export interface BootloaderProof {
  readonly chip: NamedChip;
  /** What the person typed when asked for the chip's name; undefined when no person could be asked. */
  readonly typed: string | undefined;
  /** All of the area below the application, read from the chip twice. */
  readonly readings: readonly [Uint8Array, Uint8Array];
  /** What holds the copy, read back from where it is stored. */
  readonly stored: Uint8Array;
}

export type NamedChip = Pick<ChipIdentity, "chip" | "alternatives" | "chipIdRegister" | "protocol">;

const issued = new WeakSet<object>();
const DOING = words`change the boot code`;

/**
 * @throws PlanError `plan-touches-bootloader` on chips that answer by their boot code alone, `bootloader-not-confirmed`
 * @throws OperationError `read-crc-mismatch`, ImageError `backup-damaged` when the copy is not proven
 */
export function bootloaderToken({ chip, typed, readings: [first, second], stored }: BootloaderProof): BootloaderToken {
  const { bootCodeEnd } = geometryOf(chip);
  if (chip.protocol.bootloaderIsLifeline) {
    throw new PlanError("plan-touches-bootloader", DOING, { address: 0, length: bootCodeEnd, lifeline: true });
  }
  assertConfirmed(chip, typed);
  if (first.length !== bootCodeEnd || !equalBytes(first, second)) {
    throw new OperationError("read-crc-mismatch", DOING, { detail: words`two readings of the boot code differ` });
  }
  if (!equalBytes(first, stored)) {
    throw new ImageError("backup-damaged", DOING, {
      detail: words`the stored copy of the boot code is not what was read`,
    });
  }
  const token = Object.freeze({}) as BootloaderToken;
  issued.add(token);
  return token;
}

/** True for tokens that {@link bootloaderToken} made. */
export function isIssued(token: BootloaderToken | undefined): boolean {
  return token !== undefined && issued.has(token);
}

/** What a person types to agree: the chip's name, or its id where it is in no table. */
export function nameToType({ chip, chipIdRegister }: NamedChip): string {
  if (chip) return chip.name;
  return chipIdRegister === undefined ? "UNKNOWN CHIP" : `0x${hex32(chipIdRegister).replace(/^0+(?=.)/, "")}`;
}

/** @throws PlanError `bootloader-not-confirmed` unless `typed` is the chip's name, letter by letter */
export function assertConfirmed(chip: NamedChip, typed: string | undefined): void {
  const expected = nameToType(chip);
  if (typed?.trim() === expected) return;
  throw new PlanError("bootloader-not-confirmed", DOING, {
    expected: words`"${expected}" to be typed`,
    actual: typed === undefined ? words`no answer` : `"${typed.slice(0, 40)}"`,
  });
}

/** Keys as far as starting depends on them: whether code runs under one, by its vectors, and which one a chip's code needs. */
import type { ChipIdentity, Coefficients, KeyKind, KeyState } from "../beken/chips/types";
import { inferKey, loadsUnder } from "../beken/images/appKey";

export interface NeededKey {
  readonly kind: KeyKind;
  readonly coefficients?: Coefficients | undefined;
  /** The chip itself shows it; otherwise other code in its flash does, which may be what is wrong. */
  readonly isCertain: boolean;
}

/**
 * The key that code on this chip must be for. A key from eFuse is certain, and so is that of a loader in flash: it runs.
 */
export function keyOfChip({ key, protocol }: ChipIdentity): NeededKey {
  const runs = protocol.bootloaderIsLifeline && key.from === "bootloader";
  return { ...key, isCertain: key.kind !== "unknown" && (key.from === "efuse" || runs) };
}

/**
 * Whether code in flash form starts under `key`.
 * @param bytes from the first block on
 * @returns undefined where that cannot be told
 */
export function runsUnder(
  bytes: Uint8Array,
  logicalAddress: number,
  key: Pick<NeededKey, "kind" | "coefficients">,
): boolean | undefined {
  if (key.coefficients) return loadsUnder(bytes, logicalAddress, key.coefficients);
  if (key.kind === "unknown") return undefined;
  const { kind } = inferKey(bytes, logicalAddress);
  if (kind === "unknown") return undefined;
  // Two keys that are in no table may be one and the same.
  return kind === key.kind ? (kind === "other" ? undefined : true) : false;
}

/** What key code in flash form shows by itself. */
export function keyShownBy(bytes: Uint8Array, logicalAddress: number): Pick<KeyState, "kind" | "coefficients"> {
  return inferKey(bytes, logicalAddress);
}

/** What boot code says of the flash in its partition table, as far as the flash is known: where it jumps to, where it looks for packages. */
import { alignUp } from "../base/bytes";
import type { Range } from "../base/ranges";
import type { FlashGeometry } from "../beken/chips/types";
import { BLOCK_SIZE, stripCrcBlocks } from "../beken/images/crcBlocks";
import { findFalTable, physicalRange } from "../beken/images/fal";
import type { FlashAfter } from "./flashAfter";

/** A partition by the boot code's own table, physical; undefined where no table was read, or it does not name it. */
export function bootPartition(flash: FlashAfter, name: string, geometry: FlashGeometry): Range | undefined {
  const { bootCodeEnd } = geometry;
  for (let at: number | undefined = 0; at !== undefined && at < bootCodeEnd;) {
    const end = flash.knownUntil(at, bootCodeEnd);
    const first = alignUp(at, BLOCK_SIZE);
    const bytes = first < end ? flash.at(first, end - first) : undefined;
    const found = bytes && partitionIn(stripCrcBlocks(bytes), name, flash.size, geometry);
    if (found) return found;
    at = flash.nextKnown(Math.max(at + 1, end), bootCodeEnd);
  }
  return undefined;
}

/** Where the boot code jumps to, physical: as its table says, else where all known ones do. */
export function jumpTarget(flash: FlashAfter, geometry: FlashGeometry): number {
  return bootPartition(flash, "app", geometry)?.start ?? geometry.applicationStart;
}

function partitionIn(code: Uint8Array, name: string, size: number, geometry: FlashGeometry): Range | undefined {
  const entry = findFalTable(code).find((partition) => partition.name === name);
  if (!entry) return undefined;
  const range = physicalRange(entry);
  return isSane(range, size, geometry) ? range : undefined;
}

function isSane({ start }: Range, size: number, { sector, bootCodeEnd }: FlashGeometry): boolean {
  return start >= bootCodeEnd && start % sector === 0 && start < size;
}

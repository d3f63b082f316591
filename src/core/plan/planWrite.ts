/**
 * From a file and a chip to a plan. Pure: nothing here talks to a chip, and nothing that is not in the returned
 * plan will be erased or written. Refusals are thrown as PlanError or ImageError before anything is touched.
 */
import { hexAddress, isFilledWith } from "../base/bytes";
import { ImageError, PlanError } from "../base/errors";
import { describeRange, join, lengthOf, overlaps, rangeOf, split, subtract, widen, type Range } from "../base/ranges";
import { oneOf, words, type Words } from "../base/words";
import { CALIBRATION_LENGTH } from "../beken/chips/calibration";
import { STRICTEST } from "../beken/chips/strictGeometry";
import type { ChipIdentity, FlashGeometry, KeyKind, KeyState } from "../beken/chips/types";
import { canRekey } from "../beken/images/rekey";
import { signWords } from "../beken/images/chipSigns";
import type { FirmwareImage, ImageKey, Segment } from "../beken/images/firmwareImage";
import { sameKey } from "../beken/images/keystream";
import type { EraseStep } from "../driver/chipDevice";
import type { FlashPlan, PlannedWrite, ProtectedRange } from "./flashPlan";

export interface PlanOptions {
  /** The person asked for the bootloader area by name and a verified copy of it exists. */
  readonly allowBootloader: boolean;
  /** Boot code is all that answers on this chip; told with the refusal. */
  readonly lifeline?: boolean;
  /** Calibration sector of this very chip, when it was found. */
  readonly calibrationAt: number | undefined;
  /** Of the chip; the strictest where left out. */
  readonly geometry?: FlashGeometry;
}

/**
 * @throws ImageError when the file refuses serial flashing, or is for another chip or key
 * @throws PlanError when it does not fit, overlaps itself, or would touch what is protected
 */
export function planWrite(image: FirmwareImage, chip: ChipIdentity, options: PlanOptions): FlashPlan {
  assertFlashable(image);
  assertFits(image, chip);
  return planSegments(image.segments, chip.flash.size, options);
}

/** Throws the file's own reason when it cannot be flashed over serial. */
export function assertFlashable(image: FirmwareImage): void {
  if (image.refusal) {
    throw new ImageError(image.refusal.code, `check ${image.fileName}`, {
      file: image.fileName,
      ...image.refusal.context,
    });
  }
}

function assertFits(image: FirmwareImage, chip: ChipIdentity): void {
  const misfit = misfitOf(image, chip);
  if (misfit) throw misfit;
}

/**
 * Chip and key of the file against chip and key on the wire. What is unknown on either side is no contradiction.
 * @returns ImageError `image-wrong-chip`, `image-wrong-key`; undefined where nothing speaks against it
 */
export function misfitOf(image: FirmwareImage, { chip, alternatives = [], key }: ChipIdentity): ImageError | undefined {
  const doing = `check ${image.fileName}`;
  const { chips } = image;
  const possible = chip ? [chip, ...alternatives] : [];
  if (chips !== "any" && chip && !possible.some(({ runs }) => chips.some((id) => runs.includes(id)))) {
    return new ImageError("image-wrong-chip", doing, {
      file: image.fileName,
      expected: chip.name,
      actual: oneOf(chips.map((id) => id.toUpperCase())),
      ...(image.signs && image.signs.length > 0 && { detail: signWords(image.signs) }),
    });
  }
  if (image.key && keysDiffer(image.key, key)) {
    return new ImageError("image-wrong-key", doing, {
      file: image.fileName,
      expected: keyOnChip(key),
      actual: keyOfFile(image.key, key),
      rekey: canRekey(image, key).possible,
    });
  }
  return undefined;
}

/**
 * A file that fits because the chip may be another than it is taken for: chips that answer alike and do not run each other's code.
 * @returns what both are said to be; undefined where the file is for what the chip is taken for
 */
export function guessedChip({ chips }: FirmwareImage, { chip }: ChipIdentity): Words | undefined {
  if (chips === "any" || !chip || chips.some((id) => chip.runs.includes(id))) return undefined;
  return words`the file is for ${oneOf(chips.map((id) => id.toUpperCase()))}, the chip was taken for a ${chip.name}`;
}

const KEY_WORDS: Readonly<Record<KeyKind, Words>> = {
  tuya: words`tuya key`,
  zero: words`zero key`,
  other: words`other key`,
  unknown: words`unknown key`,
};

const SHOWN_BY: Readonly<Record<KeyState["from"], Words>> = {
  efuse: words`efuse`,
  application: words`application`,
  bootloader: words`bootloader`,
  nothing: words`nothing`,
};

/** What the chip's key is and what tells it, for an error. */
export function keyOnChip({ kind, from }: Pick<KeyState, "kind" | "from">): Words {
  return words`${KEY_WORDS[kind]} (as the chip's ${SHOWN_BY[from]} shows)`;
}

/** The key that code is for, for an error beside {@link keyOnChip}: two keys that are in no table have the same name. */
export function keyOfFile({ kind }: Pick<ImageKey, "kind">, chip: Pick<KeyState, "kind">): Words {
  return kind === chip.kind ? words`another key than the chip's` : KEY_WORDS[kind];
}

/** True when both keys are known and code for the one does not run under the other. */
export function keysDiffer(image: ImageKey, chip: Pick<KeyState, "kind" | "coefficients">): boolean {
  if (image.kind === "unknown" || chip.kind === "unknown") return false;
  if (image.kind !== chip.kind) return true;
  // Many words mean "no scrambling"; two that do are the same key, whatever their unused parts hold.
  if (image.kind === "zero" || !image.coefficients || !chip.coefficients) return false;
  // Not word by word: a key found from code has other words than the eFuse, and the same mask at every address.
  return !sameKey(image.coefficients, chip.coefficients);
}

/** Lays segments on the flash. Exported for images that carry no metadata at all (`raw` with an address). */
export function planSegments(segments: readonly Segment[], flashSize: number, options: PlanOptions): FlashPlan {
  const writes = [...segments].filter(({ data }) => data.length > 0).sort((a, b) => a.address - b.address);
  if (writes.length === 0) throw new PlanError("plan-empty", "plan the write");
  assertInsideFlash(writes, flashSize);
  const { geometry = STRICTEST } = options;
  const { sector } = geometry;
  const owned = writes.map(({ address, data }) => rangeOf(address, data.length));
  const sectors = join(owned.map((range) => widen(range, sector)));
  assertUnprotected(sectors, options);
  const preserved = subtract(sectors, owned);
  const erases = chooseErases(sectors, preserved, geometry);
  return {
    kind: "write",
    flashSize,
    geometry,
    writes,
    sectors,
    erases,
    preserved,
    protectedRanges: protectedRanges(options),
    totals: {
      preserve: lengthOf(join(preserved.map((range) => widen(range, sector)))),
      erase: lengthOf(sectors),
      write: programmedSectors({ sectors, writes, preserved, geometry }).length * sector,
      verify: lengthOf(sectors),
    },
  };
}

/**
 * A plan that only erases `[start, start + length)`, which must be whole sectors.
 * @throws PlanError `plan-misaligned`, `plan-out-of-range`, `plan-touches-bootloader`, `plan-touches-calibration`
 */
export function planErase(start: number, length: number, flashSize: number, options: PlanOptions): FlashPlan {
  const doing = `plan the erase of ${describeRange(rangeOf(start, length))}`;
  const { geometry = STRICTEST } = options;
  const { sector } = geometry;
  if (length <= 0) throw new PlanError("plan-empty", doing);
  if (start % sector !== 0 || length % sector !== 0) {
    const detail = words`sectors are ${sector} bytes`;
    throw new PlanError("plan-misaligned", doing, { address: start, length, detail });
  }
  const range = rangeOf(start, length);
  if (start < 0 || range.end > flashSize) {
    throw new PlanError("plan-out-of-range", doing, {
      address: start,
      length,
      expected: words`below ${hexAddress(flashSize)}`,
    });
  }
  assertUnprotected([range], options);
  return {
    kind: "erase",
    flashSize,
    geometry,
    writes: [],
    sectors: [range],
    erases: chooseErases([range], [], geometry),
    preserved: [],
    protectedRanges: protectedRanges(options),
    totals: { preserve: 0, erase: length, write: 0, verify: length },
  };
}

function assertInsideFlash(writes: readonly PlannedWrite[], flashSize: number): void {
  let end = 0;
  for (const { address, data, from } of writes) {
    const doing = words`place ${from} at ${hexAddress(address)}`;
    if (!Number.isInteger(address) || address < 0 || address + data.length > flashSize) {
      throw new PlanError("plan-out-of-range", doing, {
        address,
        length: data.length,
        expected: words`below ${hexAddress(flashSize)}`,
        actual: hexAddress(address + data.length),
      });
    }
    if (address < end) throw new PlanError("plan-overlap", doing, { address, length: data.length });
    end = address + data.length;
  }
}

function protectedRanges({ allowBootloader, calibrationAt, geometry = STRICTEST }: PlanOptions): ProtectedRange[] {
  const out: ProtectedRange[] = [];
  if (!allowBootloader) out.push({ start: 0, end: geometry.bootCodeEnd, why: "bootloader" });
  if (calibrationAt !== undefined) {
    const { start, end } = widen(rangeOf(calibrationAt, CALIBRATION_LENGTH), geometry.sector);
    out.push({ start, end, why: "calibration" });
  }
  return out;
}

function assertUnprotected(sectors: readonly Range[], options: PlanOptions): void {
  for (const guarded of protectedRanges(options)) {
    const hit = sectors.find((sector) => overlaps(sector, guarded));
    if (!hit) continue;
    const code = guarded.why === "bootloader" ? "plan-touches-bootloader" : "plan-touches-calibration";
    throw new PlanError(code, `plan ${describeRange(hit)}`, {
      address: Math.max(hit.start, guarded.start),
      length: Math.min(hit.end, guarded.end) - Math.max(hit.start, guarded.start),
      ...(guarded.why === "bootloader" && options.lifeline === true && { lifeline: true }),
    });
  }
}

/** Block erase exactly where all sectors of a block are the plan's and none keeps anything; single sectors elsewhere. */
export function chooseErases(
  sectors: readonly Range[],
  preserved: readonly Range[],
  { sector, block }: Pick<FlashGeometry, "sector" | "block">,
): EraseStep[] {
  return split(sectors, block).flatMap((piece): EraseStep[] => {
    const whole = piece.end - piece.start === block && !preserved.some((range) => overlaps(range, piece));
    if (whole) return [{ address: piece.start, length: block }];
    return split([piece], sector).map(({ start }) => ({ address: start, length: sector }));
  });
}

/** True when none of the writes puts anything but FF into `range`. */
function isBlankIn(writes: readonly PlannedWrite[], range: Range): boolean {
  return writes.every(({ address, data }) => {
    const own = rangeOf(address, data.length);
    if (!overlaps(own, range)) return true;
    return isFilledWith(data, 0xff, Math.max(0, range.start - address), Math.min(data.length, range.end - address));
  });
}

/** Sectors that may hold more than FF after the job, in order: the ones that are programmed. */
export function programmedSectors({
  sectors,
  writes,
  preserved,
  geometry,
}: Pick<FlashPlan, "sectors" | "writes" | "preserved" | "geometry">): number[] {
  return split(sectors, geometry.sector)
    .filter((sector) => !isBlankIn(writes, sector) || preserved.some((kept) => overlaps(kept, sector)))
    .map(({ start }) => start);
}

/** Sectors of which some bytes are kept: read before the first erase. */
export function preservedSectors({ preserved, geometry: { sector } }: FlashPlan): number[] {
  return split(join(preserved.map((range) => widen(range, sector))), sector).map(({ start }) => start);
}

/**
 * The bytes a sector of the plan holds when the job is done.
 * @param before what the sector held before the erase; needed where the plan preserves part of it
 */
export function sectorContent(plan: FlashPlan, address: number, before: Uint8Array | undefined): Uint8Array {
  const content = new Uint8Array(plan.geometry.sector).fill(0xff);
  const sector = rangeOf(address, content.length);
  for (const kept of plan.preserved) {
    if (!overlaps(kept, sector)) continue;
    if (!before)
      throw new PlanError("internal", `keep ${describeRange(kept)}`, { detail: words`its content was never read` });
    const start = Math.max(kept.start, sector.start);
    const end = Math.min(kept.end, sector.end);
    content.set(before.subarray(start - address, end - address), start - address);
  }
  for (const write of plan.writes) {
    const own = rangeOf(write.address, write.data.length);
    if (!overlaps(own, sector)) continue;
    const start = Math.max(own.start, sector.start);
    const end = Math.min(own.end, sector.end);
    content.set(write.data.subarray(start - write.address, end - write.address), start - address);
  }
  return content;
}

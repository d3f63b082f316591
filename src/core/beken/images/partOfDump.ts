/** A stretch of a dump as a file of its own, for its place in flash: what it is was found out from the whole dump. */
import { hexAddress } from "../../base/bytes";
import { contains, overlaps, type Range } from "../../base/ranges";
import { words } from "../../base/words";
import { APP_PHYSICAL } from "./appKey";
import type { FirmwareImage } from "./firmwareImage";
import type { NamedFile, RecognisedFile } from "./namedFile";
import { imageOf } from "./recogniseFile";
import { straighten } from "./shift";

/**
 * Chip and key are the dump's: a plan refuses the part where it would refuse the dump.
 * @param range flash addresses inside the dump
 */
export function partOfDump(dump: NamedFile, range: Range): RecognisedFile {
  const flash = straighten(dump.bytes);
  if (range.end <= range.start || !contains({ start: 0, end: flash.length }, range))
    throw new RangeError(`${hexAddress(range.start)}-${hexAddress(range.end)} is not in the dump`);
  const whole = imageOf(dump);
  const bytes = flash.subarray(range.start, range.end);
  const name = `${dump.name} ${hexAddress(range.start)}-${hexAddress(range.end)}`;
  const holdsCode = whole.segments.some(({ address, data }) =>
    overlaps(range, { start: address, end: address + data.length }),
  );
  const image: FirmwareImage = {
    format: "raw",
    label: words`Part of a dump`,
    fileName: name,
    fileSize: bytes.length,
    chips: whole.chips,
    signs: whole.signs,
    key: holdsCode || range.start < APP_PHYSICAL ? whole.key : undefined,
    segments: [{ address: range.start, data: bytes, from: words`part of a dump` }],
    refusal: undefined,
    checks: [],
    warnings: [],
    details: [],
  };
  return { name, bytes, recognised: { name, bytes, image } };
}

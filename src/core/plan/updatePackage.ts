/** A package for updates over the air, put where boot code looks for one: whether this chip's does, and where. */
import { hexAddress } from "../base/bytes";
import { ImageError } from "../base/errors";
import type { Range } from "../base/ranges";
import { words } from "../base/words";
import { geometryOf } from "../beken/chips/strictGeometry";
import type { ChipIdentity } from "../beken/chips/types";
import type { FirmwareImage } from "../beken/images/firmwareImage";
import { bootPartition } from "../beken/images/fal";
import { FlashAfter } from "./flashAfter";

/** Of all layouts that are known: what is longer reaches what lies behind. */
const SHORTEST_DOWNLOAD = 0xa6000;

/**
 * @throws ImageError `image-ota-only` where the boot code is not known to unpack packages, `image-wrong-offset` where it looks for
 *   them elsewhere, `image-too-large`
 */
export function assertUnpacked({ fileName: file, segments: [segment] }: FirmwareImage, chip: ChipIdentity): void {
  if (!segment) return;
  const doing = words`place ${file} for the boot code to unpack`;
  const download = downloadPartition(chip);
  if (!download) {
    const detail = words`the boot code of this chip is not known to unpack packages`;
    throw new ImageError("image-ota-only", doing, { file, detail });
  }
  const { start, end } = download;
  const { address, data } = segment;
  if (address !== start) {
    const detail = words`the boot code of this chip looks for a package elsewhere`;
    const [expected, actual] = [hexAddress(start), hexAddress(address)];
    throw new ImageError("image-wrong-offset", doing, { file, address, detail, expected, actual });
  }
  if (data.length > end - start) {
    const [expected, actual] = [words`at most ${hexAddress(end - start)} bytes`, hexAddress(data.length)];
    throw new ImageError("image-too-large", doing, { file, length: data.length, expected, actual });
  }
}

/** Where the boot code of a chip looks for packages, as its own table says, else as is known of that boot code; undefined where neither does. */
export function downloadPartition(chip: ChipIdentity): Range | undefined {
  const { bootloader, flash, samples = [] } = chip;
  const byTable = bootPartition(new FlashAfter(flash.size, samples, undefined), "download", geometryOf(chip));
  if (byTable) return byTable;
  const start = bootloader.profile?.download;
  return start === undefined ? undefined : { start, end: start + SHORTEST_DOWNLOAD };
}

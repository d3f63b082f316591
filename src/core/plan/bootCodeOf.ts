/**
 * Boot code out of a file that has it in front of its application: whether it fits a chip, and the image with it among what is
 * written. Whether anything may be written there is not decided here.
 */
import { ImageError } from "../base/errors";
import { oneOf, words } from "../base/words";
import { findBootloaders, fingerprintOf } from "../beken/chips/bootloaders";
import { CHIPS } from "../beken/chips/chips";
import type { ChipIdentity } from "../beken/chips/types";
import type { BootCodePart, FirmwareImage, Refusal, Segment } from "../beken/images/firmwareImage";
import { isWarning } from "../beken/images/report";
import { keyOfFile, keyOnChip, keysDiffer } from "./planWrite";

/** Why a file's boot code does not fit a chip; undefined where it does, as far as can be told. */
export function bootCodeMisfit({ data, key }: BootCodePart, identity: ChipIdentity): Refusal | undefined {
  const { chip, alternatives = [] } = identity;
  const rows = findBootloaders(fingerprintOf(data));
  const candidates = [chip, ...alternatives].filter((one) => one !== undefined);
  const fits = rows.some(({ chips }) => candidates.some(({ id }) => chips.includes(id)));
  if (rows.length > 0 && candidates.length > 0 && !fits) {
    const names = [...new Set(rows.flatMap(({ chips }) => chips.map((id) => CHIPS[id].name)))];
    return {
      code: "image-wrong-chip",
      context: { expected: chip?.name ?? "", actual: oneOf(names), detail: words`its boot code is for another chip` },
    };
  }
  // What only the chip's own boot code shows is what is to be replaced.
  const isEvidence = identity.key.from === "efuse" || identity.key.from === "application";
  if (!isEvidence || !keysDiffer(key, identity.key)) return undefined;
  return {
    code: "image-wrong-key",
    context: {
      expected: keyOnChip(identity.key),
      actual: words`${keyOfFile(key, identity.key)} (${words`boot code`})`,
    },
  };
}

/** The image with its boot code among its segments. */
export function withBootCode(image: FirmwareImage, { data }: BootCodePart): FirmwareImage {
  const warnings = image.warnings.filter((warning) => !isWarning(warning, "application-area-only"));
  return { ...image, warnings, segments: [segmentOf(data), ...image.segments] };
}

/**
 * The boot code of a file and nothing else.
 * @throws ImageError `image-not-flashable` where it has none
 */
export function bootCodeAlone(image: FirmwareImage): FirmwareImage {
  const { bootCode, fileName } = image;
  if (!bootCode) {
    const detail = words`there is no boot code in it; a backup, a QIO image or a stored copy of boot code has some`;
    throw new ImageError("image-not-flashable", words`take the boot code out of ${fileName}`, {
      file: fileName,
      detail,
    });
  }
  return {
    ...image,
    label: words`Boot code of ${fileName}`,
    key: bootCode.key,
    refusal: undefined,
    segments: [segmentOf(bootCode.data)],
    warnings: [],
  };
}

function segmentOf(data: Uint8Array): Segment {
  return { address: 0, data, from: words`boot code` };
}

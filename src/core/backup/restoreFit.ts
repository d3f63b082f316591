/**
 * What stands against restoring a dump to a chip: a worthless or changed file, another chip, a larger flash, another key,
 * boot code that must not be touched. Refusals only; what is merely worth knowing is in planRestore.ts.
 */
import { hexAddress } from "../base/bytes";
import { describeRange } from "../base/ranges";
import { listed, oneOf, words, type Words } from "../base/words";
import { geometryOf } from "../beken/chips/strictGeometry";
import type { ChipIdentity } from "../beken/chips/types";
import { APP_PHYSICAL, inferKey } from "../beken/images/appKey";
import { signWords } from "../beken/images/chipSigns";
import type { FirmwareImage, ImageKey, Refusal } from "../beken/images/firmwareImage";
import { chipDoubt, type Doubt } from "../plan/doubt";
import { keyOfFile, keyOnChip, keysDiffer } from "../plan/planWrite";
import { hasBootCode, type DumpJudgement } from "./judgeDump";
import { checkManifest, type BackupManifest } from "./manifest";
import { notADump } from "./notADump";

interface Dump {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly manifest?: BackupManifest;
}

/** What stands against a dump whatever the chip; most fundamental first. */
export function dumpRefusals(dump: Dump, judgement: DumpJudgement): Refusal[] {
  // What a manifest vouches for was read from a chip.
  const foreign = dump.manifest ? changed(dump) : notADump(dump);
  return [worthless(judgement), foreign].filter((refusal) => refusal !== undefined);
}

/**
 * @param image what the file is
 * @param upright the dump from flash address 0
 * @returns most fundamental first
 */
export function fitRefusals(
  dump: Dump,
  image: FirmwareImage,
  upright: Uint8Array,
  identity: ChipIdentity,
  judgement: DumpJudgement,
  allowBootloader: boolean,
): Refusal[] {
  const found = [
    ...dumpRefusals(dump, judgement),
    wrongChip(dump, image, identity),
    tooLarge(upright, identity),
    wrongKey(inferKey(upright.subarray(APP_PHYSICAL)), identity, words`application`),
    ...(allowBootloader ? bootloader(dump, upright, identity) : []),
  ];
  return found.filter((refusal) => refusal !== undefined);
}

function worthless({ findings }: DumpJudgement): Refusal | undefined {
  const finding = findings.find(({ weight }) => weight === "worthless");
  return finding && { code: "backup-worthless", context: { detail: finding.words } };
}

/** What is no longer as its manifest says it was read; nothing can be told without one. */
export function changed({ manifest, bytes }: Pick<Dump, "manifest" | "bytes">): Refusal | undefined {
  if (!manifest) return undefined;
  const check = checkManifest(manifest, bytes);
  if (check.verdict === "equal") return undefined;
  const where = check.damaged.slice(0, 4).map(describeRange);
  const what = {
    short: words`it is shorter than what was read`,
    long: words`it is longer than what was read`,
    damaged: words`its checksums do not hold`,
  }[check.verdict];
  return {
    code: "backup-damaged",
    context: {
      detail: where.length === 0 ? what : words`${what}, at ${listed(where)}`,
      expected: words`CRC-32 ${manifest.crc32}`,
      length: bytes.length,
    },
  };
}

/** The manifest's chip; without one, what the content tells. */
function wrongChip(
  { manifest }: Dump,
  image: FirmwareImage,
  { chip, alternatives = [] }: ChipIdentity,
): Refusal | undefined {
  if (!chip) return undefined;
  const named = manifest ? manifest.device.chip : null;
  // Signs for chips that exclude each other fit no chip at all.
  if (named === null && image.refusal?.code === "image-wrong-chip") return image.refusal;
  const ids: readonly string[] = named !== null ? [named] : image.chips === "any" ? [] : image.chips;
  if (ids.length === 0) return undefined;
  const fits = [chip, ...alternatives].some(({ runs }) => runs.some((id) => ids.includes(id)));
  if (fits) return undefined;
  const { signs = [] } = image;
  return {
    code: "image-wrong-chip",
    context: {
      expected: chip.name,
      actual: oneOf(ids.map((id) => id.toUpperCase())),
      ...(named === null && signs.length > 0 && { detail: signWords(signs) }),
    },
  };
}

/**
 * What a person must agree to beforehand.
 * @param withBootCode the boot code is restored too
 */
export function restoreDoubts(
  { manifest }: Dump,
  image: FirmwareImage,
  identity: ChipIdentity,
  { findings }: DumpJudgement,
  withBootCode: boolean,
): Doubt[] {
  const told = manifest !== undefined && manifest.device.chip !== null;
  const chip = told ? undefined : chipDoubt({ ...image, format: "full-dump" }, identity);
  const damage = findings
    .filter(({ code }) => code === "damaged-application" || (withBootCode && code === "damaged-bootloader"))
    .map((finding): Doubt => ({ code: "backup-unsound", detail: finding.words }));
  return [...(chip ? [chip] : []), ...damage];
}

function tooLarge({ length }: Uint8Array, { flash }: ChipIdentity): Refusal | undefined {
  if (length <= flash.size) return undefined;
  return {
    code: "image-too-large",
    context: { length, expected: words`at most ${hexAddress(flash.size)} bytes of flash`, actual: hexAddress(length) },
  };
}

function wrongKey(key: ImageKey, identity: ChipIdentity, of: Words): Refusal | undefined {
  if (!keysDiffer(key, identity.key)) return undefined;
  return {
    code: "image-wrong-key",
    context: {
      expected: keyOnChip(identity.key),
      actual: words`${keyOfFile(key, identity.key)} (${of})`,
    },
  };
}

/** Boot code is written only where it is not all that answers, and only if it is boot code, of this chip. */
function bootloader({ manifest }: Dump, upright: Uint8Array, identity: ChipIdentity): (Refusal | undefined)[] {
  const refuse = (detail: Words, lifeline = false): Refusal => ({
    code: "plan-touches-bootloader",
    context: { address: 0, length: geometryOf(identity).bootCodeEnd, detail, ...(lifeline && { lifeline }) },
  });
  const named = manifest?.device.chip;
  const otherChip = named !== undefined && named !== null && identity.chip !== undefined && identity.chip.id !== named;
  return [
    identity.protocol.bootloaderIsLifeline
      ? refuse(words`the boot code is all that answers on this chip; only a programmer brings it back`, true)
      : undefined,
    hasBootCode(upright) ? undefined : refuse(words`the backup has no boot code`),
    otherChip ? refuse(words`the backup's boot code is of another chip`) : undefined,
    wrongKey(inferKey(upright, 0), identity, words`boot code`),
  ];
}

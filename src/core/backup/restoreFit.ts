/**
 * What stands against restoring a dump to a chip: a worthless or changed file, another chip, a larger flash, another key,
 * boot code that must not be touched. Refusals only; what is merely worth knowing is in restore.ts.
 */
import { BOOTLOADER_END, hexAddress } from "../base/bytes";
import { describeRange } from "../base/ranges";
import type { ChipIdentity } from "../chips/types";
import { APP_PHYSICAL, inferKey } from "../images/appKey";
import { detectImage } from "../images/detect";
import type { ImageKey, Refusal } from "../images/image";
import { keysDiffer } from "../plan/planWrite";
import { hasBootCode, type DumpJudgement } from "./judge";
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
  const foreign = dump.manifest ? changed(dump) : notADump(dump.name, dump.bytes);
  return [worthless(judgement), foreign].filter((refusal) => refusal !== undefined);
}

/**
 * @param upright the dump from flash address 0
 * @returns most fundamental first
 */
export function fitRefusals(
  dump: Dump,
  upright: Uint8Array,
  identity: ChipIdentity,
  judgement: DumpJudgement,
  allowBootloader: boolean,
): Refusal[] {
  const found = [
    ...dumpRefusals(dump, judgement),
    wrongChip(dump, identity),
    tooLarge(upright, identity),
    wrongKey(inferKey(upright.subarray(APP_PHYSICAL)), identity, "application"),
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
  const where = check.damaged.slice(0, 4).map(describeRange).join(", ");
  const words = {
    short: "it is shorter than what was read",
    long: "it is longer than what was read",
    damaged: "its checksums do not hold",
  }[check.verdict];
  return {
    code: "backup-damaged",
    context: {
      detail: where === "" ? words : `${words}, at ${where}`,
      expected: `CRC-32 ${manifest.crc32}`,
      length: bytes.length,
    },
  };
}

/** The manifest's chip; without one, those that the file itself names. */
function wrongChip({ manifest, name, bytes }: Dump, { chip, alternatives = [] }: ChipIdentity): Refusal | undefined {
  if (!chip) return undefined;
  const named = manifest ? manifest.device.chip : null;
  const fromFile = manifest ? "any" : detectImage(bytes, name).chips;
  const ids: readonly string[] = named === null ? (fromFile === "any" ? [] : fromFile) : [named];
  if (ids.length === 0) return undefined;
  const fits = [chip, ...alternatives].some(({ runs }) => runs.some((id) => ids.includes(id)));
  return fits
    ? undefined
    : {
        code: "image-wrong-chip",
        context: { expected: chip.name, actual: ids.map((id) => id.toUpperCase()).join(" or ") },
      };
}

function tooLarge({ length }: Uint8Array, { flash }: ChipIdentity): Refusal | undefined {
  if (length <= flash.size) return undefined;
  return {
    code: "image-too-large",
    context: { length, expected: `at most ${hexAddress(flash.size)} bytes of flash`, actual: hexAddress(length) },
  };
}

function wrongKey(key: ImageKey, identity: ChipIdentity, of: string): Refusal | undefined {
  if (!keysDiffer(key, identity.key)) return undefined;
  return {
    code: "image-wrong-key",
    context: {
      expected: `${identity.key.kind} key (as the chip's ${identity.key.from} shows)`,
      actual: `${key.kind} key (${of})`,
    },
  };
}

/** Boot code is written only where it is not all that answers, and only if it is boot code, of this chip. */
function bootloader({ manifest }: Dump, upright: Uint8Array, identity: ChipIdentity): (Refusal | undefined)[] {
  const refuse = (detail: string, lifeline = false): Refusal => ({
    code: "plan-touches-bootloader",
    context: { address: 0, length: BOOTLOADER_END, detail, ...(lifeline && { lifeline }) },
  });
  const named = manifest?.device.chip;
  const otherChip = named !== undefined && named !== null && identity.chip !== undefined && identity.chip.id !== named;
  return [
    identity.protocol.bootloaderIsLifeline
      ? refuse("the boot code is all that answers on this chip; only a programmer brings it back", true)
      : undefined,
    hasBootCode(upright) ? undefined : refuse("the backup has no boot code"),
    otherChip ? refuse("the backup's boot code is of another chip") : undefined,
    wrongKey(inferKey(upright, 0), identity, "boot code"),
  ];
}

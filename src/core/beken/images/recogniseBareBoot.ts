/**
 * Boot code as the linker or a vendor's packing tool leaves it: without the CRC-16s, plain or scrambled already. It is told by
 * what it would be in flash, and never written as it is.
 */
import { alignUp } from "../../base/bytes";
import { words, type Words } from "../../base/words";
import { findBootloader, fingerprintOf } from "../chips/bootloaders";
import { TUYA_KEY, ZERO_KEY } from "../chips/keys";
import type { BootloaderProfile, Coefficients } from "../chips/types";
import { agreeOnFormat, agreeOnSigns } from "./agreement";
import { APP_PHYSICAL, keyOfCode, looksInterleaved, vectorsPointBelowApp } from "./appKey";
import { describeCode, noteBootCode } from "./bootCode";
import { bootCodeSigns } from "./chipSigns";
import { scramble } from "./cipher";
import { addCrcBlocks, BLOCK_DATA } from "./crcBlocks";
import type { NameClaims } from "./fileName";
import type { FirmwareImage } from "./firmwareImage";
import { labelFor } from "./label";
import type { ImageReport } from "./report";

/** What a fingerprint needs of the code, in whole blocks. */
const START = 16 * BLOCK_DATA;

/** The row whose program this is, if it were scrambled with `key` and had its CRC-16s. */
function rowOf(code: Uint8Array, key: Coefficients): BootloaderProfile | undefined {
  const start = new Uint8Array(alignUp(Math.min(code.length, START), BLOCK_DATA)).fill(0xff);
  start.set(code.subarray(0, start.length));
  return findBootloader(fingerprintOf(addCrcBlocks(scramble(start, key, 0))));
}

/** Boot code without CRC-16s; undefined for anything else. */
export function recogniseBareBoot(report: ImageReport, claims: NameClaims): FirmwareImage | undefined {
  const { bytes } = report;
  if (bytes.length < 64 || bytes.length > APP_PHYSICAL || looksInterleaved(bytes)) return undefined;
  const key = keyOfCode(bytes, 0);
  if (key === undefined) return undefined;
  const isPlain = key !== TUYA_KEY;
  const plain = scramble(bytes, key, 0);
  const profile = isPlain ? (rowOf(bytes, ZERO_KEY) ?? rowOf(bytes, TUYA_KEY)) : rowOf(bytes, ZERO_KEY);
  const told = describeCode(bytes, key);
  const isBootCode =
    profile !== undefined ||
    told.says !== undefined ||
    told.partitions.length > 0 ||
    claims.kind === "boot" ||
    vectorsPointBelowApp(plain);
  if (!isBootCode) return undefined;
  const kind = { kind: isPlain ? "zero" : "tuya", coefficients: key } as const;
  const boot = { ...told, key: kind, header: undefined, profile };
  noteBootCode(report, boot);
  agreeOnFormat(report, claims, "bootloader");
  report.refuse("image-not-flashable", { detail: whatItIs(isPlain) });
  const signs = bootCodeSigns(boot, plain);
  const chips = agreeOnSigns(report, claims, signs);
  return report.finish({
    format: "bootloader",
    label: labelFor(words`Boot code without CRC-16s`, chips),
    chips,
    signs,
    key: kind,
  });
}

function whatItIs(isPlain: boolean): Words {
  return isPlain
    ? words`boot code as the linker made it: the CRC-16 after every 32 bytes, without which the chip reads nothing, is missing`
    : words`boot code that is scrambled for the Tuya key, but without the CRC-16 after every 32 bytes the chip reads nothing of it`;
}

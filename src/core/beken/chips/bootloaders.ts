/**
 * Every boot code known by fingerprint, and how to find one. A fingerprint is a CRC-32 over the first bytes of physical
 * flash; it names the program in flash, which on ROM chips says nothing certain about the silicon.
 * Sources per row: "run" = the program itself was executed; otherwise the public project or dump the figure is from.
 */
import { isFilledWith } from "../../base/bytes";
import { crc32 } from "../../base/checksum";
import { words } from "../../base/words";
import { PROFILES } from "./profiles";
import type { BootloaderProfile, ProtocolProfile } from "./types";

/** How much of the flash's start a fingerprint needs: 256 bytes, and one more to tell BK7238 from BK7252N. */
export const FINGERPRINT_LENGTH = 257;

export interface Fingerprint {
  /** CRC-32 of the first 256 bytes, unsigned. */
  readonly crc256?: number | undefined;
  /** CRC-32 of the first 257 bytes, unsigned. */
  readonly crc257?: number | undefined;
}

const Q_LIKE = "family by likeness: every BK7231Q loader that was run is of family A'";

/** By the partition tables of public dumps. Source: docs/formats.md ("Flash layouts"). */
const DOWNLOAD_T = 0x132000;
const DOWNLOAD_N = 0x12a000;

export const BOOTLOADERS: readonly BootloaderProfile[] = [
  // Flash loaders.
  {
    id: "alios-0.1.0",
    name: words`AliOS Things boot code`,
    version: "V(0.1.0)",
    crc256: 0xbefd79d6,
    chips: ["bk7231s"],
    family: "A",
    unpacksNothing: true,
    key: "zero",
    differs: { rebootCommand: "resets" },
    source: "run: AliOS Things SDK, bk7231_bootloader.bin",
  },
  {
    id: "ottime-2.0",
    name: words`ottime boot code`,
    version: "2.0",
    crc256: 0xb61ca79c,
    chips: ["bk7231u", "bk7231s"],
    family: "A",
    key: "zero",
    differs: { rebootCommand: "begins-again" },
    source: "run: bootloader_bk7231(u)_ottime_v2.0.bin",
  },
  {
    id: "bk7231u-aws-1.0",
    name: words`BK7231U AWS boot code`,
    version: "1.0",
    crc256: 0x5e11d360,
    chips: ["bk7231u"],
    family: "A'",
    key: "zero",
    differs: { rebootCommand: "begins-again" },
    note: words`answers on UART2 only`,
    source: "run: bootloader_bk7231u_aws_v1.0.bin",
  },
  {
    id: "bk7231q-moes",
    name: "BK7231Q Tuya (MOES WA2)",
    crc256: 0x42c221ea,
    crc257: 0x8ef347a8,
    chips: ["bk7231q"],
    family: "A'",
    key: "zero",
    source: "run: public dump of a MOES WA2 relay",
  },
  {
    id: "bk7231q-tysdk",
    name: "BK7231Q Tuya SDK",
    crc256: 0xff5a3eac,
    chips: ["bk7231q"],
    family: "A'",
    key: "zero",
    source: "run: ghsecuritylab/tysdk_for_bk7231",
  },
  {
    id: "bk7231q",
    name: "BK7231Q",
    crc256: 0xf0231ef6,
    chips: ["bk7231q"],
    family: "A'",
    key: "zero",
    source: `bk7231tools; ${Q_LIKE}`,
  },
  {
    id: "bk7231q-tysdk-generate",
    name: words`BK7231Q Tuya SDK (packaging tool's copy)`,
    crc256: 0x49645495,
    chips: ["bk7231q"],
    family: "A'",
    key: "unknown",
    source: `tysdk_for_bk7231 tools/generate; ${Q_LIKE}`,
  },
  {
    id: "bk7231s-1.0.1",
    name: words`BK7231S without key`,
    version: "1.0.1",
    crc256: 0x7e662813,
    chips: ["bk7231s", "bk7231t"],
    family: "B'",
    download: DOWNLOAD_T,
    key: "zero",
    source: "run: bootloader_bk7231s_1.0.1_crc.bin of hid_download_py",
  },
  {
    id: "bk7231t-1.0.1",
    name: "BK7231T Tuya",
    version: "1.0.1",
    crc256: 0xc1eca871,
    chips: ["bk7231t", "bk7231s"],
    family: "B'",
    download: DOWNLOAD_T,
    key: "tuya",
    source: "bk7231tools; family by the run of the same version without key",
  },
  {
    id: "bk7231t-1.0.4",
    name: "BK7231T Tuya",
    version: "1.0.4",
    crc256: 0x4b31e44d,
    crc257: 0x0a44f5b3,
    chips: ["bk7231t", "bk7231s"],
    family: "B'",
    download: DOWNLOAD_T,
    key: "tuya",
    note: words`listed as 1.0.3 elsewhere; the program itself says 1.0.4`,
    source: "run: public dump; bk7231tools",
  },
  {
    id: "bk7231t-1.0.5",
    name: "BK7231T Tuya",
    version: "1.0.5",
    crc256: 0xba54c1b8,
    crc257: 0xac09c7f1,
    chips: ["bk7231t", "bk7231s"],
    family: "B",
    download: DOWNLOAD_T,
    key: "tuya",
    source: "run: bootloader_enc.bin; bk7231tools",
  },
  {
    id: "bk7231t-1.0.5-zero",
    name: words`BK7231T without key`,
    version: "1.0.5",
    crc256: 0x05de41da,
    crc257: 0xc3063a90,
    chips: ["bk7231t", "bk7231s"],
    family: "B",
    download: DOWNLOAD_T,
    key: "zero",
    source: "public copy; the program of bk7231t-1.0.5 with the mask of Tuya's key taken off, which its CRC-32 allows",
  },
  {
    id: "bk7231t-1.0.4-zero",
    name: words`BK7231T without key`,
    version: "1.0.4",
    crc256: 0xf4bb642f,
    crc257: 0x654b08d2,
    chips: ["bk7231t", "bk7231s"],
    family: "B'",
    key: "zero",
    source: "computed: the program of bk7231t-1.0.4 with the mask of Tuya's key taken off",
  },
  {
    id: "bk7231t-1.0.6-zero-tuya",
    name: words`BK7231T without key`,
    version: "1.0.6",
    crc256: 0x5a414931,
    crc257: 0xf4819e68,
    chips: ["bk7231t", "bk7231s"],
    family: "B",
    key: "zero",
    source: "computed: the program of bk7231t-1.0.6 with the mask of Tuya's key taken off",
  },
  {
    id: "bk7231t-1.0.6",
    name: "BK7231T Tuya",
    version: "1.0.6",
    crc256: 0xe5cbc953,
    crc257: 0x9b8e6309,
    chips: ["bk7231t", "bk7231s"],
    family: "B",
    download: DOWNLOAD_T,
    key: "tuya",
    source: "run: public dump; bk7231tools",
  },
  {
    id: "bk7231t-1.0.6-zero",
    name: words`BK7231T without key`,
    version: "1.0.6",
    crc256: 0x7c09e286,
    chips: ["bk7231t", "bk7231s"],
    family: "B",
    download: DOWNLOAD_T,
    key: "zero",
    source: "run: warewolf bootloader.bin",
  },
  {
    id: "bk7231u-1.0.6",
    name: "BK7231U",
    version: "1.0.6",
    crc256: 0x2739019f,
    chips: ["bk7231u"],
    // Loaders of three families run on this chip and this one was never executed.
    family: "loader",
    key: "zero",
    source: "bk7231tools",
  },
  {
    id: "bk7252-0.1.3",
    name: "BK7252",
    version: "0.1.3",
    crc256: 0x39f9b50c,
    chips: ["bk7252", "bk7251"],
    family: "C",
    key: "zero",
    source: "run: bootloader_a9_v720_crc.bin; bk7231tools",
  },
  {
    id: "bk7252-sdk-2019",
    name: words`BK7252 SDK of 2019-08-28`,
    crc256: 0xe3a27c26,
    chips: ["bk7252", "bk7251"],
    family: "loader",
    key: "zero",
    source: "bk7231tools",
  },
  {
    id: "bk7231u-bk7252-1.0.15",
    name: words`BK7231U / BK7252 of OpenBeken images`,
    version: "1.0.15",
    crc256: 0x8bcec3b4,
    crc257: 0x85e1946b,
    chips: ["bk7231u", "bk7252", "bk7251"],
    family: "C",
    key: "zero",
    source: "run: bootloader_bk7251_uart1/2_v1.0.15; OpenBeken QIO images",
  },
  // Boot code of ROM chips: it holds no download code, the ROM answers before it runs.
  {
    id: "bk7231n-1.0.1",
    name: "BK7231N Tuya",
    version: "1.0.1",
    crc256: 0x4063d299,
    crc257: 0xe14191ba,
    chips: ["bk7231n"],
    family: "rom",
    download: DOWNLOAD_N,
    key: "tuya",
    source: "bk7231tools; public dumps",
  },
  {
    id: "bk7231m-1.0.1",
    name: words`BK7231M (BK7231N without key)`,
    version: "1.0.1",
    crc256: 0xffe952fb,
    crc257: 0x8e4e6cdb,
    chips: ["bk7231m", "bk7231n"],
    family: "rom",
    download: DOWNLOAD_N,
    key: "zero",
    source: "OpenBeken QIO image",
  },
  {
    id: "bk7238-t1-2.0.0",
    name: "BK7238 Tuya T1",
    version: "2.0.0",
    crc257: 0xf42f8c32,
    chips: ["bk7238"],
    family: "rom",
    key: "zero",
    source: "bk7231tools",
  },
  {
    id: "bk7238-1.0.14",
    name: "BK7238",
    version: "1.0.14",
    crc256: 0x8f32a0ec,
    crc257: 0x6beb0924,
    chips: ["bk7238"],
    family: "rom",
    key: "zero",
    note: words`prints BK7238_1.0.15`,
    source: "bk7231tools; OpenBeken QIO image",
  },
  {
    id: "bk7252n-1.0.15",
    name: "BK7252N",
    version: "1.0.15",
    crc256: 0x8f32a0ec,
    crc257: 0x6c86cd3d,
    chips: ["bk7252n"],
    family: "rom",
    key: "zero",
    source: "OpenBeken QIO image",
  },
  {
    id: "bl2028n-dreo",
    name: "BL2028N (Dreo)",
    crc256: 0x87a9c4b5,
    crc257: 0x698e014a,
    chips: ["bl2028n"],
    family: "rom",
    key: "other",
    source: "public dump",
  },
  {
    id: "bk7236-idk",
    name: "BK7236 / BK7258 SDK",
    crc257: 0x1a252301,
    chips: ["bk7236", "bk7258"],
    family: "rom",
    key: "unknown",
    source: "bekencorp/bk_idk",
  },
  {
    id: "bk7236-idk-ab",
    name: words`BK7236 / BK7258 SDK, two application slots`,
    crc257: 0x79199b71,
    chips: ["bk7236", "bk7258"],
    family: "rom",
    key: "unknown",
    source: "bekencorp/bk_idk",
  },
];

/** Fingerprints of the start of flash; a length that `bootCode` does not reach is left out. */
export function fingerprintOf(bootCode: Uint8Array): Fingerprint {
  return {
    crc256: bootCode.length >= 256 ? crc32(bootCode, 0, 256) : undefined,
    crc257: bootCode.length >= FINGERPRINT_LENGTH ? crc32(bootCode, 0, FINGERPRINT_LENGTH) : undefined,
  };
}

/**
 * Whether there is no boot code at all, whose checksum tools report as that of an unknown bootloader: 257 zeros have the
 * CRC-32 B7BFA0CE that ltchiptool asks people to report, 257 times FF have B397B8F6.
 */
export function emptinessOf(bootCode: Uint8Array): "blank" | "zeros" | undefined {
  if (bootCode.length === 0) return undefined;
  if (isFilledWith(bootCode, 0xff)) return "blank";
  return isFilledWith(bootCode, 0x00) ? "zeros" : undefined;
}

/** Every row that a fingerprint fits: none of the lengths known on both sides differs, and at least one is equal. */
export function findBootloaders(fingerprint: Fingerprint): readonly BootloaderProfile[] {
  return BOOTLOADERS.filter((row) => {
    const verdicts = [compare(row.crc256, fingerprint.crc256), compare(row.crc257, fingerprint.crc257)];
    return verdicts.includes("same") && !verdicts.includes("different");
  });
}

/** The row a fingerprint means; undefined when it fits none, or several and cannot tell them apart. */
export function findBootloader(fingerprint: Fingerprint): BootloaderProfile | undefined {
  const rows = findBootloaders(fingerprint);
  return rows.length === 1 ? rows[0] : undefined;
}

/** The protocol of the program in this row: its family's, with what it does differently. */
export function protocolOf(bootloader: BootloaderProfile): ProtocolProfile {
  return { ...PROFILES[bootloader.family], ...bootloader.differs };
}

function compare(known: number | undefined, seen: number | undefined): "same" | "different" | "unknown" {
  if (known === undefined || seen === undefined) return "unknown";
  return known === seen ? "same" : "different";
}

/**
 * UF2 as LibreTiny writes it: numbers, tag ids, families and OTA schemes. Only data.
 * Source: docs/formats.md ("UF2"), public in Microsoft's UF2 specification and LibreTiny's uf2tool.
 */
import { UF2_FAMILY_IDS } from "../chips/chips";
import type { ChipId } from "../chips/types";

export const UF2_BLOCK = 512;
/** Where a block's data starts. */
export const UF2_DATA_AT = 32;
/** Where the closing magic is; data and tags end here. */
export const UF2_END_AT = 508;
/** Data bytes LibreTiny puts into one block. */
export const UF2_CHUNK = 256;

export const UF2_MAGIC_START = 0x0a324655;
export const UF2_MAGIC_SECOND = 0x9e5d5157;
export const UF2_MAGIC_END = 0x0ab16f30;

export const UF2_FLAG = {
  notMainFlash: 0x1,
  fileContainer: 0x1000,
  family: 0x2000,
  md5: 0x4000,
  tags: 0x8000,
} as const;

export const UF2_TAG = {
  version: 0x9fc7bc,
  pageSize: 0x0be9f7,
  sha2: 0xb46db0,
  device: 0x650d9d,
  deviceId: 0xc8a729,
  otaFormat1: 0x5d57d0,
  otaFormat2: 0x6c8492,
  otaPartList: 0x6ec68a,
  otaPartInfo: 0xc0ee0c,
  board: 0xca25c8,
  firmware: 0x00de43,
  buildDate: 0x822f30,
  binpatch: 0xb948de,
  falTable: 0x8288ed,
  ltVersion: 0x59563d,
  legacyPart1: 0x805946,
  legacyPart2: 0xa1e4d7,
  legacyHasOta1: 0xbbd965,
  legacyHasOta2: 0x92280e,
} as const;

/** Who writes the data (running device or a flasher) and which of two slots is meant; the order is that of the tags' nibbles. */
export const UF2_SCHEMES = [
  "DEVICE_SINGLE",
  "DEVICE_DUAL_1",
  "DEVICE_DUAL_2",
  "FLASHER_SINGLE",
  "FLASHER_DUAL_1",
  "FLASHER_DUAL_2",
] as const;

export type Uf2Scheme = (typeof UF2_SCHEMES)[number];

export interface Uf2Family {
  readonly name: string;
  /** Beken chips the family is for; empty for chips of other makers. */
  readonly chips: readonly ChipId[];
}

/** Families by id: Beken's, and those of the other makers LibreTiny builds for, to refuse them by name. */
export const UF2_FAMILIES: ReadonlyMap<number, Uf2Family> = new Map<number, Uf2Family>([
  [UF2_FAMILY_IDS.bk7231q, { name: "BK7231Q", chips: ["bk7231q"] }],
  [UF2_FAMILY_IDS.bk7231t, { name: "BK7231T", chips: ["bk7231t"] }],
  [UF2_FAMILY_IDS.bk7231n, { name: "BK7231N", chips: ["bk7231n"] }],
  [UF2_FAMILY_IDS.bk7238, { name: "BK7238", chips: ["bk7238"] }],
  [UF2_FAMILY_IDS.bk7251, { name: "BK7251", chips: ["bk7251", "bk7252"] }],
  [0x9fffd543, { name: "RTL8710A", chips: [] }],
  [0x22e0d6fc, { name: "RTL8710B", chips: [] }],
  [0xe08f7564, { name: "RTL8720C", chips: [] }],
  [0x3379cfe2, { name: "RTL8720D", chips: [] }],
  [0xde1270b7, { name: "BL60X", chips: [] }],
  [0xa38090a8, { name: "LN882H", chips: [] }],
]);

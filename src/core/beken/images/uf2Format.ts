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

/** Families by id: Beken's, and those of other makers, to refuse them by name. */
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
  // The public list of families in Microsoft's UF2 repository, and the ids of Raspberry Pi's second generation.
  [0x16573617, { name: "Microchip ATmega32", chips: [] }],
  [0x1851780a, { name: "Microchip SAML21", chips: [] }],
  [0x1b57745f, { name: "Nordic nRF52", chips: [] }],
  [0x1c5f21b0, { name: "Espressif ESP32", chips: [] }],
  [0x1e1f432d, { name: "ST STM32L1", chips: [] }],
  [0x202e3a91, { name: "ST STM32L0", chips: [] }],
  [0x21460ff0, { name: "ST STM32WL", chips: [] }],
  [0x2abc77ec, { name: "NXP LPC55", chips: [] }],
  [0x2b88d29c, { name: "Espressif ESP32-C2", chips: [] }],
  [0x300f5633, { name: "ST STM32G0", chips: [] }],
  [0x31d228c6, { name: "GigaDevice GD32F350", chips: [] }],
  [0x332726f6, { name: "Espressif ESP32-H2", chips: [] }],
  [0x3d308e94, { name: "Espressif ESP32-P4", chips: [] }],
  [0x04240bdf, { name: "ST STM32L5", chips: [] }],
  [0x4b684d71, { name: "Bouffalo BL618", chips: [] }],
  [0x11de784a, { name: "Bouffalo BL702", chips: [] }],
  [0x4c71240a, { name: "ST STM32G4", chips: [] }],
  [0x4f6ace52, { name: "LISTENAI CSK4", chips: [] }],
  [0x6e7348a8, { name: "LISTENAI CSK6", chips: [] }],
  [0x4fb2d5bd, { name: "NXP i.MX RT10xx", chips: [] }],
  [0x53b80f00, { name: "ST STM32F7", chips: [] }],
  [0x540ddf62, { name: "Espressif ESP32-C6", chips: [] }],
  [0x55114460, { name: "Microchip SAMD51", chips: [] }],
  [0x57755a57, { name: "ST STM32F4", chips: [] }],
  [0x5a18069b, { name: "Cypress FX2", chips: [] }],
  [0x5d1a0a2e, { name: "ST STM32F2", chips: [] }],
  [0x5ee21072, { name: "ST STM32F1", chips: [] }],
  [0x621e937a, { name: "Nordic nRF52833", chips: [] }],
  [0x647824b6, { name: "ST STM32F0", chips: [] }],
  [0x68ed2b88, { name: "Microchip SAMD21", chips: [] }],
  [0x6b846188, { name: "ST STM32F3", chips: [] }],
  [0x6d0922fa, { name: "ST STM32F407", chips: [] }],
  [0x6db66082, { name: "ST STM32H7", chips: [] }],
  [0x70d16653, { name: "ST STM32WB", chips: [] }],
  [0x7eab61ed, { name: "Espressif ESP8266", chips: [] }],
  [0x7f83e793, { name: "NXP KL32L2", chips: [] }],
  [0x8fb060fe, { name: "ST STM32F407VG", chips: [] }],
  [0x9517422f, { name: "Renesas RZ/A1LU", chips: [] }],
  [0x9af03e33, { name: "GigaDevice GD32VF103", chips: [] }],
  [0xada52840, { name: "Nordic nRF52840", chips: [] }],
  [0xbfdd4eee, { name: "Espressif ESP32-S2", chips: [] }],
  [0xc47e5767, { name: "Espressif ESP32-S3", chips: [] }],
  [0xd42ba06c, { name: "Espressif ESP32-C3", chips: [] }],
  [0xe48bff56, { name: "Raspberry Pi RP2040", chips: [] }],
  [0xe48bff57, { name: "Raspberry Pi RP2xxx", chips: [] }],
  [0xe48bff58, { name: "Raspberry Pi RP2xxx", chips: [] }],
  [0xe48bff59, { name: "Raspberry Pi RP2350", chips: [] }],
  [0xe48bff5a, { name: "Raspberry Pi RP2350", chips: [] }],
  [0xe48bff5b, { name: "Raspberry Pi RP2350", chips: [] }],
  [0x00ff6919, { name: "ST STM32L4", chips: [] }],
]);

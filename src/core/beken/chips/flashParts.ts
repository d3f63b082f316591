/**
 * Serial flash parts by JEDEC id: size, and how their status register is read and written. Nothing here talks to a flash.
 * Source: the flash lists of hid_download_py, BK7231GUIFlashTool, bk7231tools, LibreTiny's documentation and bk_idk, merged
 * (docs/protocol.md, "Flash parts"). Masks are given as those lists have them, also where they reach beyond the register.
 */
import type { FlashPart } from "./types";

const NONE: readonly number[] = [];
const R1: readonly number[] = [0x05];
const R2: readonly number[] = [0x05, 0x35];
/** Macronix: the second byte is a configuration register. */
const R2M: readonly number[] = [0x05, 0x15];
const R3: readonly number[] = [0x05, 0x35, 0x15];
const W1: readonly number[] = [0x01];
const W2: readonly number[] = [0x01, 0x31];
const W3: readonly number[] = [0x01, 0x31, 0x11];

const SMALLEST_CAPACITY = 0x10;
const LARGEST_CAPACITY = 0x1a;

export const FLASH_PARTS: readonly FlashPart[] = [
  part("014B42", "Beken", "BK", 0, NONE, NONE, 0x0000, 524288),
  part("0B4014", "XTX", "XT25F08F", 2, R2, W2, 0x407c),
  part("0B4015", "XTX", "XT25F16B", 2, R2, W1, 0x407c),
  part("0B4016", "XTX", "XT25F32B", 2, R2, W1, 0x407c),
  part("0B4017", "XTX", "XT25F64B", 2, R2, W1, 0x407c),
  part("0B4018", "XTX", "XT25F128F", 3, R3, W3, 0x407c),
  part("0B6017", "XTX", "XT25Q64B", 2, R2, W1, 0x407c),
  part("0B6018", "XTX", "XT25Q128B", 3, R3, W3, 0x407c),
  part("0E4016", "XTX", "25H32", 2, R2, W1, 0x407c),
  part("1C3113", "XTX", "PN25F04B", 1, R1, W1, 0x003c),
  part("1C4116", "ESMT", "EN25QH32A", 2, R2, W1, 0x407c),
  part("1C6116", "ESMT", "EN25QH32A", 2, R2, W1, 0x407c),
  part("1C7015", "ESMT", "EN25QH16B", 1, R1, W1, 0x003c),
  part("1C7016", "ESMT", "25QH32B", 1, R1, W1, 0x007c),
  part("204016", "XMC", "XM25QH32D", 2, R2, W2, 0x407c),
  part("204017", "XMC", "XM25QH64D", 2, R2, W2, 0x407c),
  part("204018", "XMC", "XM25QH128D", 2, R2, W2, 0x407c),
  part("204019", "XMC", "XM25QH256D", 2, R2, W2, 0x407c),
  part("204118", "XMC", "XM25QU128C", 2, R2, W1, 0x407c),
  part("4B4015", "XTX", "XT25F16B_1", 2, R2, W1, 0x407c),
  part("514013", "GigaDevice", "GD25D40", 1, R1, W1, 0x001c),
  part("514014", "GigaDevice", "GD25D80", 1, R1, W1, 0x001c),
  part("5E4014", "XTX", "PN25F08B", 1, R1, W1, 0x003c),
  part("5E5018", "Zbit", "ZB25LQ128C", 2, R2, W3, 0x407c),
  part("684018", "Boya", "BY25Q128ES", 2, R2, W1, 0x7c7c),
  part("686018", "Boya", "BY25Q128EL", 2, R2, W1, 0x407c),
  part("852015", "Puya", "P25Q16HB_K", 2, R2, W2, 0x407c),
  part("852016", "Puya", "P25Q32HB", 2, R2, W2, 0x407c),
  part("852017", "Puya", "PY25Q64HA", 2, R2, W2, 0x407c),
  part("852018", "Puya", "P25Q128HA", 2, R2, W2, 0x407c),
  part("854215", "Puya", "P25Q80", 1, R1, W2, 0x407c),
  part("854412", "Puya", "PY25D22U", 1, R1, W1, 0x007c),
  part("854512", "Puya", "PY25D24U", 1, R1, W1, 0x007c),
  part("856013", "Puya", "P25Q40", 2, R2, W1, 0x407c),
  part("856014", "Puya", "P25Q80", 2, R2, W1, 0x407c),
  part("856015", "Puya", "P25Q16SU", 2, R2, W2, 0x407c),
  part("856016", "Puya", "P25Q32H", 2, R2, W1, 0x407c),
  part("856017", "Puya", "P25Q64H", 2, R2, W1, 0x407c),
  part("856516", "Puya", "PY25Q32LB", 2, R2, W2, 0x407c),
  part("856518", "Puya", "PY25Q128LA", 2, R2, W1, 0x407c),
  part("A16018", "Fudan Microelectronics", "FM25LQ128I", 2, R2, W2, 0x407c),
  part("B36012", "UC", "UC25HQ20", 2, R2, W1, 0x407c),
  part("B36013", "UC", "UC25HQ40", 2, R2, W1, 0x407c),
  part("C22014", "Macronix", "MX25V80066", 1, R1, W1, 0x007c),
  part("C22313", "Macronix", "MX25V4035F", 2, R2, W1, 0x407c),
  part("C22314", "Macronix", "MX25V8035F", 2, R2M, W1, 0x103c),
  part("C22315", "Macronix", "MX25V1635F", 2, R2M, W1, 0x103c),
  part("C44010", "Giantec", "GT25Q05D", 2, R2, W2, 0x407c),
  part("C44011", "Giantec", "GT25Q10D", 2, R2, W2, 0x407c),
  part("C44012", "Giantec", "GT25Q20D", 2, R2, W2, 0x407c),
  part("C44013", "Giantec", "GT25Q40D", 2, R2, W2, 0x407c),
  part("C44018", "Giantec", "GT25Q128EZ", 2, R2, W2, 0x407c),
  part("C46015", "Giantec", "GT25Q16B", 3, R3, W3, 0x407c),
  part("C84013", "GigaDevice", "GD25Q41B", 1, R1, W1, 0x401c),
  part("C84014", "GigaDevice", "GD25D80", 2, R2, W1, 0x407c),
  part("C84015", "GigaDevice", "GD25Q16B", 2, R2, W1, 0x407c),
  part("C84016", "GigaDevice", "GD25Q32E", 2, R2, W1, 0x407c),
  part("C84017", "GigaDevice", "GD25Q64", 2, R2, W2, 0x407c),
  part("C84018", "GigaDevice", "GD25Q128C", 2, R2, W2, 0x407c),
  part("C84019", "GigaDevice", "GD25Q256C", 2, R2, W2, 0x407c),
  part("C8471A", "GigaDevice", "GD25Q512C", 2, R2, W2, 0x407c),
  part("C86018", "GigaDevice", "GD25LQ128E", 2, R2, W1, 0x407c),
  part("C86019", "GigaDevice", "GD25LQ256E", 2, R2, W2, 0x407c),
  part("C86413", "GigaDevice", "GD25Q41B", 1, R1, W1, 0x401c),
  part("C86414", "GigaDevice", "GD25WD80E", 1, R1, W1, 0x407c),
  part("C86513", "GigaDevice", "GD25Q41B", 2, R2, W2, 0x407c),
  part("C86514", "GigaDevice", "GD25WQ80E", 2, R2, W1, 0x407c),
  part("C86515", "GigaDevice", "GD25WQ16E", 2, R2, W1, 0x407c),
  part("C86516", "GigaDevice", "GD25WQ32E", 2, R2, W1, 0x407c),
  part("C86517", "GigaDevice", "GD25WQ64E", 2, R2, W1, 0x407c),
  part("C86518", "GigaDevice", "GD25WQ128E", 2, R2, W1, 0x407c),
  part("C86819", "GigaDevice", "GD25LX256E", 1, R1, W1, 0x407c),
  part("CD6013", "TH", "TH25D_40HB", 2, R2, W1, 0x407c),
  part("CD6014", "TH", "TH25Q_80HB", 2, R2, W1, 0x407c),
  part("CD6016", "TH", "TH25Q32UB", 2, R2, W1, 0x407c),
  part("CD6017", "TH", "TH25Q64HB", 2, R2, W2, 0x407c),
  part("CD7113", "TH", "TH25D40UC", 2, R2, W1, 0x407c),
  part("CD7115", "TH", "TH25Q16UC", 2, R2, W1, 0x407c),
  part("E04013", "Boya", "PN25Q40A", 1, R1, W1, 0x401c),
  part("E04014", "Boya", "PN25Q80A", 1, R1, W1, 0x401c),
  part("EB6012", "TH", "TH25D20HA", 2, R2, W1, 0x407c),
  part("EB6015", "TH", "TH25Q_16HB", 2, R2, W1, 0x407c),
  part("EB6017", "TH", "TH25Q64HA", 2, R2, W2, 0x407c),
  part("EF4016", "Winbond", "25Q32BFJ", 2, R2, W1, 0x407c),
  part("EF4017", "Winbond", "W25Q64", 2, R2, W1, 0x407c),
  part("EF4018", "Winbond", "WB25Q128JV", 2, R2, W1, 0x407c),
  part("EF6018", "Winbond", "WB25Q128JW_IQ", 2, R2, W2, 0x407c),
  part("EF8018", "Winbond", "WB25Q128JW_IM", 2, R2, W2, 0x407c),
];

const BY_ID = new Map(FLASH_PARTS.map((row) => [row.id, row]));

/** The part with this JEDEC id (maker, type, capacity: six hex digits in any case); undefined when it is in no list. */
export function findFlashPart(jedecId: string): FlashPart | undefined {
  return BY_ID.get(jedecId.toUpperCase());
}

/**
 * Flash size in bytes told by a JEDEC id: the part's own size, else 1 << capacity byte where that gives 64 KiB to 64 MiB.
 * undefined when the id tells nothing (no flash, or a capacity byte outside that range).
 */
export function sizeFromJedec(jedecId: string): number | undefined {
  if (!/^[0-9a-f]{6}$/i.test(jedecId) || jedecIsDead(jedecId)) return undefined;
  const part = findFlashPart(jedecId);
  if (part) return part.size;
  const capacity = parseInt(jedecId.slice(4), 16);
  return capacity >= SMALLEST_CAPACITY && capacity <= LARGEST_CAPACITY ? 1 << capacity : undefined;
}

/** True for the ids of a bus that no flash answers on: all zeros or all ones. */
export function jedecIsDead(jedecId: string): boolean {
  return /^(0{6}|f{6})$/i.test(jedecId);
}

function part(
  id: string,
  maker: string,
  name: string,
  statusBytes: number,
  statusRead: readonly number[],
  statusWrite: readonly number[],
  protectMask: number,
  size = 1 << parseInt(id.slice(4), 16),
): FlashPart {
  return { id, maker, name, size, statusBytes, statusRead, statusWrite, protectMask };
}

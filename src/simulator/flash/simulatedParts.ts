/**
 * The NOR flash parts that simulated chips carry: size, status register, and how long things take. Knows nothing of
 * loaders. Figures: typical values of the makers' public datasheets for the 25-series.
 */

export interface FlashTimes {
  readonly erase4kUs: number;
  readonly erase32kUs: number;
  readonly erase64kUs: number;
  /** Programming up to 32 bytes, which is how Beken's flash controller does it. */
  readonly program32Us: number;
  readonly statusUs: number;
}

export interface SimulatedPart {
  /** JEDEC id, upper-case hex: maker, type, capacity. */
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly statusBytes: 1 | 2;
  /** Bits of the status register that protect blocks. */
  readonly protection: number;
  /** The command that reads the second status byte; Macronix calls that byte a configuration register. */
  readonly readSecond: 0x35 | 0x15;
  readonly times: FlashTimes;
}

const TYPICAL: FlashTimes = {
  erase4kUs: 45_000,
  erase32kUs: 150_000,
  erase64kUs: 250_000,
  program32Us: 110,
  statusUs: 10_000,
};

/** Puya erases everything in about the same, short time. */
const PUYA: FlashTimes = { ...TYPICAL, erase4kUs: 10_000, erase32kUs: 12_000, erase64kUs: 14_000, program32Us: 180 };

/** First byte of its JEDEC ids. */
const MACRONIX = "C2";

/** BP0 to BP4 and the complement bit, which most parts have. */
const USUAL_PROTECTION = 0x407c;

function part(
  id: string,
  name: string,
  statusBytes: 1 | 2 = 2,
  times: FlashTimes = TYPICAL,
  protection = USUAL_PROTECTION,
): SimulatedPart {
  const readSecond = id.startsWith(MACRONIX) ? 0x15 : 0x35;
  return { id, name, size: sizeFromId(id), statusBytes, protection, readSecond, times };
}

/** Held to `flash-chips.csv` of the vectors. */
export const SIMULATED_PARTS: readonly SimulatedPart[] = [
  part("0B4015", "XTX XT25F16B"),
  part("0B4016", "XTX XT25F32B"),
  part("0B4017", "XTX XT25F64B"),
  part("C84015", "GigaDevice GD25Q16"),
  part("C84016", "GigaDevice GD25Q32"),
  part("C84017", "GigaDevice GD25Q64"),
  part("852017", "Puya PY25Q64HA", 2, PUYA),
  part("EF4016", "Winbond W25Q32"),
  part("C22315", "Macronix MX25V1635F", 2, TYPICAL, 0x103c),
  part("1C7015", "ESMT EN25QH16B", 1, TYPICAL, 0x003c),
  part("1C7016", "ESMT EN25QH32B", 1, TYPICAL, 0x007c),
  part("854215", "Puya P25Q16HB", 1, PUYA),
  part("852015", "Puya P25Q16HBK", 2, PUYA),
  part("852016", "Puya P25Q32HB", 2, PUYA),
  part("856015", "Puya P25Q16SU", 2, PUYA),
  part("EB6015", "TH TH25Q16HB"),
];

/** Flash size in bytes as the capacity byte of a JEDEC id says it. */
export function sizeFromId(id: string): number {
  return 2 ** parseInt(id.slice(4, 6), 16);
}

/** The part with this JEDEC id (any case); an unlisted one gets typical figures and two status bytes. */
export function partOf(id: string): SimulatedPart {
  const wanted = id.toUpperCase();
  return SIMULATED_PARTS.find((row) => row.id === wanted) ?? part(wanted, `flash ${wanted}`);
}

/**
 * The flash loaders that can be simulated, as data: what each does differently, observed by executing the vendors' own
 * programs. Source: docs/protocol.md ("Loader families").
 */
import { TABLE_OLD, TABLE_T104, TABLE_T105, TABLE_T106, TABLE_U, type LoaderTable } from "./loaderTables";

export interface SimulatedLoader {
  /** The letter of docs/protocol.md. */
  readonly family: "A" | "A'" | "B'" | "B" | "C";
  /** CRC-32 of the first 256 and 257 bytes of its boot code. */
  readonly crc256: number;
  readonly crc257?: number;
  /** What it answers to ReadBootVersion; undefined: silence. */
  readonly version?: string;
  /** Lowest address for read, erase and write; streamed writes have their own. */
  readonly limit: number;
  /** Of reads, where it is another. */
  readonly readLimit?: number;
  /** From there on reads are refused as well. */
  readonly readEnd?: number;
  readonly streamedWriteLimit: number;
  /** A status register value once written can only gain bits until the chip is reset. */
  readonly statusSticks: boolean;
  readonly divider: "ceil" | "round";
  /** Received bytes that raise the interrupt. */
  readonly rxThreshold: number;
  /** Time around each 32-byte program operation, in microseconds. */
  readonly programOverheadUs: number;
  /** `begins-again`: sets its UART up anew and waits for a link, with everything else as it was. */
  readonly reboot: "resets" | "starts-app" | "begins-again";
  /** A linked loader that hears nothing for long restarts by itself. */
  readonly rebootsWhenIdle: boolean;
  /** From power-up to a working UART, and from there to leaving when nothing is received. */
  readonly bootMs: number;
  readonly windowMs: number;
  /** Erases and programs beyond the flash size that the JEDEC id tells are answered and not done. */
  readonly heedsSize: boolean;
  readonly table: LoaderTable;
}

const LOW_LIMITS = { limit: 0x2000, streamedWriteLimit: 0x2000 } as const;
const HIGH_LIMITS = { limit: 0x10000, streamedWriteLimit: 0x20e0 } as const;

const FAMILY_A = {
  ...LOW_LIMITS,
  family: "A",
  statusSticks: true,
  divider: "ceil",
  rxThreshold: 8,
  programOverheadUs: 80,
  rebootsWhenIdle: false,
  heedsSize: false,
  table: TABLE_OLD,
} as const;

const FAMILY_B = {
  ...HIGH_LIMITS,
  family: "B",
  statusSticks: false,
  divider: "round",
  rxThreshold: 48,
  programOverheadUs: 80,
  reboot: "resets",
  rebootsWhenIdle: true,
  bootMs: 4.2,
  windowMs: 22.7,
  heedsSize: false,
  table: TABLE_T105,
} as const;

/** The AliOS Things boot code of the BK7231S. */
export const LOADER_ALIOS: SimulatedLoader = {
  ...FAMILY_A,
  crc256: 0xbefd79d6,
  reboot: "resets",
  bootMs: 9.3,
  windowMs: 34.3,
};

export const LOADER_OTTIME: SimulatedLoader = {
  ...FAMILY_A,
  crc256: 0xb61ca79c,
  reboot: "begins-again",
  bootMs: 9.3,
  windowMs: 49.3,
};

/** BK7231U AWS 1.0. Its second UART is the one that is wired here; its window is taken from its nearest relative. */
export const LOADER_AWS: SimulatedLoader = {
  ...FAMILY_A,
  ...HIGH_LIMITS,
  family: "A'",
  crc256: 0x5e11d360,
  reboot: "begins-again",
  bootMs: 9.3,
  windowMs: 49.3,
};

/** BK7231Q as found in a MOES relay; its window was not determined and is taken from its nearest relative. */
export const LOADER_Q: SimulatedLoader = {
  ...FAMILY_A,
  ...HIGH_LIMITS,
  family: "A'",
  crc256: 0x42c221ea,
  crc257: 0x8ef347a8,
  programOverheadUs: 70,
  reboot: "starts-app",
  bootMs: 14.8,
  windowMs: 39.5,
};

export const LOADER_S101: SimulatedLoader = {
  ...FAMILY_B,
  family: "B'",
  statusSticks: true,
  crc256: 0x7e662813,
  version: "BK7231S_1.0.1",
  bootMs: 15.1,
  windowMs: 39.5,
};

/** Known elsewhere as 1.0.3; it calls itself 1.0.4. */
export const LOADER_T103: SimulatedLoader = {
  ...FAMILY_B,
  family: "B'",
  statusSticks: true,
  crc256: 0x4b31e44d,
  crc257: 0x0a44f5b3,
  version: "BK7231S_1.0.4",
  table: TABLE_T104,
};

export const LOADER_T105: SimulatedLoader = {
  ...FAMILY_B,
  crc256: 0xba54c1b8,
  crc257: 0xac09c7f1,
  version: "BK7231S_1.0.5",
};

export const LOADER_T106: SimulatedLoader = {
  ...FAMILY_B,
  crc256: 0xe5cbc953,
  crc257: 0x9b8e6309,
  version: "BK7231S_1.0.6",
  table: TABLE_T106,
};

/** BK7252 0.1.3. */
export const LOADER_A9: SimulatedLoader = {
  ...FAMILY_B,
  ...LOW_LIMITS,
  family: "C",
  crc256: 0x39f9b50c,
  bootMs: 9.3,
  windowMs: 51.6,
};

/** BK7231U and BK7251/BK7252 1.0.15, as OpenBeken ships it. */
export const LOADER_U: SimulatedLoader = {
  ...FAMILY_B,
  ...LOW_LIMITS,
  family: "C",
  crc256: 0x8bcec3b4,
  crc257: 0x85e1946b,
  bootMs: 2.8,
  windowMs: 74.7,
  heedsSize: true,
  table: TABLE_U,
};

/**
 * USB-to-serial adapters by their ids, and the ports of a machine as people should see them listed. Data and pure functions.
 * Rates are the chips' data sheet limits; where one id covers several chips, the lowest.
 */
import { formatPort } from "./portRef";
import type { PortInfo, PortRef } from "./transport";

export interface Adapter {
  readonly vendorId: string;
  readonly productId: string;
  readonly name: string;
  /** Highest rate the chip is specified for, in baud; unknown where the far end is a microcontroller's own USB. */
  readonly maxBaud?: number;
}

export const ADAPTERS: readonly Adapter[] = [
  { vendorId: "1a86", productId: "7523", name: "CH340", maxBaud: 2_000_000 },
  { vendorId: "1a86", productId: "7522", name: "CH340K", maxBaud: 2_000_000 },
  { vendorId: "1a86", productId: "5523", name: "CH341", maxBaud: 2_000_000 },
  { vendorId: "4348", productId: "5523", name: "CH341", maxBaud: 2_000_000 },
  { vendorId: "1a86", productId: "55d2", name: "CH342", maxBaud: 3_000_000 },
  { vendorId: "1a86", productId: "55d3", name: "CH343", maxBaud: 6_000_000 },
  { vendorId: "1a86", productId: "55d4", name: "CH9102", maxBaud: 4_000_000 },
  { vendorId: "1a86", productId: "55d5", name: "CH344", maxBaud: 6_000_000 },
  { vendorId: "10c4", productId: "ea60", name: "CP210x", maxBaud: 921_600 },
  { vendorId: "10c4", productId: "ea70", name: "CP2105", maxBaud: 921_600 },
  { vendorId: "10c4", productId: "ea71", name: "CP2108", maxBaud: 2_000_000 },
  { vendorId: "0403", productId: "6001", name: "FT232R", maxBaud: 3_000_000 },
  { vendorId: "0403", productId: "6010", name: "FT2232", maxBaud: 3_000_000 },
  { vendorId: "0403", productId: "6011", name: "FT4232H", maxBaud: 12_000_000 },
  { vendorId: "0403", productId: "6014", name: "FT232H", maxBaud: 12_000_000 },
  { vendorId: "0403", productId: "6015", name: "FT230X/FT231X", maxBaud: 3_000_000 },
  { vendorId: "067b", productId: "2303", name: "PL2303", maxBaud: 1_228_800 },
  { vendorId: "067b", productId: "23a3", name: "PL2303GC", maxBaud: 12_000_000 },
  { vendorId: "067b", productId: "23b3", name: "PL2303GB", maxBaud: 12_000_000 },
  { vendorId: "067b", productId: "23c3", name: "PL2303GT", maxBaud: 12_000_000 },
  { vendorId: "067b", productId: "23d3", name: "PL2303GL", maxBaud: 12_000_000 },
  { vendorId: "067b", productId: "23e3", name: "PL2303GE", maxBaud: 12_000_000 },
  { vendorId: "067b", productId: "23f3", name: "PL2303GS", maxBaud: 12_000_000 },
  { vendorId: "04e2", productId: "1410", name: "XR21V1410", maxBaud: 12_000_000 },
  { vendorId: "04d8", productId: "00dd", name: "MCP2221", maxBaud: 115_200 },
  { vendorId: "04d8", productId: "00df", name: "MCP2200", maxBaud: 1_000_000 },
  { vendorId: "0483", productId: "5740", name: "STM32 CDC" },
  { vendorId: "2341", productId: "0043", name: "Arduino CDC" },
  { vendorId: "303a", productId: "1001", name: "ESP32 CDC" },
  { vendorId: "2e8a", productId: "000a", name: "RP2040 CDC" },
  { vendorId: "2e8a", productId: "000c", name: "Debug Probe CDC" },
];

/** The adapter with these ids: four hex digits, any case. */
export function adapterOf(vendorId: string | undefined, productId: string | undefined): Adapter | undefined {
  const vendor = vendorId?.toLowerCase();
  const product = productId?.toLowerCase();
  return ADAPTERS.find((adapter) => adapter.vendorId === vendor && adapter.productId === product);
}

/** The number every CP210x has that nobody has given one of its own (CP2102 data sheet, "default serial number"). */
const UNPROGRAMMED = { vendorId: "10c4", serialNumber: "0001" } as const;

/**
 * What tells an adapter from others, for what is remembered of it: its ids and serial number; where it has none, or the one that its kind is
 * made with, also the port it is at. Another machine's port is known by its address.
 */
export function adapterKey(port: PortRef, info?: PortInfo): string {
  const { vendorId, productId, serialNumber } = info ?? {};
  if (vendorId === undefined) return formatPort(port);
  const isShared = vendorId === UNPROGRAMMED.vendorId && serialNumber === UNPROGRAMMED.serialNumber;
  return [vendorId, productId ?? "", isShared ? formatPort(port) : (serialNumber ?? formatPort(port))].join(":");
}

/** A port as a driver or the file system describes it; everything but the path may be missing or empty. */
export interface RawPort {
  readonly path: string;
  readonly manufacturer?: string | undefined;
  readonly serialNumber?: string | undefined;
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
}

/** Cleans what the platforms report: ids to four lower-case digits, empty texts away, call-out names on macOS. */
export function describePort(raw: RawPort): PortInfo {
  const vendorId = usbId(raw.vendorId);
  const productId = usbId(raw.productId);
  const adapter = adapterOf(vendorId, productId);
  const manufacturer = textOf(raw.manufacturer);
  const serialNumber = textOf(raw.serialNumber);
  return {
    // On macOS the tty.* twin waits for carrier detect in many programs; people and tools use cu.*.
    path: raw.path.replace(/^\/dev\/tty\./, "/dev/cu."),
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(serialNumber === undefined ? {} : { serialNumber }),
    ...(vendorId === undefined ? {} : { vendorId }),
    ...(productId === undefined ? {} : { productId }),
    ...(adapter === undefined ? {} : { adapter: adapter.name }),
    ...(adapter?.maxBaud === undefined ? {} : { maxBaud: adapter.maxBaud }),
  };
}

/** Known adapters first, then other USB ports, then the rest; within each, COM2 before COM10. */
export function comparePorts(a: PortInfo, b: PortInfo): number {
  return rank(a) - rank(b) || a.path.localeCompare(b.path, "en", { numeric: true });
}

function rank(port: PortInfo): number {
  if (port.adapter !== undefined) return 0;
  return port.vendorId !== undefined || /ttyUSB|ttyACM|usbserial|usbmodem|wchusbserial|SLAB_USB/.test(port.path)
    ? 1
    : 2;
}

function usbId(text: string | undefined): string | undefined {
  const digits = text?.trim().toLowerCase().replace(/^0x/, "") ?? "";
  return /^[0-9a-f]{1,4}$/.test(digits) ? digits.padStart(4, "0") : undefined;
}

function textOf(text: string | undefined): string | undefined {
  const clean = text?.trim();
  return clean === "" ? undefined : clean;
}

/**
 * Serial ports where this program runs in a browser: those that the person let it have, named by their ids, since a browser tells
 * neither path nor serial number. Takes the place of `serial.ts` there. Two equal adapters are told apart by the order in
 * which they came, for as long as the page lives.
 */
import { TransportError } from "../base/errors";
import type { Surrounding } from "../base/remediesAround";
import { words } from "../base/words";
import { comparePorts, describePort } from "./adapters";
import type { PortInfo, Transport } from "./transport";
import { openWebSerial, type WebSerialPort } from "./webSerial";

/** Names once given, so that a port keeps its own while others come and go. */
const named = new Map<WebSerialPort, string>();

const fourHex = (id: number): string => id.toString(16).padStart(4, "0");

interface Granted {
  readonly port: WebSerialPort;
  readonly path: string;
  readonly vendorId: string | undefined;
  readonly productId: string | undefined;
}

async function granted(): Promise<readonly Granted[]> {
  const ports = (await navigator.serial?.getPorts()) ?? [];
  return ports.map((port) => {
    const { usbVendorId, usbProductId } = port.getInfo();
    const vendorId = usbVendorId === undefined ? undefined : fourHex(usbVendorId);
    const productId = usbProductId === undefined ? undefined : fourHex(usbProductId);
    const kind = vendorId === undefined ? "serial" : `usb-${vendorId}-${productId ?? "0000"}`;
    const path = named.get(port) ?? freeName(kind);
    named.set(port, path);
    return { port, path, vendorId, productId };
  });
}

function freeName(kind: string): string {
  const taken = new Set(named.values());
  for (let n = 1; ; n++) {
    const name = n === 1 ? kind : `${kind}-${n}`;
    if (!taken.has(name)) return name;
  }
}

/** Throws `port-not-found`, and what {@link openWebSerial} throws. */
export async function openSerial(
  path: string,
  options: { readonly baudRate: number },
  signal: AbortSignal,
): Promise<Transport> {
  const found = (await granted()).find((each) => each.path === path);
  if (found === undefined) {
    const detail = words`the browser has not been allowed to use it, or it is unplugged`;
    throw new TransportError("port-not-found", words`open ${path}`, { port: path, detail });
  }
  return await openWebSerial(found.port, path, options, signal);
}

/** The ports that this page may use, likely adapters first. */
export async function listPorts(): Promise<readonly PortInfo[]> {
  return (await granted()).map(describePort).sort(comparePorts);
}

/** What of a machine stands between a browser and its ports cannot be seen from a page. */
export function surroundings(): Promise<readonly Surrounding[]> {
  return Promise.resolve([]);
}

/** There are no links to devices in a browser. */
export function deviceBehind(path: string): Promise<string> {
  return Promise.resolve(path);
}

/**
 * Serial ports where this program runs in a browser: those that the person let it have, named by their ids, since a browser tells
 * neither path nor serial number. Takes the place of `serial.ts` there. Two equal adapters are told apart for as long as the
 * page lives and they stay plugged in; a page that is loaded anew has them in the order in which the browser lists them.
 */
import { TransportError } from "../base/errors";
import type { Surrounding } from "../base/remediesAround";
import { words } from "../base/words";
import { comparePorts, describePort } from "./adapters";
import { GivenNames } from "./givenNames";
import type { PortInfo, Transport } from "./transport";
import { openWebSerial, type WebSerialPort } from "./webSerial";

const names = new GivenNames<WebSerialPort>();

const fourHex = (id: number): string => id.toString(16).padStart(4, "0");

interface Granted {
  readonly port: WebSerialPort;
  readonly path: string;
  readonly vendorId: string | undefined;
  readonly productId: string | undefined;
}

async function granted(): Promise<readonly Granted[]> {
  const ports = (await navigator.serial?.getPorts()) ?? [];
  // Some browsers go on listing what they may use while it is away.
  const there = ports.filter(({ connected }) => connected !== false);
  const kinds = there.map((port) => {
    const { usbVendorId, usbProductId } = port.getInfo();
    const vendorId = usbVendorId === undefined ? undefined : fourHex(usbVendorId);
    const productId = usbProductId === undefined ? undefined : fourHex(usbProductId);
    const kind = vendorId === undefined ? "serial" : `usb-${vendorId}-${productId ?? "0000"}`;
    return { port, kind, vendorId, productId };
  });
  const paths = names.name(kinds);
  return kinds.map(({ port, kind, vendorId, productId }, i) => ({ port, path: paths[i] ?? kind, vendorId, productId }));
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

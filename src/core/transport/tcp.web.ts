/**
 * A browser has no sockets. Takes the place of `tcp.ts` there: the addresses of this very program are served in memory, by whoever
 * {@link serveInMemory}s there; no other is reached.
 */
import { TransportError } from "../base/errors";
import { throwIfAborted } from "../base/timing";
import { words } from "../base/words";
import { formatPort } from "./portRef";
import type { Transport } from "./transport";

type Open = (label: string) => Transport;

const served = new Map<number, Open>();
/** Below what systems hand out by themselves, so that no real port is meant. */
const FIRST = 1_024;

/** @returns the port that {@link openTcp} reaches it at, on 127.0.0.1, until `end` is called */
export function serveInMemory(open: Open): { readonly port: number; readonly end: () => void } {
  let port = FIRST;
  while (served.has(port)) port++;
  served.set(port, open);
  return { port, end: () => void served.delete(port) };
}

/** Throws `host-unreachable` for every address but those that are served in memory, CancelledError. */
export function openTcp(
  ref: { readonly host: string; readonly port: number },
  _options: { readonly baudRate: number },
  signal: AbortSignal,
): Promise<Transport> {
  const label = formatPort({ kind: "tcp", ...ref });
  return Promise.resolve().then(() => {
    throwIfAborted(signal, words`connect to ${label}`);
    const open = ref.host === "127.0.0.1" ? served.get(ref.port) : undefined;
    if (open !== undefined) return open(label);
    const detail = words`a browser has no network connections of this kind: use the desktop editor`;
    throw new TransportError("host-unreachable", words`connect to ${label}`, { port: label, detail });
  });
}

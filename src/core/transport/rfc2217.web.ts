/** A browser has no sockets. Takes the place of `rfc2217.ts` there, and reaches nothing. */
import { TransportError } from "../base/errors";
import { throwIfAborted } from "../base/timing";
import { words } from "../base/words";
import { formatPort } from "./portRef";
import type { OpenOptions, Transport } from "./transport";

/** Throws `host-unreachable`, CancelledError. */
export function openRfc2217(
  ref: { readonly host: string; readonly port: number },
  _options: OpenOptions,
  signal: AbortSignal,
): Promise<Transport> {
  const label = formatPort({ kind: "rfc2217", ...ref });
  return Promise.resolve().then(() => {
    throwIfAborted(signal, words`connect to ${label}`);
    const detail = words`a browser has no network connections of this kind: use the desktop editor`;
    throw new TransportError("host-unreachable", words`connect to ${label}`, { port: label, detail });
  });
}

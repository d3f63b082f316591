/** A browser has no sockets. Takes the place of `socket.ts` there. */
import { TransportError } from "../base/errors";
import { throwIfAborted } from "../base/timing";
import { words } from "../base/words";

/** Throws `host-unreachable`, CancelledError. @param label of the port, for errors */
export function connectSocket(
  _ref: { readonly host: string; readonly port: number },
  label: string,
  signal: AbortSignal,
): Promise<never> {
  return Promise.resolve().then(() => {
    throwIfAborted(signal, words`connect to ${label}`);
    const detail = words`a browser has no network connections of this kind: use the desktop editor`;
    throw new TransportError("host-unreachable", words`connect to ${label}`, { port: label, detail });
  });
}

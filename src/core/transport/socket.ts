/** A TCP connection, for the transports that run over one. Node's sockets are loaded when first used. */
import type { Socket } from "node:net";
import { CancelledError, TransportError } from "../base/errors";
import { systemClock, throwIfAborted } from "../base/timing";
import { words, type Text } from "../base/words";
import { Connection } from "./connection";
import { TRANSPORT_LIMITS } from "./limits";

export interface Connected {
  readonly socket: Socket;
  /** How long the host took to accept, in ms. */
  readonly roundTripMs: number;
}

/** Throws `host-unreachable` or CancelledError. @param label of the port, for errors */
export async function connectSocket(
  ref: { readonly host: string; readonly port: number },
  label: string,
  signal: AbortSignal,
): Promise<Connected> {
  throwIfAborted(signal, words`connect to ${label}`);
  const { connect } = await import("node:net");
  throwIfAborted(signal, words`connect to ${label}`);
  const socket = connect({
    host: ref.host,
    port: ref.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: TRANSPORT_LIMITS.keepAliveMs,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: TRANSPORT_LIMITS.connectEachMs,
  });
  let asked = systemClock.now();
  for (const event of ["lookup", "connectionAttempt"]) socket.on(event, () => (asked = systemClock.now()));
  await connected(socket, label, signal);
  return { socket, roundTripMs: systemClock.now() - asked };
}

function connected(socket: Socket, label: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.off("connect", onConnect);
      socket.off("error", onError);
    };
    const giveUp = (error: Error): void => {
      settle();
      // Whatever the dead socket still has to say is of no interest, but must not go unheard.
      socket.on("error", () => undefined);
      socket.destroy();
      reject(error);
    };
    const unreachable = (detail: Text, cause?: Error): TransportError =>
      new TransportError("host-unreachable", words`connect to ${label}`, { port: label, detail }, { cause });
    const onAbort = (): void => giveUp(new CancelledError(words`connect to ${label}`));
    const onConnect = (): void => {
      settle();
      resolve();
    };
    const onError = (error: NodeJS.ErrnoException): void => giveUp(unreachable(reasonOf(error), error));
    const timer = setTimeout(
      () => giveUp(unreachable(words`no answer within ${TRANSPORT_LIMITS.connectMs} ms`)),
      TRANSPORT_LIMITS.connectMs,
    );
    signal.addEventListener("abort", onAbort);
    socket.once("connect", onConnect);
    socket.once("error", onError);
  });
}

/** The connection over a socket: alive and ended with it. @param data what arrives */
export function lineOver(socket: Socket, label: string, data: (bytes: Uint8Array) => void): Connection {
  const line = new Connection(label, {
    flow: { pause: () => void socket.pause(), resume: () => void socket.resume() },
  });
  socket.on("error", (error) => line.end(error.message, error));
  socket.on("end", () => line.end(words`the other side closed the connection`));
  socket.on("close", () => line.end(words`the connection is closed`));
  socket.on("data", (bytes: Buffer) => data(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)));
  return line;
}

/** Resolves when it is closed, at once where it was already. */
export function endSocket(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
    socket.destroy();
  });
}

const UNKNOWN: ReadonlySet<string> = new Set(["ENOTFOUND", "EAI_AGAIN"]);
const NO_WAY: ReadonlySet<string> = new Set(["EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN"]);

/**
 * What the system means by its codes, with what it said itself. Of several addresses one that refuses was reached: that others lead
 * nowhere is usual, as those of IPv6 where there is none.
 */
function reasonOf(error: NodeJS.ErrnoException): Text {
  const said = saidBy(error);
  const codes = new Set(attempts(error).map(({ code = "" }) => code));
  if (codes.has("ECONNREFUSED")) return words`nothing takes connections at that port (${said})`;
  if ([...codes].every((code) => UNKNOWN.has(code))) return words`no host of that name is known here (${said})`;
  if ([...codes].every((code) => NO_WAY.has(code))) return words`no way leads there from this machine (${said})`;
  return said;
}

/** A name with several addresses fails with one error around several, whose own message is empty. */
function attempts(error: NodeJS.ErrnoException): readonly NodeJS.ErrnoException[] {
  return error instanceof AggregateError ? (error.errors as readonly NodeJS.ErrnoException[]) : [error];
}

function saidBy(error: NodeJS.ErrnoException): Text {
  const said = attempts(error).map(({ message }) => message);
  return said.join("; ") || (error.code ?? words`connection failed`);
}

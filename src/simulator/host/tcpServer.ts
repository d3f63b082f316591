/**
 * Serves a simulated chip on a TCP port of this machine, as a serial bridge would. One client at a time, like the one
 * UART behind it. Knows the chip only by its UART.
 */
import type { Socket } from "node:net";
import { TransportError } from "../../core/base/errors";
import type { ChipUart } from "../uart/chipUart";

export interface TcpOptions {
  /** Port to listen on; any free one by default. */
  readonly port?: number;
}

export interface TcpServer {
  readonly port: number;
  /** Ends the connection and the listening. Safe to call twice. */
  close(): Promise<void>;
  /** Resets the client's connection, as a bridge does that loses power; listening goes on. */
  dropConnection(): void;
}

const HOST = "127.0.0.1";
/** How long a second client may wait for the first to be gone. */
const HANG_UP_MS = 250;

/** Listens on 127.0.0.1. Throws TransportError `port-busy` or `port-permission` when the port cannot be had. */
export async function serveOnTcp(chip: ChipUart, options: TcpOptions = {}): Promise<TcpServer> {
  const { createServer } = await import("node:net");
  let client: Socket | undefined;

  const take = (socket: Socket): void => {
    client = socket;
    socket.on("data", (bytes: Buffer) => {
      chip.hostSends(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), undefined);
    });
    socket.on("close", () => {
      client = undefined;
      chip.hostPresent(false);
    });
    chip.hostPresent(true);
  };
  const server = createServer({ noDelay: true }, (socket) => {
    // Always listened to: an error event without a listener would end the process.
    socket.on("error", () => socket.destroy());
    if (client === undefined) {
      take(socket);
      return;
    }
    // A host that closes and opens again at once is here before the end of its first connection is.
    const refuse = setTimeout(() => socket.destroy(), HANG_UP_MS);
    client.once("close", () => {
      clearTimeout(refuse);
      if (client === undefined && !socket.destroyed) take(socket);
      else socket.destroy();
    });
  });
  chip.onTransmit((bytes) => {
    // No client is connected: the bytes are gone, as on a wire.
    client?.write(Uint8Array.from(bytes));
  });

  const port = await new Promise<number>((resolve, reject) => {
    // Always listened to, as above. Once it listens, what goes wrong is a client that could not be let in: others can.
    server.on("error", (cause: NodeJS.ErrnoException) => {
      const code = cause.code === "EACCES" ? "port-permission" : "port-busy";
      const context = { port: `tcp://${HOST}:${options.port ?? 0}`, detail: cause.message };
      reject(new TransportError(code, "listen for the simulated chip", context, { cause }));
    });
    server.listen(options.port ?? 0, HOST, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });

  let closing: Promise<void> | undefined;
  return {
    port,
    close() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        client?.destroy();
      });
      return closing;
    },
    dropConnection: () => void client?.resetAndDestroy(),
  };
}

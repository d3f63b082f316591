/** Serves what a simulated chip prints on UART2 on a TCP port of this machine, to any number of clients. */
import type { Socket } from "node:net";
import { TransportError } from "../../core/base/errors";

/** The one thing that is served: a chip's UART2. */
export interface LogSource {
  onLog(listener: (bytes: Uint8Array) => void): void;
}

export interface LogServer {
  readonly port: number;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

/** Listens on 127.0.0.1. Throws TransportError `port-busy` when no port can be had. */
export async function serveLogOnTcp(chip: LogSource, port = 0): Promise<LogServer> {
  const { createServer } = await import("node:net");
  const clients = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    clients.add(socket);
    // An error event without a listener would end the process.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => clients.delete(socket));
    // UART2 has no way in.
    socket.resume();
  });
  chip.onLog((bytes) => {
    for (const client of clients) client.write(Uint8Array.from(bytes));
  });
  const listening = await new Promise<number>((resolve, reject) => {
    server.on("error", (cause) => {
      const context = { port: `tcp://${HOST}:${port}`, detail: cause.message };
      reject(new TransportError("port-busy", "listen for the log of the simulated chip", context, { cause }));
    });
    server.listen(port, HOST, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  return {
    port: listening,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const client of clients) client.destroy();
      }),
  };
}

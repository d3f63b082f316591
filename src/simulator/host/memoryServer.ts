/** Serves a simulated chip and its log where there are no sockets: with the faces of the TCP servers, in memory. For browsers. */
import { serveInMemory } from "../../core/transport/tcp.web";
import type { ChipUart } from "../uart/chipUart";
import type { LogServer, LogSource } from "./logServer";
import { memoryTransport, type MemoryTransport } from "./memoryTransport";
import type { TcpServer } from "./tcpServer";

/** Like a bridge: no rate and no control lines of its own. */
const BRIDGE = { controlLines: false, baudRate: false } as const;

export function serveOnTcp(chip: ChipUart): Promise<TcpServer> {
  let client: MemoryTransport | undefined;
  const { port, end } = serveInMemory((label) => (client = memoryTransport(chip, { ...BRIDGE, label })));
  return Promise.resolve({
    port,
    close: () => {
      end();
      client?.unplug();
      return Promise.resolve();
    },
    dropConnection: () => client?.unplug(),
  });
}

/** To any number of clients. */
export function serveLogOnTcp(chip: LogSource): Promise<LogServer> {
  const clients = new Set<MemoryTransport>();
  const printers = new Set<(bytes: Uint8Array) => void>();
  chip.onLog((bytes) => {
    for (const print of printers) print(bytes);
  });
  /** A UART that only prints, for as long as a reader is connected. */
  const uart = (): ChipUart => {
    let print: ((bytes: Uint8Array) => void) | undefined;
    return {
      hostSends: () => undefined,
      setControlLines: () => undefined,
      onTransmit: (listener) => (print = (bytes) => listener(bytes, 0)),
      hostPresent: (present) => {
        if (print === undefined) return;
        if (present) printers.add(print);
        else printers.delete(print);
      },
    };
  };
  const { port, end } = serveInMemory((label) => {
    const client = memoryTransport(uart(), { ...BRIDGE, label });
    clients.add(client);
    return client;
  });
  return Promise.resolve({
    port,
    close: () => {
      end();
      for (const client of clients) client.unplug();
      return Promise.resolve();
    },
  });
}

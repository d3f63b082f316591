/**
 * A transport moves bytes between this program and whatever the chip hangs on.
 * It knows nothing of frames, chips or resets; opening happens in a factory, so a transport that exists is open.
 */

import type { Words } from "../base/words";

/** Where a chip can be reached. */
export type PortRef =
  | { readonly kind: "serial"; readonly path: string }
  | TcpRef
  /** A serial port that a server serves with its rate and lines. */
  | { readonly kind: "rfc2217"; readonly host: string; readonly port: number };

/** Bytes over TCP, as a bridge passes them on. */
export interface TcpRef {
  readonly kind: "tcp";
  readonly host: string;
  readonly port: number;
  /**
   * Console commands of the bridge, an OpenBeken device, that reset the chip; parted by `;`, each sent on its own, the first
   * pulling CEN low and the last letting it go.
   */
  readonly reset?: string;
  /** Where the bridge takes commands over HTTP; 80 when left out. */
  readonly webPort?: number;
}

/** States of the two modem control outputs; true = asserted = TTL low on common adapters. */
export interface ControlLines {
  readonly dtr: boolean;
  readonly rts: boolean;
}

export interface Transport {
  /** The port as people know it: `/dev/ttyUSB0`, `COM5`, `tcp://host:port`. */
  readonly label: string;
  readonly can: {
    readonly baudRate: boolean;
    readonly controlLines: boolean;
    /** The platform asserts both lines while it opens the port; they were released at once. */
    readonly raisesLines?: boolean;
  };
  /** Of a port on the network: how long a question and its answer were under way when it was opened, in ms. */
  readonly roundTripMs?: number | undefined;
  /**
   * Bytes as they arrive: resolves with at least one byte, or with an empty array when `timeoutMs` has passed.
   * One read at a time. Throws `port-lost` when the port went away, CancelledError on abort.
   */
  read(timeoutMs: number, signal: AbortSignal): Promise<Uint8Array>;
  /** Resolves when the bytes have been handed to the driver. Throws `port-lost`, CancelledError. */
  write(bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Waits until everything written is on the wire, as far as the driver tells, then changes the rate. */
  setBaudRate(baud: number): Promise<void>;
  /** Sets both lines at once. Throws `command-unsupported` when the adapter cannot. */
  setControlLines(lines: ControlLines): Promise<void>;
  /**
   * Has whatever the chip hangs on reset it by a command of its own, as a bridge with a wire to CEN does; absent where there is no
   * such command. Resolves when it was sent. Throws `command-unsupported` where the other end refuses it,
   * `host-unreachable` where it does not answer, `port-lost`, CancelledError; the chip is let go all the same, as far as the other end listens.
   */
  readonly resetByCommand?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Drops everything received and not yet read. */
  discardInput(): Promise<void>;
  /** Safe to call twice; never rejects. A read under way ends with `port-lost`. */
  close(): Promise<void>;
}

export type TransportFactory = (ref: PortRef, options: OpenOptions, signal: AbortSignal) => Promise<Transport>;

export interface OpenOptions {
  readonly baudRate: number;
  /** Told what is not as it should be and no reason to give up. */
  readonly warn?: (what: Words) => void;
}

/** Finds ports again that went away while they were in use. */
export interface PortFinder {
  /**
   * Asked while the port is there. The result tells where the very same port is by then: undefined while it is away, and
   * where it cannot be told from others. Whether it opens is found out by opening it.
   */
  remember(ref: PortRef): Promise<() => Promise<PortRef | undefined>>;
}

/** One port the machine offers. Ids are four hex digits, lower case, as USB has them. */
export interface PortInfo {
  readonly path: string;
  readonly manufacturer?: string;
  readonly serialNumber?: string;
  readonly vendorId?: string;
  readonly productId?: string;
  /** The adapter chip as people call it ("CP2102"), when its ids are known. */
  readonly adapter?: string;
  /** The fastest rate that adapter chip is known to do, in baud. */
  readonly maxBaud?: number;
}

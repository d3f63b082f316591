/**
 * The bytes that come in at a port, for as long as they are wanted: opened again when the adapter or the connection comes back.
 * Sends nothing of its own accord: a link check of the flashing protocol would restart LibreTiny. Both control lines stay released,
 * but where it was learnt that a released one holds the chip in reset.
 */
import { type FlasherError, TransportError, isPortLost } from "../base/errors";
import { words } from "../base/words";
import { TIMING, type Clock } from "../base/timing";
import { formatPort } from "../transport/portRef";
import type { ControlLines, PortFinder, PortRef, Transport, TransportFactory } from "../transport/transport";

export type PortLogEvent =
  | { readonly type: "opened"; readonly port: string; readonly baudRate: number; readonly again: boolean }
  | { readonly type: "bytes"; readonly bytes: Uint8Array; readonly at: number }
  /** Nothing came for a while; so that whoever watches can judge silence. */
  | { readonly type: "quiet"; readonly at: number }
  | { readonly type: "lost"; readonly port: string; readonly detail: FlasherError["context"]["detail"] };

export interface PortLogDeps {
  readonly open: TransportFactory;
  readonly finder: PortFinder;
  readonly clock: Clock;
  /** How the lines of this port let its chip run; left out, released as they are after every opening. */
  readonly linesAtRest?: (port: PortRef) => Promise<ControlLines>;
}

export class PortLog {
  private transport: Transport | undefined;

  /** @param baudRate baud; 115200 for the logs of all these chips unless they were built otherwise */
  constructor(
    private readonly port: PortRef,
    private readonly baudRate: number,
    private readonly deps: PortLogDeps,
  ) {}

  /**
   * Opens the port and yields what comes until the signal aborts.
   * @param wasOpen it was open before: where it is away now, or busy, it is waited for
   * @throws TransportError when it cannot be opened the first time, unless `wasOpen`; CancelledError on abort
   */
  async *events(signal: AbortSignal, wasOpen = false): AsyncGenerator<PortLogEvent, never, void> {
    let port = this.port;
    let isLost = false;
    try {
      for (;;) {
        try {
          this.transport = await this.open(port, signal);
        } catch (error) {
          if (!(isLost || wasOpen) || !(error instanceof TransportError)) throw error;
          if (!isLost) yield { type: "lost", port: formatPort(port), detail: error.context.detail };
          isLost = true;
          this.transport = await this.openAgain(port, signal);
        }
        yield { type: "opened", port: this.transport.label, baudRate: this.baudRate, again: isLost };
        const find = await this.deps.finder.remember(port);
        const lost = yield* this.bytes(this.transport, signal);
        yield { type: "lost", port: formatPort(port), detail: lost.context.detail };
        isLost = true;
        // The system gives a name that is held open to no adapter, the same one included.
        await this.transport.close();
        port = await this.found(find, signal);
      }
    } finally {
      await this.transport?.close();
      this.transport = undefined;
    }
  }

  /** Sends what a person typed. @throws TransportError `port-lost` while the port is away */
  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.transport === undefined)
      throw new TransportError("port-lost", words`send what was typed`, { port: formatPort(this.port) });
    await this.transport.write(bytes, signal);
  }

  private async open(port: PortRef, signal: AbortSignal): Promise<Transport> {
    const lines = await this.deps.linesAtRest?.(port);
    const transport = await this.deps.open(port, { baudRate: this.baudRate }, signal);
    try {
      if (lines && (lines.dtr || lines.rts) && transport.can.controlLines) await transport.setControlLines(lines);
      return transport;
    } catch (error) {
      await transport.close();
      throw error;
    }
  }

  /** A port that has just come up may be busy, or not yet this person's to open. */
  private async openAgain(port: PortRef, signal: AbortSignal): Promise<Transport> {
    for (;;) {
      try {
        return await this.open(port, signal);
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        await this.deps.clock.sleep(TIMING.replugEveryMs, signal);
      }
    }
  }

  private async *bytes(transport: Transport, signal: AbortSignal): AsyncGenerator<PortLogEvent, TransportError, void> {
    try {
      for (;;) {
        const bytes = await transport.read(TIMING.logQuietMs, signal);
        const at = this.deps.clock.now();
        yield bytes.length > 0 ? { type: "bytes", bytes, at } : { type: "quiet", at };
      }
    } catch (error) {
      if (isPortLost(error)) return error;
      throw error;
    }
  }

  private async found(find: () => Promise<PortRef | undefined>, signal: AbortSignal): Promise<PortRef> {
    for (;;) {
      await this.deps.clock.sleep(TIMING.replugEveryMs, signal);
      const port = await find();
      if (port !== undefined) return port;
    }
  }
}

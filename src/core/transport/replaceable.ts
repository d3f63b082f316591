/**
 * A transport whose line can be exchanged while the link above it stays as it is: for an adapter that was pulled out and
 * plugged in again. Decides nothing; whoever exchanges the line has found and opened the new one.
 */
import type { ControlLines, Transport } from "./transport";

export class ReplaceableTransport implements Transport {
  constructor(private line: Transport) {}

  get label(): string {
    return this.line.label;
  }

  get can(): Transport["can"] {
    return this.line.can;
  }

  get roundTripMs(): number | undefined {
    return this.line.roundTripMs;
  }

  read(timeoutMs: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.line.read(timeoutMs, signal);
  }

  write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.line.write(bytes, signal);
  }

  setBaudRate(baud: number): Promise<void> {
    return this.line.setBaudRate(baud);
  }

  setControlLines(lines: ControlLines): Promise<void> {
    return this.line.setControlLines(lines);
  }

  /** Of the line at hand: one that replaces it may have another, or none. */
  get resetByCommand(): Transport["resetByCommand"] {
    const { line } = this;
    return line.resetByCommand?.bind(line);
  }

  discardInput(): Promise<void> {
    return this.line.discardInput();
  }

  /** From now on everything goes over `next`; the old line must be closed. */
  replace(next: Transport): void {
    this.line = next;
  }

  close(): Promise<void> {
    return this.line.close();
  }
}

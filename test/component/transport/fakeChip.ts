/** A chip that only records and answers as told: carriers are tested without any protocol. */
import { concat } from "../../../src/core/base/bytes";
import type { ControlLines } from "../../../src/core/transport/transport";
import type { ChipUart } from "../../../src/simulator/uart/chipUart";

export class FakeChip implements ChipUart {
  baud = 115_200;
  echo = false;
  readonly received: { readonly bytes: Uint8Array; readonly baud: number | undefined }[] = [];
  readonly lines: ControlLines[] = [];
  readonly presence: boolean[] = [];
  receivedBytes = 0;
  #listener: (bytes: Uint8Array, baud: number) => void = () => undefined;
  readonly #watchers = new Set<() => void>();

  hostSends(bytes: Uint8Array, baud: number | undefined): void {
    this.received.push({ bytes: Uint8Array.from(bytes), baud });
    this.receivedBytes += bytes.length;
    if (this.echo) this.send(bytes);
    this.#changed();
  }

  onTransmit(listener: (bytes: Uint8Array, baud: number) => void): void {
    this.#listener = listener;
  }

  setControlLines(lines: ControlLines): void {
    this.lines.push(lines);
    this.#changed();
  }

  hostPresent(present: boolean): void {
    this.presence.push(present);
    this.#changed();
  }

  send(bytes: Uint8Array): void {
    this.#listener(bytes, this.baud);
  }

  all(): Uint8Array {
    return concat(...this.received.map(({ bytes }) => bytes));
  }

  /** Resolves once `condition` holds; checked whenever something reaches the chip. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
      check();
    });
  }

  #changed(): void {
    for (const check of [...this.#watchers]) check();
  }
}

/** A simulated chip on a bench with a clock that only the test moves: send bytes, let time pass, look at everything. */
import { concat, toHex, u32 } from "../../../src/core/base/bytes";
import {
  createChip,
  ManualTime,
  type ChipEvent,
  type ChipOptions,
  type Preset,
  type SimulatedChip,
} from "../../../src/simulator/index";

/** Long enough for anything a loader does, a CRC over the whole flash included. */
const LONG_US = 6_000_000;

export const LINK = Uint8Array.of(0x01, 0xe0, 0xfc, 0x01, 0x00);
export const LINK_ANSWER = "040e0501e0fc0100";

export function short(code: number, ...payload: readonly ArrayLike<number>[]): Uint8Array {
  const body = concat(...payload);
  return concat([0x01, 0xe0, 0xfc, 1 + body.length, code], body);
}

export function long(code: number, ...payload: readonly ArrayLike<number>[]): Uint8Array {
  const body = concat(...payload);
  const length = 1 + body.length;
  return concat([0x01, 0xe0, 0xfc, 0xff, 0xf4, length & 0xff, length >> 8, code], body);
}

export const frames = {
  crc: (start: number, end: number) => short(0x10, u32(start), u32(end)),
  read: (address: number) => long(0x09, u32(address)),
  erase: (size: number, address: number) => long(0x0f, [size], u32(address)),
  write: (address: number, data: ArrayLike<number>) => long(0x06, u32(address), data),
  write4k: (address: number, data: ArrayLike<number>) => long(0x07, u32(address), data),
  baud: (baud: number, delay: number) => short(0x0f, u32(baud), [delay]),
};

export class Bench {
  readonly time = new ManualTime();
  readonly chip: SimulatedChip;
  /** Flash operations and commands since `forget`. */
  readonly events: ChipEvent[] = [];
  /** When the last byte left the chip. */
  lastByteAt = 0;
  private readonly received: Uint8Array[] = [];

  constructor(preset: string | Preset, options: ChipOptions = {}) {
    this.chip = createChip(preset, { idleRebootMs: 1e9, ...options, time: this.time });
    this.chip.onTransmit((bytes) => {
      this.received.push(bytes);
      this.lastByteAt = this.time.now();
    });
    this.chip.onEvent((event) => {
      this.events.push(event);
    });
  }

  /** Lets the chip boot and links it. */
  static linked(preset: string | Preset, options: ChipOptions = {}): Bench {
    const bench = new Bench(preset, options);
    bench.boot();
    return bench;
  }

  boot(): void {
    this.time.advance(16_000);
    const answer = toHex(this.ask(LINK, 20_000));
    if (answer !== LINK_ANSWER) throw new Error(`no link: ${answer}`);
    this.events.length = 0;
  }

  /** Off and on, with this status register at power-up. */
  powerUp(status: number): void {
    this.chip.powerOff();
    this.chip.statusRegister = status;
    this.chip.powerOn();
    this.boot();
  }

  send(bytes: Uint8Array, baud: number | undefined = undefined): void {
    this.chip.hostSends(bytes, baud);
  }

  /** Everything the chip has said since the last take. */
  take(): Uint8Array {
    return concat(...this.received.splice(0));
  }

  ask(bytes: Uint8Array, us = LONG_US): Uint8Array {
    this.send(bytes);
    this.time.advance(us);
    return this.take();
  }

  askHex(bytes: Uint8Array, us = LONG_US): string {
    return toHex(this.ask(bytes, us));
  }

  /** The flash operations since the last call, as the recorded batteries write them. */
  operations(): string[] {
    const lines: string[] = [];
    for (const event of this.events.splice(0)) if (event.type === "flash") lines.push(describe(event));
    return lines;
  }
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

function describe({ operation, result }: ChipEvent & { readonly type: "flash" }): string {
  const note = result.ignored ? " IGNORED (protected)" : "";
  switch (operation.kind) {
    case "erase": {
      const name = { 0x1000: "SE 4K", 0x8000: "BE1 32K", 0x10000: "BE2 64K" }[operation.size] ?? "CE";
      return `${name} ${hex(operation.address, 6)} (phys ${hex(result.physical, 6)})${note}`;
    }
    case "program":
      return `PP ${hex(operation.address, 6)} (phys ${hex(result.physical, 6)})${note}`;
    case "status":
      return `${operation.bytes === 2 ? "WRSR2(16 bit)" : "WRSR(8 bit)"} data ${hex(operation.value, 4)}`;
  }
}

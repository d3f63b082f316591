/** A serial server whose wire can be what it is with people: dead, joined, on a log, on another part, held; or a chip. */
import { ascii, concat } from "../../../src/core/base/bytes";
import type { ControlLines } from "../../../src/core/transport/transport";
import { createChip, type SimulatedChip } from "../../../src/simulator/index";
import type { ChipUart } from "../../../src/simulator/uart/chipUart";
import { noise } from "../../../src/simulator/prng";
import { serveComPort } from "../../component/transport/comPortServer";
import type { Device } from "./device";

export type Wiring = "dead" | "joined" | "log" | "other part" | "held" | "chip";

const LOG = ascii(
  "\u001b[0;32m[I][app:158]: ESPHome version 2026.8.0 compiled on 2026-08-20 10:00:00 +0000\u001b[0m\r\n",
);
const BOOT = ascii("\r\r\nV:BK7231S_1.0.5\r\r\nCPSR:000000D3\r\r\nR0:FE5BEEFF\r\r\nJ 0x10000\r\r\n");
/** Frames of a microcontroller, and what it has to say. */
const PART = concat(Uint8Array.of(0x55, 0xaa, 3, 7, 0, 5, 1, 1, 0, 1, 1, 0x12), noise(5, 60));
const PART_BAUD = 38_400;
const SAYS_EVERY_MS = 150;
/** From the reset until the boot code prints. */
const STARTS_MS = 20;
const BAUD = 115_200;

export class Wire implements ChipUart {
  wiring: Wiring = "dead";
  private listener: (bytes: Uint8Array, baud: number) => void = () => undefined;
  private readonly talk = setInterval(() => {
    if (this.wiring === "log") this.listener(LOG, BAUD);
    if (this.wiring === "other part") this.listener(PART, PART_BAUD);
  }, SAYS_EVERY_MS);

  constructor(readonly chip: SimulatedChip) {}

  hostSends(bytes: Uint8Array, baud: number | undefined): void {
    if (this.wiring === "chip") this.chip.hostSends(bytes, baud);
    if (this.wiring === "joined") this.listener(bytes, baud ?? BAUD);
  }

  onTransmit(listener: (bytes: Uint8Array, baud: number) => void): void {
    this.listener = listener;
    this.chip.onTransmit((bytes, baud) => {
      if (this.wiring === "chip") listener(bytes, baud);
    });
  }

  setControlLines(lines: ControlLines): void {
    this.chip.setControlLines(lines);
    if (this.wiring === "held" && lines.rts) setTimeout(() => this.listener(BOOT, BAUD), STARTS_MS);
  }

  hostPresent(present: boolean): void {
    this.chip.hostPresent(present);
  }

  end(): void {
    clearInterval(this.talk);
    this.chip.dispose();
  }
}

/** Behind RFC 2217, for pseudo-terminals have no control lines. Nobody cycles the chip's power. */
export async function startWire(): Promise<{ readonly wire: Wire; readonly device: Device }> {
  const chip = createChip("bk7231t", { pace: "real", person: "manual", firmware: "none" });
  const wire = new Wire(chip);
  const server = await serveComPort(wire, { lines: true });
  const dispose = async (): Promise<void> => {
    await server.close();
    wire.end();
  };
  return { wire, device: { chip, port: `rfc2217://127.0.0.1:${server.port}`, unplug: dispose, dispose } };
}

/** The flash as seen over the ROM's raw SPI transfer: identification and status commands; the rest reads as zero. */
import { fromHex } from "../../core/base/bytes";
import type { FlashArray } from "../flash/flashArray";
import { noise } from "../prng";

/** Full-duplex transfer: one byte clocked in for every byte clocked out, rubbish (zero) while the command goes out. */
export function spiTransfer(flash: FlashArray, sent: Uint8Array): Uint8Array {
  const received = new Uint8Array(sent.length);
  const [delay, answer] = reply(flash, sent[0] ?? 0);
  for (let i = delay; i < sent.length && answer.length > 0; i++)
    received[i] = answer[(i - delay) % answer.length] as number;
  return received;
}

/** How many bytes the command and its dummies take, and what follows, over and over. */
function reply(flash: FlashArray, command: number): readonly [number, Uint8Array] {
  switch (command) {
    case 0x9f:
      return [1, fromHex(flash.part.id)];
    case 0x4b:
      return [5, noise(parseInt(flash.part.id, 16), 16)];
    case 0x05:
      return [1, Uint8Array.of(flash.status & 0xff)];
    case flash.part.readSecond:
      return [1, Uint8Array.of(flash.status >> 8)];
    default:
      return [1, new Uint8Array(0)];
  }
}

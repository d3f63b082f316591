/**
 * The boot ROM's frame parser: like the flash loaders' in what it accepts, without their faults. Knows no commands.
 * Source: docs/protocol.md ("How chips parse").
 */
import { readU32 } from "../../core/base/bytes";

export class RomParser {
  long = false;
  /** The frame's code and payload. */
  body = new Uint8Array(0);
  private state: "head" | "length" | "mark" | "low" | "high" | "body" = "head";
  private matched = 0;
  private at = 0;

  get code(): number {
    return this.body[0] ?? 0;
  }

  get payload(): Uint8Array {
    return this.body.subarray(1);
  }

  /** Little-endian word of the payload, unsigned. */
  word(index: number): number {
    return readU32(this.body, 1 + index);
  }

  /** True when this byte completed a frame. */
  push(byte: number): boolean {
    switch (this.state) {
      case "head":
        this.match(byte);
        return false;
      case "length":
        if (byte === 0xff) this.state = "mark";
        else this.begin(false, byte);
        return false;
      case "mark":
        this.state = byte === 0xf4 ? "low" : "head";
        return false;
      case "low":
        this.at = byte;
        this.state = "high";
        return false;
      case "high":
        this.begin(true, this.at | (byte << 8));
        return false;
      case "body":
        this.body[this.at++] = byte;
        if (this.at < this.body.length) return false;
        this.state = "head";
        return true;
    }
  }

  private match(byte: number): void {
    const wanted = this.matched === 0 ? 0x01 : this.matched === 1 ? 0xe0 : 0xfc;
    if (byte === wanted) this.matched++;
    else this.matched = byte === 0x01 ? 1 : 0;
    if (this.matched < 3) return;
    this.matched = 0;
    this.state = "length";
  }

  private begin(long: boolean, length: number): void {
    this.long = long;
    this.at = 0;
    this.state = length === 0 ? "head" : "body";
    if (length > 0) this.body = new Uint8Array(length);
  }
}

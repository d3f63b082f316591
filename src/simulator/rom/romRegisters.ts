/**
 * The registers a boot ROM lets the host read and write: chip id, the eFuse window, and a memory that just keeps what
 * it is given. Burning fuses is possible, as on the real thing. Source: docs/protocol.md ("Registers, eFuse").
 */
import { mix } from "../prng";

const EFUSE_CONTROL = 0x800074;
const EFUSE_DATA = 0x800078;
const EFUSE_START = 0x01;
const EFUSE_BURN = 0x02;
const EFUSE_VALID = 0x100;
const KEY_BYTES = 16;
const CONTROL_BYTE = 31;
const KEY_UNREADABLE = 0x10;
const ROM_SIZE = 0x4000;

export class RomRegisters {
  /** How many fuse bytes the host has made different. */
  burned = 0;
  private readonly kept = new Map<number, number>();
  private control = 0;
  private data = 0;

  /** @param efuse 32 bytes: key, unique id, MAC, user byte, control bits; undefined on chips that have none there */
  constructor(
    private readonly chipId: number,
    private readonly chipIdAt: number,
    readonly efuse: Uint8Array | undefined,
  ) {}

  read(address: number): number {
    if (address === this.chipIdAt) return this.chipId;
    switch (this.efuse && address) {
      case EFUSE_CONTROL:
        // The transfer is over by the time anybody looks.
        this.control &= ~EFUSE_START;
        return this.control >>> 0;
      case EFUSE_DATA:
        return this.data;
      default:
        return this.kept.get(address) ?? (address < ROM_SIZE ? mix(address ^ this.chipId) : 0);
    }
  }

  write(address: number, value: number): void {
    if (address === this.chipIdAt) return;
    if (!this.efuse) this.kept.set(address, value);
    else if (address === EFUSE_CONTROL) this.operate(this.efuse, value);
    else if (address !== EFUSE_DATA) this.kept.set(address, value);
  }

  private operate(efuse: Uint8Array, value: number): void {
    this.control = value;
    if ((value & EFUSE_START) === 0) return;
    const index = (value >>> 8) & 0x1f;
    const stored = efuse[index] as number;
    if ((value & EFUSE_BURN) !== 0) {
      const burnt = stored | ((value >>> 16) & 0xff);
      efuse[index] = burnt;
      if (burnt !== stored) this.burned++;
      return;
    }
    const hidden = index < KEY_BYTES && ((efuse[CONTROL_BYTE] as number) & KEY_UNREADABLE) !== 0;
    this.data = hidden ? 0 : EFUSE_VALID | stored;
  }
}

/**
 * A linked chip as operations use it: reads through the alias where the loader refuses low addresses, hashes, erases,
 * programs, and knows whether an erase would be ignored at this moment. One method is one command on the wire (or its
 * repeats); no method decides what to read or write.
 */
import { BLOCK, hexAddress } from "../base/bytes";
import type { ProtocolProfile } from "../chips/types";
import type { EraseStep } from "../plan/flashPlan";
import type { BootLink } from "../protocol/link";

/** Above this rate streaming 4 KiB writes overrun the loaders' receive path; the buffered write command does not. */
const STREAMED_WRITE_MAX_BAUD = 921_600;

export class Device {
  /** True after a CheckCRC on loaders that then ignore erases and writes until they are reset. */
  lockedByCrc = false;

  constructor(
    readonly link: BootLink,
    readonly profile: ProtocolProfile,
  ) {}

  /** 4096 bytes at any address, boot code included. */
  readSector(address: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.link.request(
      "readFlash4k",
      { address: this.readable(address) },
      { signal, doing: `read ${hexAddress(address)}` },
    );
  }

  /** Reads below a loader's limit go through an address that the flash wraps to the same place. */
  private readable(address: number): number {
    const { limits, readAlias } = this.profile;
    return address < limits.read && readAlias !== undefined ? address + readAlias : address;
  }

  /**
   * The chip's own CRC-32 of `[start, start + length)`. On older loaders this ends all writing until a reset.
   * @param length a multiple of 256 on flash loaders
   */
  async crc(start: number, length: number, signal: AbortSignal): Promise<number> {
    if (this.profile.crcLocks === "until-reset") this.lockedByCrc = true;
    return await this.link.request(
      "checkCrc",
      { start, length, range: this.profile.crcRange },
      { signal, doing: `hash ${length} bytes at ${hexAddress(start)}` },
    );
  }

  /** "Done" is all a loader ever answers; what the flash holds afterwards is for the caller to check. */
  erase({ address, length }: EraseStep, signal: AbortSignal): Promise<void> {
    return this.link.request(
      "eraseFlash",
      { address, sizeCode: length === BLOCK ? 0xd8 : 0x20 },
      { signal, doing: `erase ${length / 1024} KiB at ${hexAddress(address)}` },
    );
  }

  /** Programs one erased sector with 4096 bytes. */
  writeSector(address: number, data: Uint8Array, signal: AbortSignal): Promise<void> {
    const buffered = this.profile.family !== "rom" && this.link.baudRate > STREAMED_WRITE_MAX_BAUD;
    const options = { signal, doing: `write ${hexAddress(address)}` };
    return buffered
      ? this.link.request("writeFlash", { address, data }, options)
      : this.link.request("writeFlash4k", { address, data }, options);
  }

  /**
   * On flash loaders the first erase after a link check lifts the flash's write protection, and only that one does.
   */
  async armUnprotect(signal: AbortSignal): Promise<void> {
    if (this.profile.family !== "rom") await this.link.request("linkCheck", {}, { signal, doing: "check the link" });
  }
}

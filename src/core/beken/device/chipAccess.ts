/**
 * A linked chip as operations use it: reads through the alias where the loader refuses low addresses, hashes, erases,
 * programs, and knows whether an erase would be ignored at this moment. One method is one command on the wire (or its
 * repeats); no method decides what to read or write.
 */
import { alignDown, equalBytes, hexAddress, isFilledWith } from "../../base/bytes";
import { ProtocolError, isFlasherError, isTransmissionError } from "../../base/errors";
import { overlaps, rangeOf, type Range } from "../../base/ranges";
import { RETRIES, TIMING, throwIfAborted, wireTimeMs } from "../../base/timing";
import { words, type Words } from "../../base/words";
import type { ProtocolProfile } from "../chips/types";
import type { ChipDevice, EraseStep, PlanGrant } from "../../driver/chipDevice";
import { leftInside } from "../protocol/resyncFiller";
import type { WriteGrant } from "../protocol/writeGuard";
import type { BootLink } from "../protocol/link";
import { WRITE_CHUNK } from "../protocol/refusals";
import { COMMAND_SECTOR, ERASE_SIZES, INSIDE_ERASE, type EraseSizeCode } from "../protocol/commandRows";
import { KnownSectors } from "../../driver/knownSectors";

/** Above this rate streaming 4 KiB writes overrun the loaders' receive path; the buffered write command does not. */
const STREAMED_WRITE_MAX_BAUD = 921_600;

/** Bytes of a sector that are asked for at once where hardly a whole one comes. */
const PIECE = 128;

/** The status of an address below a loader's limit. */
const REFUSED = 6;

/** Erases drop the bits above: the flash has 24. */
const LAST_ADDRESS = 0xffffff;

interface Change {
  readonly address: number;
  readonly length: number;
  /** By what its first sector holds. */
  isDone(onChip: Uint8Array): boolean;
  readonly erases: boolean;
  /** What a write leaves there; nothing of an erase. */
  readonly data?: Uint8Array;
}

export class ChipAccess implements ChipDevice {
  /** What the chip has changed in place of what it was told, as it said itself. Addresses as it understood them. */
  readonly strays: Range[] = [];
  /** What the plan under way may do, with the filler that stays inside of it where the chip has no limits. */
  grant: WriteGrant | undefined;
  /**
   * Blank places that an answer named instead of one that is blank as well: whether the erase went there, or only the answer
   * was damaged, cannot be told. Addresses as the chip named them.
   */
  readonly possibleStrays: Range[] = [];
  /** True once an erase or a write was not answered as it should be. */
  inDoubt = false;
  /** CRC-32 of sectors read since the job began, the chip was reset, or anything was changed, by address. */
  readonly seen = new Map<number, number>();
  private doubt: { readonly change: Change; readonly elsewhere: number } | undefined;
  /** How often the link was lost and found again: what the chip was asked before may be another chip's answer. */
  gaps = 0;
  /** What sectors held when they were last read, erased or programmed, since the job began. */
  readonly known = new KnownSectors(COMMAND_SECTOR);
  /** True after a CheckCRC on loaders that then ignore erases and writes until they are reset. */
  lockedByCrc = false;
  /** Whether the reboot command resets the chip; undefined where that is not known. False: only power, or a line to its reset, does. */
  resetsOnReboot: boolean | undefined;
  /** The last reset was by command, and nothing but its answer says so. */
  wasReset = false;
  /** Set where the line loses bytes at every speed: what is asked for together is lost together. */
  losesBytes = false;
  /** Whether less than a sector may be asked for; false once the chip has refused that. */
  private readsPieces: boolean;
  /** The loader has refused a read above the limit of its family. */
  private refusesMore = false;
  /** Requests that may be out at once. Starts as the family's; a chip that has shown that it queues may get more. */
  queue: number;

  constructor(
    readonly link: BootLink,
    readonly profile: ProtocolProfile,
  ) {
    this.queue = profile.queue;
    const { rebootCommand, commands } = profile;
    this.readsPieces = commands.has("readFlash");
    this.resetsOnReboot = rebootCommand === "starts-app" ? undefined : rebootCommand === "resets";
  }

  get baudRate(): number {
    return this.link.baudRate;
  }

  /** Ends one plan's grant, or begins the next one's. */
  allow(grant: PlanGrant | undefined): void {
    const inside = grant && this.profile.resyncFiller === "inside-plan";
    this.grant = inside ? { ...grant, filler: leftInside(grant.eraseRanges, grant.flashSize) } : grant;
    this.link.allow(this.grant);
    if (grant) this.inDoubt = false;
  }

  get changing(): readonly Range[] {
    return this.grant?.writeRanges ?? [];
  }

  recover(signal: AbortSignal): Promise<void> {
    return this.link.recover(signal);
  }

  pause(ms: number, signal: AbortSignal): Promise<void> {
    return this.link.pause(ms, signal);
  }

  mayChange(range: Range): boolean {
    return this.changing.some((one) => overlaps(one, range));
  }

  /** Awaits a person's answer, however long it takes, with keep-alive requests to the chip meanwhile. */
  async whileAwake<T>(work: () => Promise<T>): Promise<T> {
    this.link.keepAwake();
    try {
      return await work();
    } finally {
      this.link.letSleep();
    }
  }

  /** Sectors in the order of `addresses`, with as many requests out as the loader queues. Ends at the first lost reply. */
  async *readSectors(addresses: readonly number[], signal: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    let done = 0;
    const askForRest = (): AsyncGenerator<Uint8Array, void, void> => {
      const left = addresses.slice(done);
      const requests = left.map((address) => ({ address: this.readable(address) }));
      const doing = (index: number): Words => words`read ${hexAddress(left[index] as number)}`;
      return this.link.requestMany("readFlash4k", requests, {
        signal,
        doing,
        window: this.losesBytes ? 1 : this.queue,
      });
    };
    for (;;) {
      const direct = addresses.slice(done).some((address) => this.readable(address) === address);
      try {
        for await (const sector of askForRest()) {
          this.known.read(addresses[done++] as number, sector);
          yield sector;
        }
        return;
      } catch (error) {
        if (!this.goesByAliasNow(error, direct)) throw error;
      }
    }
  }

  /**
   * {@link crc} of several ranges, in order. One at a time: answers carry no address, so one that was lost among several
   * would pass for the next.
   */
  async *crcs(ranges: readonly Range[], signal: AbortSignal): AsyncGenerator<number, void, void> {
    for (const { start, end } of ranges) yield await this.crc(start, end - start, signal);
  }

  /**
   * {@link erase} of several blocks, in order. One at a time: should a byte of one be lost, the next frame would become the
   * rest of its address, and that can be the boot code's (docs/protocol.md, "Resynchronising").
   */
  async *erases(steps: readonly EraseStep[], signal: AbortSignal): AsyncGenerator<void, void, void> {
    for (const step of steps) {
      throwIfAborted(signal, "erase");
      yield await this.erase(step, signal);
    }
  }

  /** One sector at any address, boot code included. */
  async readSector(address: number, signal: AbortSignal): Promise<Uint8Array> {
    const sector = await this.readBySomeMeans(address, signal);
    this.known.read(address, sector);
    return sector;
  }

  private async readBySomeMeans(address: number, signal: AbortSignal): Promise<Uint8Array> {
    const read = (): Promise<Uint8Array> =>
      this.link.request(
        "readFlash4k",
        { address: this.readable(address) },
        { signal, doing: words`read ${hexAddress(address)}` },
      );
    const direct = this.readable(address) === address;
    try {
      return await read();
    } catch (error) {
      if (this.goesByAliasNow(error, direct)) return await read();
      if (!isTransmissionError(error) || !this.readsPieces) throw error;
      await this.link.recover(signal);
      const sector = await this.sectorInPieces(address, signal);
      if (!sector) throw error;
      return sector;
    }
  }

  /** {@link readSectors} in small pieces, each asked for until it comes whole; as sectors where the chip cannot do it. */
  async *readInPieces(addresses: readonly number[], signal: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    for (let done = 0; done < addresses.length; done++) {
      const sector = await this.sectorInPieces(addresses[done] as number, signal);
      if (!sector) return yield* this.readSectors(addresses.slice(done), signal);
      this.known.read(addresses[done] as number, sector);
      yield sector;
    }
  }

  private async sectorInPieces(address: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    if (!this.readsPieces) return undefined;
    const sector = new Uint8Array(COMMAND_SECTOR);
    const options = { signal, doing: words`read ${hexAddress(address)}`, attempts: RETRIES.reading };
    try {
      for (let at = 0; at < COMMAND_SECTOR; at += PIECE) {
        const fields = { address: address + at, length: PIECE };
        const timeoutMs = TIMING.pieceMs + wireTimeMs(2 * PIECE, this.link.baudRate);
        sector.set(await this.link.request("readFlash", fields, { ...options, timeoutMs }), at);
      }
      return sector;
    } catch (error) {
      if (!isFlasherError(error) || (error.code !== "command-unsupported" && error.code !== "chip-status")) throw error;
      this.readsPieces = false;
      return undefined;
    }
  }

  /** Reads below a loader's limit go through an address that the flash wraps to the same place. */
  private readable(address: number): number {
    const { limits, readAlias } = this.profile;
    return readAlias !== undefined && (address < limits.read || this.refusesMore) && address < readAlias
      ? address + readAlias
      : address;
  }

  /** A loader whose limit is higher than is known of its family refuses what its flash shows by the alias all the same. */
  private goesByAliasNow(error: unknown, direct: boolean): boolean {
    if (!(error instanceof ProtocolError) || error.context.status !== REFUSED) return false;
    const again = direct && !this.refusesMore && this.profile.readAlias !== undefined;
    this.refusesMore = again;
    return again;
  }

  /**
   * The chip's own CRC-32 of `[start, start + length)`. On older loaders this ends all writing until a reset.
   * @param length a multiple of 256 on flash loaders
   */
  async crc(start: number, length: number, signal: AbortSignal): Promise<number> {
    this.noteCrc();
    return await this.link.request(
      "checkCrc",
      { start, length, range: this.profile.crcRange },
      { signal, doing: words`hash ${length} bytes at ${hexAddress(start)}` },
    );
  }

  private noteCrc(): void {
    if (this.profile.crcLocks === "until-reset") this.lockedByCrc = true;
  }

  /** The flash ignored an erase or a write: another program has asked this chip for a CRC, which locks its flash, and the reset that was to end the lock did not happen. */
  isStillLocked(): void {
    this.lockedByCrc = true;
    if (this.wasReset) this.resetsOnReboot = false;
  }

  /** "Done" is all a loader ever answers; what the flash holds afterwards is for the caller to check. */
  async erase({ address, length }: EraseStep, signal: AbortSignal): Promise<void> {
    const options = { signal, doing: words`erase ${length / 1024} KiB at ${hexAddress(address)}` };
    const isDone = (onChip: Uint8Array): boolean => isFilledWith(onChip, 0xff);
    const inside = this.profile.bootloaderIsLifeline ? INSIDE_ERASE : 0;
    await this.change({ address, length, isDone, erases: true }, signal, () =>
      this.link.request("eraseFlash", { address, sizeCode: sizeCode(length), inside }, options),
    );
  }

  /**
   * Programs one erased sector with 4096 bytes. Streamed, a sector takes no longer than its bytes on the wire; received whole
   * before it is programmed, about half as long again, but blank bytes at its end need not be sent.
   */
  async writeSector(address: number, data: Uint8Array, signal: AbortSignal): Promise<void> {
    const begun = withoutBlankEnd(data);
    const streams = this.link.baudRate <= STREAMED_WRITE_MAX_BAUD && begun.length > COMMAND_SECTOR / 2;
    const buffered = this.profile.buffersWrites && !streams;
    const options = { signal, doing: words`write ${hexAddress(address)}` };
    const isDone = (onChip: Uint8Array): boolean => equalBytes(onChip, data);
    await this.change({ address, length: COMMAND_SECTOR, isDone, erases: false, data }, signal, () =>
      buffered
        ? this.link.request("writeFlash", { address, data: begun }, options)
        : this.link.request("writeFlash4k", { address, data }, options),
    );
  }

  private async change(change: Change, signal: AbortSignal, request: () => Promise<void>): Promise<void> {
    await this.settleDoubt(signal);
    this.seen.clear();
    this.known.forget(rangeOf(change.address, change.length));
    try {
      await request();
      this.known.changed(change.address, change.length, change.data);
    } catch (error) {
      this.inDoubt = true;
      const { elsewhere } = error instanceof ProtocolError ? error.context : {};
      if (elsewhere !== undefined) this.doubt = { change, elsewhere };
      throw error;
    }
  }

  /**
   * An answer that repeats another address: was the request damaged on its way, or the answer? What was asked for is done in
   * the second case. Call with the line in order, before anything is repeated.
   */
  async settleDoubt(signal: AbortSignal): Promise<void> {
    if (!this.doubt) return;
    const { change, elsewhere } = this.doubt;
    const onChip = await this.readSector(change.address, signal);
    const there = { start: elsewhere, end: elsewhere + change.length };
    if (!change.isDone(onChip)) this.strays.push(there);
    // What was to be erased may have been blank before.
    else if (
      change.erases &&
      isFilledWith(await this.readSector(alignDown(elsewhere & LAST_ADDRESS, COMMAND_SECTOR), signal), 0xff)
    )
      this.possibleStrays.push(there);
    this.doubt = undefined;
  }

  /** Where an answer said that a change went, while that is not settled. */
  doubted(): readonly Range[] {
    if (!this.doubt) return [];
    const { change, elsewhere } = this.doubt;
    return [{ start: elsewhere, end: elsewhere + change.length }];
  }

  /**
   * On flash loaders the first erase after a link check lifts the flash's write protection, and only that one does.
   */
  async armUnprotect(signal: AbortSignal): Promise<void> {
    if (this.profile.unprotectsByLinkCheck)
      await this.link.request("linkCheck", {}, { signal, doing: words`check the link` });
  }
}

/** In whole chunks of the buffered write; what is FF behind them an erased sector holds already. At least one chunk. */
function withoutBlankEnd(data: Uint8Array): Uint8Array {
  let end = data.length;
  while (end > WRITE_CHUNK && isFilledWith(data, 0xff, end - WRITE_CHUNK, end)) end -= WRITE_CHUNK;
  return data.subarray(0, end);
}

/** The flash's own command for an erase of that many bytes; one that no loader knows, and no frame is made for, where there is none. */
function sizeCode(length: number): EraseSizeCode | 0 {
  return ([0x20, 0xd8] as const).find((code) => ERASE_SIZES[code] === length) ?? 0;
}

/**
 * Whether the application in a simulated chip's flash is one of LibreTiny's: by its banner, or by the RBL header that its packager puts
 * behind it, which holds only for the code it was made for. Source: docs/formats.md, "RBL containers".
 */
import { viewOf } from "../../core/base/bytes";
import { fingerprint } from "./checksums";
import { CODE, CRC_BLOCK, scrambled, seenAt, type ChipKey } from "./codeInFlash";
import { APP_AT } from "./flashImages";

export interface LibreTiny {
  /** Its banner, as far as its text goes; undefined where it was packaged without. */
  readonly banner: string | undefined;
}

/** Bytes from 0x11000 on that are looked at: up to the end of the longest application partition of these chips. */
const APPLICATION_MOST = 0x1c0000;
const BANNER = /LibreTiny v\d[\x20-\x7e]{1,120}/;
/** Of the partition `app`; the version ends with the chip's name. */
const HEADER = /RBL\0[^]{8}app\0{13}\d\d\.\d\d\.\d\d-bk\d{4}/;
const DATA_CRC = 76;
const DATA_SIZE = 88;
/** The last bytes of the data are FF in flash and count as these. */
const FILLER = 16;

/** @param key the chip's; an application for another one shows nothing */
export function libreTinyIn(flash: Uint8Array, key: ChipKey): LibreTiny | undefined {
  const stored = storedCode(flash);
  const banner = BANNER.exec(latin1(scrambled(stored, key, seenAt(APP_AT))))?.[0];
  return banner !== undefined || headerHolds(stored) ? { banner } : undefined;
}

/** As it lies in flash, without its CRC-16s. */
function storedCode(flash: Uint8Array): Uint8Array {
  const blocks = Math.floor(Math.min(APPLICATION_MOST, flash.length - APP_AT) / CRC_BLOCK);
  const code = new Uint8Array(blocks * CODE);
  for (let i = 0; i < blocks; i++)
    code.set(flash.subarray(APP_AT + i * CRC_BLOCK, APP_AT + i * CRC_BLOCK + CODE), i * CODE);
  return code;
}

function headerHolds(stored: Uint8Array): boolean {
  const at = HEADER.exec(latin1(stored))?.index;
  if (at === undefined || at + DATA_SIZE + 4 > stored.length) return false;
  const header = viewOf(stored.subarray(at));
  const size = header.getUint32(DATA_SIZE, true);
  if (size < FILLER || size > at) return false;
  const data = stored.slice(0, size).fill(FILLER, size - FILLER);
  return fingerprint(data, size) === header.getUint32(DATA_CRC, true);
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

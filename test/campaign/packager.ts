/**
 * What a packaged application must be in flash, worked out from its plain code by the description of the format: the campaign's
 * own packager, beside the product's that made the file. Held to the vectors by test/unit/campaign/oracle.test.ts.
 * Source: docs/formats.md ("RBL, partition form").
 */
import { fingerprint } from "../../src/simulator/flash/checksums";
import { CRC_BLOCK, CODE, inBlocks, scrambled, seenAt, type ChipKey } from "../../src/simulator/flash/codeInFlash";

const TRAILER = 16;
const HEADER = 96;
/** Header bytes in flash, their CRC-16s with them. */
const HEADER_IN_FLASH = (HEADER / CODE) * CRC_BLOCK;

export interface Packaging {
  readonly key: ChipKey;
  /** Unix time in seconds. */
  readonly timestamp: number;
  readonly version: string;
  /** Where it lies in flash, and how much of it the container takes there. */
  readonly at: number;
  readonly room: number;
}

interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** @throws RangeError for lengths that packagers pad in ways of their own */
export function packagedForFlash(
  code: Uint8Array,
  { key, timestamp, version, at, room }: Packaging,
): { readonly application: Piece; readonly header: Piece } {
  const rest = code.length % CODE;
  if (rest === 0 || rest > TRAILER) throw new RangeError("only code of which the last block has 1 to 16 bytes");
  const padded = new Uint8Array(code.length + CODE - rest).fill(0xff);
  padded.set(code);
  const inFlash = new Uint8Array(padded.length + 2 * TRAILER).fill(0xff);
  inFlash.set(scrambled(padded, key, seenAt(at)));
  const summed = inFlash.slice();
  summed.fill(TRAILER, summed.length - TRAILER);

  const header = Buffer.alloc(HEADER);
  header.write("RBL", 0, "latin1");
  header.writeUInt32LE(timestamp, 8);
  header.write("app", 12, "latin1");
  header.write(version, 28, "latin1");
  header.write("0".repeat(23), 52, "latin1");
  header.writeUInt32LE(fingerprint(summed, summed.length), 76);
  header.writeUInt32LE(fnv1a(summed.subarray(0, summed.length - TRAILER)), 80);
  header.writeUInt32LE(summed.length - TRAILER, 84);
  header.writeUInt32LE(summed.length, 88);
  header.writeUInt32LE(fingerprint(header, 92), 92);
  return {
    application: { at, bytes: inBlocks(inFlash) },
    header: { at: at + room - HEADER_IN_FLASH, bytes: inBlocks(header) },
  };
}

function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x01000193n) & 0xffffffffn;
  return Number(hash);
}

/**
 * Whether code in a flash that was in use is whole: its CRC-16 blocks, and what RBL headers say of it. Around it lies whatever
 * the flash held before, so not every bad block is damage: what counts is whether the same program goes on behind it.
 */
import { alignUp, isFilledWith } from "../../base/bytes";
import { fnv1a } from "../../base/checksum";
import type { Range } from "../../base/ranges";
import { words } from "../../base/words";
import { BK72XX } from "../chips/geometry";
import { brokenBlock, LARGEST_PARTITION } from "./appChecks";
import { APP_LOGICAL, APP_PHYSICAL } from "./appKey";
import { scramble } from "./cipher";
import { BLOCK_DATA, BLOCK_SIZE, blockState, stripCrcBlocks } from "./crcBlocks";
import type { ImageKey } from "./firmwareImage";
import type { KnownFlash } from "./knownFlash";
import {
  checkFlashRblHeader,
  hasRblMagic,
  isFlashRblHeader,
  parseRblHeader,
  RBL_HEADER_FLASH_SIZE,
  type RblHeader,
} from "./rblHeader";
import { flashSizeOf, verifyPartition } from "./rblPartition";
import type { Finding } from "./report";

/** Of a file it is not known which of these chips it was on: all of them erase alike. */
const { sector: SECTOR } = BK72XX;
/** A program goes on behind damage if a good block follows within this: what one lost answer or one bad sector takes. */
const LONGEST_HOLE = 2 * SECTOR;
/** Where builders end the application's container. Source: docs/formats.md ("RBL, partition form"). */
const USUAL_HEADERS: readonly number[] = [0x129f0a, 0xfff9a, 0x1caf9a, 0x131f9a];

export interface CodeScan {
  /** Good blocks, those behind holes included. */
  readonly blocks: number;
  /** Where the last of them ends. */
  readonly end: number;
  /** A packager's block of FF ends it, or blank flash follows. */
  readonly endMarked: boolean;
  /** Starts of damaged stretches with more of the program behind them, or one bit away from a good block. */
  readonly holes: readonly number[];
}

/** Follows code from `start`, over damage, to its end or `limit`. Indices are flash addresses, or as far from a sector's start. */
export function scanCode(bytes: Uint8Array, start: number, limit = bytes.length): CodeScan {
  const holes: number[] = [];
  const stop = Math.min(limit, bytes.length);
  let blocks = 0;
  let at = start;
  for (;;) {
    while (at + BLOCK_SIZE <= stop && blockState(bytes, at) === "good") {
      at += BLOCK_SIZE;
      blocks++;
    }
    if (at + BLOCK_SIZE > stop) break;
    const next = goesOnAt(bytes, at, stop);
    if (next === undefined) {
      if (isOneBitOff(bytes, at)) holes.push(at);
      break;
    }
    holes.push(at);
    at = next;
  }
  const fillerFollows = at + 4 <= stop && isFilledWith(bytes, 0xff, at, at + 4);
  return { blocks, end: at, endMarked: endsWithFiller(bytes, start, at) || fillerFollows, holes };
}

function endsWithFiller(bytes: Uint8Array, start: number, end: number): boolean {
  return end > start && isFilledWith(bytes, 0xff, end - BLOCK_SIZE, end - BLOCK_SIZE + BLOCK_DATA);
}

/**
 * The next good block of the same program behind `at`; undefined where it ends. What a longer program left behind, which
 * this one was written over, begins behind flash that was erased to the end of its sector.
 */
function goesOnAt(
  bytes: Uint8Array,
  at: number,
  stop: number,
  sectorEnd = alignUp(at + 1, SECTOR),
): number | undefined {
  const erased = isFilledWith(bytes, 0xff, at, Math.min(sectorEnd, at + BLOCK_SIZE));
  const last = Math.min(stop, at + LONGEST_HOLE) - BLOCK_SIZE;
  for (let next = at + BLOCK_SIZE; next <= last; next += BLOCK_SIZE) {
    if (blockState(bytes, next) !== "good") continue;
    return erased && isFilledWith(bytes, 0xff, at, Math.min(sectorEnd, next)) ? undefined : next;
  }
  return undefined;
}

/** Chance makes one bad block in 240 look so. */
function isOneBitOff(bytes: Uint8Array, at: number): boolean {
  const block = bytes.slice(at, at + BLOCK_SIZE);
  for (let bit = 0; bit < 8 * BLOCK_SIZE; bit++) {
    const mask = 1 << (bit & 7);
    block[bit >> 3] = (block[bit >> 3] as number) ^ mask;
    if (blockState(block, 0) === "good") return true;
    block[bit >> 3] = (block[bit >> 3] as number) ^ mask;
  }
  return false;
}

export interface AppVerdict {
  /**
   * `proved`: a header's sums hold. `whole`: all blocks hold up to an end mark. `open`: they hold, and nothing tells whether the
   * last is the end. `damaged`: see the findings. `none`: no code there.
   */
  readonly verdict: "proved" | "whole" | "open" | "damaged" | "none";
  readonly scan: CodeScan;
  readonly findings: readonly Finding[];
  /**
   * Of an `open` one: bytes behind the last good block, no longer than a block, that blank flash follows. They are the last block,
   * with more than one bit of it changed, or something else: a CRC-16 tells no two such blocks apart.
   */
  readonly rest: Range | undefined;
  /** The header that fits, else the first there is. */
  readonly header: { readonly at: number; readonly fields: RblHeader } | undefined;
}

/**
 * The application of a flash.
 * @param flash from address 0
 * @param key of the application: what boot code unpacked is hashed unscrambled
 */
export function judgeApplication(flash: Uint8Array, key: ImageKey): AppVerdict {
  const headers = headersIn(flash);
  const limit = Math.min(flash.length, APP_PHYSICAL + LARGEST_PARTITION);
  const scan = scanCode(flash, APP_PHYSICAL, Math.min(limit, headers[0]?.at ?? limit));
  for (const header of headers) {
    const findings = proofBy(header, flash, key);
    if (findings !== undefined) return { verdict: "proved", scan, findings, rest: undefined, header };
  }
  const [header] = headers;
  if (scan.blocks === 0) return { verdict: "none", scan, findings: [], rest: undefined, header };
  const damage = damageIn(flash, scan, header);
  if (damage.length > 0) return { verdict: "damaged", scan, findings: damage, rest: undefined, header };
  const findings = [blocksHold(scan)];
  return scan.endMarked
    ? { verdict: "whole", scan, findings, rest: undefined, header }
    : { verdict: "open", scan, findings, rest: restBehind(flash, scan.end), header };
}

/** In the sector that was erased for the application's end nothing is left of what was there before. */
function restBehind(flash: Uint8Array, at: number): Range | undefined {
  const next = at + BLOCK_SIZE;
  if (!isFilledWith(flash, 0xff, next, Math.min(flash.length, alignUp(next + 1, SECTOR)))) return undefined;
  let end = Math.min(flash.length, next);
  while (end > at && flash[end - 1] === 0xff) end--;
  return end > at ? { start: at, end } : undefined;
}

/** Every intact application header behind 0x11000; their place depends on who packed the image. */
function headersIn(flash: Uint8Array): { readonly at: number; readonly fields: RblHeader }[] {
  const found: { readonly at: number; readonly fields: RblHeader }[] = [];
  const last = Math.min(flash.length, APP_PHYSICAL + LARGEST_PARTITION) - RBL_HEADER_FLASH_SIZE;
  for (let at = flash.indexOf(0x52, APP_PHYSICAL); at >= 0 && at <= last; at = flash.indexOf(0x52, at + 1)) {
    if (!hasRblMagic(flash, at) || !isFlashRblHeader(flash, at)) continue;
    const fields = parseRblHeader(stripCrcBlocks(flash.subarray(at, at + RBL_HEADER_FLASH_SIZE)));
    if (fields.name === "app") found.push({ at, fields });
  }
  return found;
}

/** The checks by which a header proves the application in front of it; undefined where they do not hold. */
function proofBy(
  { at, fields }: { readonly at: number; readonly fields: RblHeader },
  flash: Uint8Array,
  key: ImageKey,
): readonly Finding[] | undefined {
  const application = flash.subarray(APP_PHYSICAL, at);
  const length = flashSizeOf(Math.min(fields.rawSize, fields.dataSize));
  if (length > 0 && length <= application.length && allGood(application, flashSizeOf(fields.dataSize))) {
    const findings = verifyPartition(application, fields, APP_PHYSICAL);
    const blocks = flashSizeOf(fields.dataSize) / BLOCK_SIZE;
    if (findings.every(({ verdict }) => verdict === "ok"))
      return [{ name: words`CRC-16 blocks`, verdict: "ok", detail: words`${blocks} blocks` }, ...findings];
  }
  return proofOfPackage(application, fields, key);
}

/** Boot code that unpacks an update leaves the package's header behind: size and hash are those of the plain application. */
function proofOfPackage(application: Uint8Array, fields: RblHeader, key: ImageKey): readonly Finding[] | undefined {
  const length = flashSizeOf(fields.rawSize);
  if (key.coefficients === undefined || length === 0 || length > application.length) return undefined;
  if (!allGood(application, length)) return undefined;
  const plain = scramble(stripCrcBlocks(application.subarray(0, length)), key.coefficients, APP_LOGICAL);
  if (fnv1a(plain.subarray(0, fields.rawSize)) !== fields.hash) return undefined;
  return [
    { name: words`CRC-16 blocks`, verdict: "ok", detail: words`${length / BLOCK_SIZE} blocks` },
    { name: words`RBL FNV-1a`, verdict: "ok", detail: words`of the update it was unpacked from` },
  ];
}

function allGood(bytes: Uint8Array, length: number): boolean {
  if (length > bytes.length) return false;
  for (let at = 0; at < length; at += BLOCK_SIZE) if (blockState(bytes, at) !== "good") return false;
  return true;
}

function blocksHold({ blocks }: CodeScan): Finding {
  return { name: words`CRC-16 blocks`, verdict: "ok", detail: words`${blocks} blocks` };
}

function damageIn(
  flash: Uint8Array,
  scan: CodeScan,
  header: { readonly at: number; readonly fields: RblHeader } | undefined,
): readonly Finding[] {
  const [hole] = scan.holes;
  if (hole !== undefined) return [brokenBlock(flash, (hole - APP_PHYSICAL) / BLOCK_SIZE, hole, hole)];
  // A header that is exactly as long as the application is the application's: then its sums must hold.
  if (header !== undefined && APP_PHYSICAL + flashSizeOf(header.fields.dataSize) === scan.end)
    return verifyPartition(flash.subarray(APP_PHYSICAL, header.at), header.fields, APP_PHYSICAL).filter(
      ({ verdict }) => verdict === "bad",
    );
  // One that says that the application goes on for just the block behind, where something is, is its own too: that block is damaged.
  const lengths = header === undefined ? [] : [header.fields.dataSize, header.fields.rawSize];
  const isLast = lengths.some((length) => APP_PHYSICAL + flashSizeOf(length) === scan.end + BLOCK_SIZE);
  if (isLast && restBehind(flash, scan.end) !== undefined)
    return [brokenBlock(flash, (scan.end - APP_PHYSICAL) / BLOCK_SIZE, scan.end, scan.end)];
  // A sector that was lost can begin between two blocks; then it is the length in the header that tells of code behind it.
  const claimed = header === undefined ? 0 : APP_PHYSICAL + flashSizeOf(header.fields.dataSize);
  const goesOn = claimed > scan.end && claimed <= flash.length && blockState(flash, claimed - BLOCK_SIZE) === "good";
  if (goesOn && scan.end % SECTOR === 0)
    return [brokenBlock(flash, (scan.end - APP_PHYSICAL) / BLOCK_SIZE, scan.end, scan.end)];
  const broken = header === undefined ? brokenHeader(flash, scan.end) : undefined;
  if (broken === undefined) return [];
  return checkFlashRblHeader(flash.subarray(broken), broken).filter(({ verdict }) => verdict === "bad");
}

/** What was an RBL header before something in it changed: two of its three blocks hold, and its magic, or all but one bit of it. */
function brokenHeader(flash: Uint8Array, from: number): number | undefined {
  const badBlock = (at: number): number | undefined => {
    if (at < from || at + RBL_HEADER_FLASH_SIZE > flash.length) return undefined;
    const blocks = [at, at + BLOCK_SIZE, at + 2 * BLOCK_SIZE];
    const bad = blocks.filter((block) => blockState(flash, block) !== "good");
    return bad.length === 1 ? bad[0] : undefined;
  };
  const last = Math.min(flash.length, APP_PHYSICAL + LARGEST_PARTITION) - RBL_HEADER_FLASH_SIZE;
  for (let at = flash.indexOf(0x52, from); at >= 0 && at <= last; at = flash.indexOf(0x52, at + 1))
    if (hasRblMagic(flash, at) && badBlock(at) !== undefined) return at;
  return USUAL_HEADERS.find((at) => {
    const bad = badBlock(at);
    return bad !== undefined && isOneBitOff(flash, bad);
  });
}

/**
 * Where boot code is damaged or cut off; undefined where what is known of it is in order, or there is none. It has its area for
 * itself: nothing but FF may follow it, unless the packager has marked its end. One rule for chips, plans and dumps: what a backup
 * is told to hold is what a chip is told to start with.
 * @param limit where its area ends, which begins at 0
 */
export function damageInBootCode(flash: KnownFlash, limit: number): number | undefined {
  let filler = false;
  let follows = false;
  for (let at = 0; at + BLOCK_SIZE <= limit;) {
    const block = flash.at(at, BLOCK_SIZE);
    if (!block) {
      const next = flash.nextKnown(Math.max(at + 1, flash.knownUntil(at, limit)), limit);
      if (next === undefined) return undefined;
      at = alignUp(next, BLOCK_SIZE);
      filler = false;
      follows = false;
      continue;
    }
    const state = blockState(block, 0);
    if (state === "bad") {
      // Behind flash that was not read, a bad block may be anything: the code may have ended there. Behind FF in the code it is
      // damage only where more code follows.
      const isDamage = filler ? codeGoesOn(flash, at, limit) : follows || at === 0;
      return isDamage ? at : undefined;
    }
    if (state === "erased") return at === 0 && !isBlank(flash, limit) ? 0 : undefined;
    follows = true;
    filler = isFilledWith(block, 0xff, 0, BLOCK_DATA);
    at += BLOCK_SIZE;
  }
  return undefined;
}

/** A first sector that was lost, with more behind it. */
function isBlank(flash: KnownFlash, limit: number): boolean {
  const known = flash.at(0, flash.knownUntil(0, limit)) as Uint8Array;
  return isFilledWith(known, 0xff);
}

function codeGoesOn(flash: KnownFlash, at: number, limit: number): boolean {
  const bytes = flash.at(at, flash.knownUntil(at, limit) - at) as Uint8Array;
  return goesOnAt(bytes, 0, bytes.length, alignUp(at + 1, SECTOR) - at) !== undefined;
}

/**
 * The same of an application, behind which old data may lie.
 * @param start a sector's
 */
export function damageInKnownApplication(flash: KnownFlash, start: number, limit: number): number | undefined {
  const known = flash.knownUntil(start, limit);
  const bytes = flash.at(start, known - start);
  if (!bytes) return undefined;
  const { holes, end, endMarked } = scanCode(bytes, 0);
  const [hole] = holes;
  if (hole !== undefined) return start + hole;
  // A block that was begun, and blank flash behind it: a write ended there before its time.
  const isCut = !endMarked && end + 2 * BLOCK_SIZE <= bytes.length && blockState(bytes, end + BLOCK_SIZE) === "erased";
  return isCut ? start + end : undefined;
}

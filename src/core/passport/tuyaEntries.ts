/**
 * The values in the blocks of Tuya's storage: of each block its newest copy counts, and a value counts as sound when its own byte sum
 * holds, whatever the state of the blocks it lies in. Values that only pages without an index in use still hold are no settings.
 * Source: docs/formats.md ("Tuya settings").
 */
import { readU16, readU32, concat } from "../base/bytes";
import { PAGES, TUYA_PAGE, byteSum, pagesOf, type TuyaBlock } from "./tuyaFormat";

const NAME_LENGTH_AT = 17;
const NAME_AT = 18;
const PART_SIZE = 4;
/** No storage is longer: 64 blocks. */
const LONGEST_VALUE = 0x40000;

export interface TuyaEntry {
  readonly name: string;
  /** All of it, trailing NULs included. */
  readonly raw: Uint8Array;
  readonly sound: boolean;
  readonly block: number;
  readonly indexPage: number;
}

interface Part {
  readonly block: number;
  readonly first: number;
  readonly last: number;
}

interface IndexPage {
  readonly name: string;
  readonly sum: number;
  readonly length: number;
  /** Ways its parts can be read, the usual one first. */
  readonly readings: readonly (readonly Part[])[];
}

/** Copies of each block, the newest first; of two as new, the one whose sum holds. */
type Copies = ReadonlyMap<number, readonly TuyaBlock[]>;

function copiesOf(blocks: readonly TuyaBlock[]): Copies {
  const copies = new Map<number, TuyaBlock[]>();
  for (const block of blocks) {
    const same = copies.get(block.id);
    if (same) same.push(block);
    else copies.set(block.id, [block]);
  }
  for (const same of copies.values())
    same.sort((a, b) => b.generation - a.generation || Number(b.sound) - Number(a.sound));
  return copies;
}

/** The copies whose index pages count: the newest, and where that one is damaged, the newest that is not. */
function currentCopies(copies: readonly TuyaBlock[]): readonly TuyaBlock[] {
  const [newest] = copies;
  if (newest === undefined || newest.sound) return copies.slice(0, 1);
  const sound = copies.find((copy) => copy.sound);
  return sound === undefined ? [newest] : [newest, sound];
}

/** @param blocks all that were found, in any order, stale copies included */
export function readEntries(blocks: readonly TuyaBlock[]): readonly TuyaEntry[] {
  const copies = copiesOf(blocks);
  const entries = new Map<string, TuyaEntry>();
  const ids = [...copies.keys()].sort((a, b) => a - b);
  for (const id of ids) {
    for (const block of currentCopies(copies.get(id) ?? [])) {
      for (const page of block.indexPages) {
        const index = parseIndexPage(block, page);
        if (index === undefined || entries.get(index.name)?.sound === true) continue;
        const { raw, sound } = valueOf(index, block, copies);
        if (sound || !entries.has(index.name))
          entries.set(index.name, { name: index.name, raw, sound, block: id, indexPage: page });
      }
    }
  }
  return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function parseIndexPage({ plain, id }: TuyaBlock, page: number): IndexPage | undefined {
  const bytes = plain.subarray(page * TUYA_PAGE, (page + 1) * TUYA_PAGE);
  const length = readU32(bytes, 4);
  const nameLength = bytes[NAME_LENGTH_AT] as number;
  const partsAt = NAME_AT + nameLength;
  if (readU16(bytes, 8) !== id || bytes[10] !== page || length > LONGEST_VALUE) return undefined;
  if (nameLength < 2 || partsAt > TUYA_PAGE || bytes[partsAt - 1] !== 0) return undefined;
  const nameBytes = bytes.subarray(NAME_AT, partsAt - 1);
  if (!nameBytes.every((byte) => byte > 0x20 && byte < 0x7f)) return undefined;
  const name = String.fromCharCode(...nameBytes);
  return { name, sum: readU32(bytes, 0), length, readings: readingsOf(bytes, partsAt, length) };
}

/** Most firmware counts the parts, some their bytes, and some leave the count at zero. */
function readingsOf(bytes: Uint8Array, partsAt: number, length: number): Part[][] {
  const room = Math.floor((TUYA_PAGE - partsAt) / PART_SIZE);
  const count = readU16(bytes, 11);
  const counts = [count, ...(count % PART_SIZE === 0 ? [count / PART_SIZE] : []), room];
  return [...new Set(counts)]
    .filter((parts) => parts > 0 && parts <= room)
    .map((parts) => partsOf(bytes, partsAt, parts, length))
    .filter((parts) => parts.length > 0);
}

/** As many as hold the value; undefined ends a list without a count. */
function partsOf(bytes: Uint8Array, partsAt: number, count: number, length: number): Part[] {
  const parts: Part[] = [];
  let held = 0;
  for (let i = 0; i < count && held < length; i++) {
    const at = partsAt + PART_SIZE * i;
    const part = { block: readU16(bytes, at), first: bytes[at + 2] as number, last: bytes[at + 3] as number };
    if (part.first < 1 || part.last < part.first || part.last >= PAGES) break;
    parts.push(part);
    held += (part.last - part.first + 1) * TUYA_PAGE;
  }
  return parts;
}

/** The value by the newest copies, or by older ones where only those give its sum. */
function valueOf(
  { sum, length, readings }: IndexPage,
  own: TuyaBlock,
  copies: Copies,
): { readonly raw: Uint8Array; readonly sound: boolean } {
  if (length === 0) return { raw: new Uint8Array(0), sound: sum === 0 };
  let fallback: Uint8Array | undefined;
  for (const parts of readings) {
    for (const pick of choicesFor(parts, own, copies)) {
      const pages = parts.map((part) => {
        const block = pick(part.block);
        return block === undefined ? undefined : pagesOf(block, part.first, part.last);
      });
      if (pages.some((page) => page === undefined)) continue;
      const raw = concat(...(pages as Uint8Array[])).subarray(0, length);
      if (raw.length === length && byteSum(raw) === sum) return { raw, sound: true };
      fallback ??= raw;
    }
  }
  return { raw: fallback ?? new Uint8Array(0), sound: false };
}

type Pick = (id: number) => TuyaBlock | undefined;

/** The newest copies of all blocks, the newest sound ones, then one block after another in its older copies. */
function choicesFor(parts: readonly Part[], own: TuyaBlock, copies: Copies): Pick[] {
  const newest: Pick = (id) => (id === own.id ? own : copies.get(id)?.[0]);
  const sound: Pick = (id) => (id === own.id ? own : copies.get(id)?.find((copy) => copy.sound));
  const older = [...new Set(parts.map(({ block }) => block))].flatMap((id) =>
    (copies.get(id) ?? []).slice(0, 4).map(
      (copy): Pick =>
        (other) =>
          other === id ? copy : newest(other),
    ),
  );
  return [newest, sound, ...older];
}

/**
 * Names for addresses out of an ELF file of 32 bits, little-endian, as LibreTiny's linker makes it (`raw_firmware.elf`): the symbol
 * table alone, no toolchain. Source: System V ABI, chapters "Object Files" and "Symbol Table".
 */
import { FlasherError } from "../base/errors";
import { asText, readU16, readU32 } from "../base/bytes";
import { words, type Words } from "../base/words";

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  /** Where it lies when the program runs. */
  readonly address: number;
  /** Bytes; `data` is shorter where the file holds none. */
  readonly size: number;
  readonly link: number;
  readonly data: Uint8Array;
}

export interface ElfFile {
  readonly sections: readonly ElfSection[];
  /** Functions, lowest address first; addresses with bit 0 (Thumb) taken off. */
  readonly functions: readonly ElfSymbol[];
  /** The whole file, to look for its banner in. */
  readonly bytes: Uint8Array;
}

export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  /** First address behind it; where the table gives it no size, the next symbol or the end of its section. */
  readonly end: number;
}

const ARM = 40;
const NOBITS = 8;
const SYMTAB = 2;
const EXECUTABLE = 4;
const NO_TYPE = 0;
const FUNCTION = 2;
const SYMBOL_BYTES = 16;
/** Symbols before the nearest one that are looked at too. */
const LOOK_BACK = 8;
/** Longer names are cut: a damaged table may have none that ends. Bytes. */
const LONGEST_NAME = 4_096;

/**
 * @throws FlasherError `elf-unusable` when it is no such file, is cut off, or its symbols were stripped
 */
export function readElf(bytes: Uint8Array): ElfFile {
  try {
    return parse(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw unusable(words`it is cut off`);
    throw error;
  }
}

function unusable(detail: Words): FlasherError {
  return new FlasherError("elf-unusable", words`read the ELF file`, { detail });
}

function parse(bytes: Uint8Array): ElfFile {
  if (bytes.length < 52 || readU32(bytes, 0) !== 0x464c457f) throw unusable(words`it is no ELF file`);
  // Class 1: 32 bits; data 1: little-endian.
  if (bytes[4] !== 1 || bytes[5] !== 1 || readU16(bytes, 18) !== ARM)
    throw unusable(words`it is for another processor`);
  const table = readU32(bytes, 32);
  const entrySize = readU16(bytes, 46);
  const count = readU16(bytes, 48);
  const names = readU16(bytes, 50);
  const header = (index: number, field: number): number => readU32(bytes, table + index * entrySize + field);
  const dataOf = (index: number): Uint8Array => {
    if (header(index, 4) === NOBITS) return new Uint8Array(0);
    const from = header(index, 16);
    const length = header(index, 20);
    if (from + length > bytes.length) throw unusable(words`it is cut off`);
    return bytes.subarray(from, from + length);
  };
  const strings = count === 0 ? new Uint8Array(0) : dataOf(names);
  const sections = Array.from({ length: count }, (_, index) => ({
    name: textAt(strings, header(index, 0)),
    type: header(index, 4),
    flags: header(index, 8),
    address: header(index, 12),
    size: header(index, 20),
    link: header(index, 24),
    data: dataOf(index),
  }));
  const symbols = sections.find(({ type }) => type === SYMTAB);
  if (symbols === undefined) throw unusable(words`its symbols were stripped`);
  return { sections, functions: functionsOf(symbols, sections), bytes };
}

/** Functions, and labels of assembler code, which bear no type; not the marks of the tables (`$a`, `$t`, `$d`). */
function functionsOf(table: ElfSection, sections: readonly ElfSection[]): ElfSymbol[] {
  const strings = sections[table.link]?.data ?? new Uint8Array(0);
  const found: (ElfSymbol & { readonly sectionEnd: number })[] = [];
  for (let at = 0; at + SYMBOL_BYTES <= table.data.length; at += SYMBOL_BYTES) {
    const type = (table.data[at + 12] ?? 0) & 0xf;
    const section = sections[readU16(table.data, at + 14)];
    if (section === undefined || (section.flags & EXECUTABLE) === 0 || (type !== FUNCTION && type !== NO_TYPE))
      continue;
    const value = readU32(table.data, at + 4);
    const address = value - (value % 2);
    const name = textAt(strings, readU32(table.data, at));
    if (name === "" || name.startsWith("$") || address >= section.address + section.size) continue;
    const size = readU32(table.data, at + 8);
    found.push({ name, address, end: size > 0 ? address + size : 0, sectionEnd: section.address + section.size });
  }
  found.sort((a, b) => a.address - b.address);
  return withEnds(found).sort((a, b) => a.address - b.address || b.end - a.end);
}

/** A label of assembler code reaches to the next symbol: behind that it names nothing. */
function withEnds(found: readonly (ElfSymbol & { readonly sectionEnd: number })[]): ElfSymbol[] {
  let next = Infinity;
  let later = Infinity;
  return found.map((_, i) => {
    const { name, address, end, sectionEnd } = found[found.length - 1 - i] as (typeof found)[number];
    if (address < later) [next, later] = [later, address];
    return { name, address, end: end > 0 ? end : Math.min(next, sectionEnd) };
  });
}

/** NUL-terminated. */
function textAt(strings: Uint8Array, at: number): string {
  const most = strings.subarray(at, at + LONGEST_NAME);
  const end = most.indexOf(0);
  return asText(end < 0 ? most : most.subarray(0, end));
}

/** True where the build has code: anywhere else no line of a source was compiled to. */
export function hasCodeAt({ sections }: ElfFile, address: number): boolean {
  return sections.some(
    (section) =>
      (section.flags & EXECUTABLE) !== 0 && address >= section.address && address - section.address < section.size,
  );
}

/** `name` or `name+0x4`; undefined where no function is. */
export function symbolAt({ functions }: ElfFile, address: number): string | undefined {
  const at = address - (address % 2);
  let low = 0;
  let high = functions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((functions[middle]?.address ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  // An outer function may reach further than the nearest one.
  for (let i = low - 1; i >= 0 && i >= low - LOOK_BACK; i--) {
    const symbol = functions[i];
    if (symbol !== undefined && at < symbol.end)
      return at === symbol.address ? symbol.name : `${symbol.name}+0x${(at - symbol.address).toString(16)}`;
  }
  return undefined;
}

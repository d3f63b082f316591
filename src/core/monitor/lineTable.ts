/**
 * Source lines for addresses: the `.debug_line` section, DWARF versions 2 to 5 with 32-bit lengths, as GCC and GNU as write it.
 * Source of the format: DWARF Debugging Information Format, version 5, section 6.2 (and its predecessors for versions 2 to 4).
 */
import { asText, readU16, readU32 } from "../base/bytes";
import { hasCodeAt, type ElfFile } from "./elfFile";

export interface SourceLine {
  /** As the compiler was given it; absolute where the table knows the folder. */
  readonly file: string;
  readonly line: number;
}

/** Registers of the state machine that rows are made from. */
interface Row {
  readonly address: number;
  readonly file: number;
  readonly line: number;
}

interface Header {
  readonly version: number;
  readonly minInstruction: number;
  readonly defaultIsStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly opcodeLengths: readonly number[];
  readonly files: readonly string[];
  readonly programStart: number;
}

/** Content types and forms of version 5 that name files. */
const PATH = 1;
const DIRECTORY = 2;
/** Flag of a section whose data would have to be unpacked; LibreTiny's builds have none. */
const COMPRESSED = 0x800;

class Reader {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly end: number,
  ) {}

  u8(): number {
    if (this.at >= this.end) throw new RangeError("past the end");
    return this.bytes[this.at++] ?? 0;
  }
  i8(): number {
    return (this.u8() << 24) >> 24;
  }
  u16(): number {
    this.at += 2;
    return readU16(this.bytes, this.at - 2);
  }
  u32(): number {
    this.at += 4;
    return readU32(this.bytes, this.at - 4);
  }
  uleb(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return value;
    }
  }
  sleb(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return (byte & 0x40) !== 0 ? value - 2 ** (shift + 7) : value;
    }
  }
  text(): string {
    const length = this.bytes.subarray(this.at, this.end).indexOf(0);
    const end = this.at + length;
    if (length < 0) throw new RangeError("past the end");
    const text = asText(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }
}

/** The source line of an address; undefined where the file has none, or its tables are damaged there. */
export function lineAt(elf: ElfFile, address: number): SourceLine | undefined {
  if (!hasCodeAt(elf, address)) return undefined;
  const section = (name: string): Uint8Array =>
    elf.sections.find(({ name: its, flags }) => its === name && (flags & COMPRESSED) === 0)?.data ?? new Uint8Array(0);
  const table = section(".debug_line");
  const strings = { line: section(".debug_line_str"), all: section(".debug_str") };
  const wanted = address - (address % 2);
  let found: SourceLine | undefined;
  for (let at = 0; at + 6 < table.length;) {
    const length = readU32(table, at);
    const end = at + 4 + length;
    // 64-bit lengths begin with FFFFFFFF; no tool for this processor writes them.
    if (length >= 0xfffffff0 || end > table.length) return found;
    found = inUnit(new Reader(table, at + 4, end), strings, wanted, (from) => hasCodeAt(elf, from)) ?? found;
    if (found !== undefined) return found;
    at = end;
  }
  return found;
}

type Strings = Readonly<Record<"line" | "all", Uint8Array>>;

function inUnit(
  reader: Reader,
  strings: Strings,
  wanted: number,
  isCode: (address: number) => boolean,
): SourceLine | undefined {
  try {
    const header = readHeader(reader, strings);
    if (header === undefined) return undefined;
    reader.at = header.programStart;
    const row = findRow(reader, header, wanted, isCode);
    const file = row && header.files[row.file];
    return row !== undefined && file !== undefined ? { file, line: row.line } : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readHeader(reader: Reader, strings: Strings): Header | undefined {
  const version = reader.u16();
  if (version < 2 || version > 5) return undefined;
  // Sizes of addresses and segments: four and none on this processor.
  if (version === 5) reader.at += 2;
  const headerLength = reader.u32();
  const programStart = reader.at + headerLength;
  const minInstruction = reader.u8();
  if (version >= 4) reader.u8();
  const defaultIsStatement = reader.u8() !== 0;
  const lineBase = reader.i8();
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  if (lineRange === 0) return undefined;
  const opcodeLengths = Array.from({ length: Math.max(0, opcodeBase - 1) }, () => reader.u8());
  const files = version === 5 ? filesOfVersion5(reader, strings) : filesBefore5(reader);
  return {
    version,
    minInstruction,
    defaultIsStatement,
    lineBase,
    lineRange,
    opcodeBase,
    opcodeLengths,
    files,
    programStart,
  };
}

/** Versions 2 to 4: NUL-ended lists; files are counted from 1, folder 0 is the compiler's own. */
function filesBefore5(reader: Reader): string[] {
  const folders = [""];
  for (let name = reader.text(); name !== ""; name = reader.text()) folders.push(name);
  const files = [""];
  for (let name = reader.text(); name !== ""; name = reader.text()) {
    files.push(joined(folders[reader.uleb()] ?? "", name));
    reader.uleb();
    reader.uleb();
  }
  return files;
}

function filesOfVersion5(reader: Reader, strings: Strings): string[] {
  const folders = entries(reader, strings).map(({ path }) => path);
  const first = folders[0] ?? "";
  return entries(reader, strings).map(({ path, folder }) =>
    joined(folder === 0 ? first : joined(first, folders[folder] ?? ""), path),
  );
}

function entries(reader: Reader, strings: Strings): { path: string; folder: number }[] {
  const format = Array.from({ length: reader.u8() }, () => [reader.uleb(), reader.uleb()] as const);
  return Array.from({ length: boundedCount(reader, format.length) }, () => {
    let path = "";
    let folder = 0;
    for (const [content, form] of format) {
      const value = formValue(reader, strings, form);
      if (content === PATH) path = String(value);
      else if (content === DIRECTORY) folder = Number(value);
    }
    return { path, folder };
  });
}

/** Every entry takes a byte at least, unless it says nothing. */
function boundedCount(reader: Reader, fields: number): number {
  const count = reader.uleb();
  if (fields === 0) return 0;
  if (count > reader.end - reader.at) throw new RangeError("past the end");
  return count;
}

function formValue(reader: Reader, strings: Strings, form: number): string | number {
  const stringAt = (from: Uint8Array, at: number): string => new Reader(from, at, from.length).text();
  switch (form) {
    case 0x08: // string
      return reader.text();
    case 0x0e: // strp
      return stringAt(strings.all, reader.u32());
    case 0x1f: // line_strp
      return stringAt(strings.line, reader.u32());
    case 0x0b: // data1
      return reader.u8();
    case 0x05: // data2
      return reader.u16();
    case 0x06: // data4
      return reader.u32();
    case 0x0f: // udata
      return reader.uleb();
    case 0x1e: // data16: an MD5 of the file
      reader.at += 16;
      return 0;
    case 0x09: // block
      reader.at += reader.uleb();
      return 0;
    default:
      throw new RangeError("a form that names no file");
  }
}

function joined(folder: string, name: string): string {
  const isAbsolute = /^(?:[/\\]|[a-z]:[/\\])/i.test(name);
  return folder === "" || isAbsolute ? name : `${folder.replace(/[/\\]$/, "")}/${name}`;
}

/** Runs the line program up to the row whose stretch holds the address. */
function findRow(
  reader: Reader,
  header: Header,
  wanted: number,
  isCode: (address: number) => boolean,
): Row | undefined {
  const { lineBase, lineRange, opcodeBase, minInstruction } = header;
  let address = 0;
  let file = 1;
  let line = 1;
  let before: Row | undefined;
  // The linker leaves out functions that nobody calls, not their lines: those begin at 0 and may reach anywhere.
  let isLeftOut = false;
  const emit = (ends: boolean): Row | undefined => {
    if (before === undefined) isLeftOut = !isCode(address);
    const hit = before !== undefined && !isLeftOut && before.address <= wanted && wanted < address ? before : undefined;
    before = ends ? undefined : { address, file, line };
    return hit;
  };
  while (reader.at < reader.end) {
    const opcode = reader.u8();
    let hit: Row | undefined;
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      address += Math.floor(adjusted / lineRange) * minInstruction;
      line += lineBase + (adjusted % lineRange);
      hit = emit(false);
    } else if (opcode === 0) {
      const length = reader.uleb();
      const next = reader.at + length;
      const extended = reader.u8();
      if (extended === 1) {
        hit = emit(true);
        address = 0;
        file = 1;
        line = 1;
      } else if (extended === 2) address = reader.u32();
      reader.at = next;
    } else if (opcode === 1) hit = emit(false);
    else if (opcode === 2) address += reader.uleb() * minInstruction;
    else if (opcode === 3) line += reader.sleb();
    else if (opcode === 4) file = reader.uleb();
    else if (opcode === 8) address += Math.floor((255 - opcodeBase) / lineRange) * minInstruction;
    else if (opcode === 9) address += reader.u16();
    else for (let i = header.opcodeLengths[opcode - 1] ?? 0; i > 0; i--) reader.uleb();
    if (hit !== undefined) return hit;
  }
  return undefined;
}

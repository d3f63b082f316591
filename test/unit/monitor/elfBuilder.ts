/** A small ELF file for ARM with symbols and a DWARF 4 line table, of our own making. */
import { concat, u16, u32 } from "../../../src/core/base/bytes";
import { bytesOf } from "./logs";

export interface ElfPlan {
  readonly functions: readonly { readonly name: string; readonly address: number; readonly size: number }[];
  readonly labels: readonly { readonly name: string; readonly address: number }[];
  readonly rows: readonly { readonly address: number; readonly line: number }[];
  readonly lineEnd: number;
  readonly folder: string;
  readonly file: string;
  /** What the code holds as text, such as a banner's build time. */
  readonly text: string;
}

const HEADER = 52;
const ENTRY = 40;
/** Thumb functions bear bit 0. */
const THUMB = 1;

export function buildElf(plan: ElfPlan): Uint8Array {
  const names = strings(["", ".vectors", ".text", ".rodata", ".debug_line", ".symtab", ".strtab", ".shstrtab"]);
  const symbolNames = strings(["", ...plan.functions.map(({ name }) => name), ...plan.labels.map(({ name }) => name)]);
  const symbols = concat(
    new Uint8Array(16),
    ...plan.labels.map(({ name, address }) => symbol(symbolNames.at(name), address, 0, 0, address < 0x10020 ? 1 : 2)),
    ...plan.functions.map(({ name, address, size }) => symbol(symbolNames.at(name), address + THUMB, size, 2, 2)),
  );
  const sections = [
    { name: "", type: 0, flags: 0, address: 0, data: new Uint8Array(0), link: 0 },
    { name: ".vectors", type: 1, flags: 6, address: 0x10000, data: new Uint8Array(4), link: 0 },
    { name: ".text", type: 1, flags: 6, address: 0x10020, data: new Uint8Array(0x20), link: 0 },
    { name: ".rodata", type: 1, flags: 2, address: 0x11000, data: bytesOf(plan.text), link: 0 },
    { name: ".debug_line", type: 1, flags: 0, address: 0, data: lineTable(plan), link: 0 },
    { name: ".symtab", type: 2, flags: 0, address: 0, data: symbols, link: 6 },
    { name: ".strtab", type: 3, flags: 0, address: 0, data: symbolNames.bytes, link: 0 },
    { name: ".shstrtab", type: 3, flags: 0, address: 0, data: names.bytes, link: 0 },
  ];
  let at = HEADER;
  const headers = sections.map(({ name, type, flags, address, data, link }) => {
    const header = concat(...[names.at(name), type, flags, address, at, data.length, link, 0, 1, 0].map(u32));
    at += data.length;
    return header;
  });
  const ident = concat(u32(0x464c457f), [1, 1, 1], new Uint8Array(9));
  const header = concat(
    ident,
    u16(2),
    u16(40),
    u32(1),
    u32(0x10000),
    u32(0),
    u32(at),
    u32(0),
    u16(HEADER),
    u16(0),
    u16(0),
    u16(ENTRY),
    u16(sections.length),
    u16(sections.length - 1),
  );
  return concat(header, ...sections.map(({ data }) => data), ...headers);
}

function symbol(name: number, value: number, size: number, type: number, section: number): Uint8Array {
  return concat(u32(name), u32(value), u32(size), [0x10 | type, 0], u16(section));
}

function strings(texts: readonly string[]): { readonly bytes: Uint8Array; at(text: string): number } {
  const places = new Map<string, number>();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const text of texts) {
    places.set(text, length);
    const part = bytesOf(`${text}\0`);
    parts.push(part);
    length += part.length;
  }
  return { bytes: concat(...parts), at: (text) => places.get(text) ?? 0 };
}

/** Every row by `advance_pc`, `advance_line` and `copy`. */
function lineTable({ rows, lineEnd, folder, file }: ElfPlan): Uint8Array {
  const program: Uint8Array[] = [concat([0, 5, 2], u32(rows[0]?.address ?? 0))];
  let address = rows[0]?.address ?? 0;
  let line = 1;
  for (const row of rows) {
    program.push(concat([2], uleb((row.address - address) / 2), [3], sleb(row.line - line), [1]));
    ({ address, line } = row);
  }
  program.push(concat([2], uleb((lineEnd - address) / 2), [0, 1, 1]));
  const lengths = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
  const names = concat(bytesOf(`${folder}\0`), [0], bytesOf(`${file}\0`), [1, 0, 0], [0]);
  const body = concat([2, 1, 1, 0xfb, 14, 13], lengths, names);
  const unit = concat(u16(4), u32(body.length), body, ...program);
  return concat(u32(unit.length), unit);
}

function uleb(value: number): number[] {
  const out: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest < 0x80) return [...out, rest];
    out.push((rest & 0x7f) | 0x80);
  }
}

function sleb(value: number): number[] {
  const out: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    const last = rest >= -64 && rest < 64;
    out.push((rest & 0x7f) | (last ? 0 : 0x80));
    if (last) return out;
  }
}

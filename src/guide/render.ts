/**
 * The parts of docs/guide.md that follow from the code: error codes, status bytes, CRCs, notes, warnings. The rest of the guide
 * is written by hand around them. Pure: text in, text out.
 */
import { hex32 } from "../core/base/bytes";
import { CRC_STEPS, crcOfFill } from "../core/base/crcMeaning";
import { FLASHER_ERROR_CODES, type FlasherErrorCode } from "../core/base/errors";
import { REMEDIES } from "../core/base/remedies";
import { FAULT_REPORTS, STATUS_BYTES } from "../core/base/statusBytes";
import { english, type Text } from "../core/base/words";
import { BOOTLOADERS, FINGERPRINT_LENGTH } from "../core/chips/bootloaders";
import { NOTE_WORDS } from "../core/flash/noteWords";
import { EXPLANATIONS } from "./explanations";
import { IMAGE_WARNINGS, NOTE_EXPLANATIONS, RESTORE_WARNINGS } from "./notes";

/** Made parts by name; in the guide between `<!-- made: NAME -->` and `<!-- end of NAME -->`. */
const PARTS: Readonly<Record<string, () => readonly string[]>> = {
  "status bytes": statusBytes,
  "special CRCs": specialCrcs,
  "boot code": bootCode,
  notes: () => table(["Note", "What it means"], rowsOf(NOTE_EXPLANATIONS, NOTE_WORDS)),
  "file warnings": () => table(["Warning", "What it means"], rowsOf(IMAGE_WARNINGS)),
  "restore warnings": () => table(["Warning", "What it means"], rowsOf(RESTORE_WARNINGS)),
  "list of codes": () => [FLASHER_ERROR_CODES.map((code) => `[${code}](#${code})`).join(" · ")],
  "error codes": () => FLASHER_ERROR_CODES.flatMap(section),
};

export const PART_NAMES: readonly string[] = Object.keys(PARTS);

/**
 * The guide with its made parts made anew.
 * @throws Error when a part has no place in it
 */
export function renderGuide(guide: string): string {
  return Object.entries(PARTS).reduce((text, [name, make]) => {
    const [open, close] = [`<!-- made: ${name} -->`, `<!-- end of ${name} -->`];
    const [start, end] = [text.indexOf(open), text.indexOf(close)];
    if (start < 0 || end < start) throw new Error(`the guide has no place for "${name}"`);
    return [text.slice(0, start + open.length), "", ...make(), "", text.slice(end)].join("\n");
  }, guide);
}

function section(code: FlasherErrorCode): readonly string[] {
  const { title, steps } = REMEDIES[code];
  const { seen, means } = EXPLANATIONS[code];
  return [
    `### ${code}`,
    "",
    `**${escaped(title)}**`,
    "",
    `- *Seen:* ${escaped(seen)}`,
    `- *Means:* ${escaped(means)}`,
    "",
    ...numbered(steps),
    "",
  ];
}

function statusBytes(): readonly string[] {
  const faults: readonly number[] = FAULT_REPORTS;
  const rows = Object.entries(STATUS_BYTES).map(([value, { words, means, steps }]) => [
    faults.includes(Number(value)) ? `report ${Number(value).toString(16).toUpperCase()}` : value,
    escaped(english(words)),
    escaped(means),
    steps.length === 0 ? "Nothing." : escaped(steps.join(" ")),
  ]);
  return table(["Value", "Seen", "Means", "Do"], rows);
}

const LENGTHS: readonly (readonly [number, string])[] = [
  [0x100, "256 bytes, the start of flash"],
  [FINGERPRINT_LENGTH, "257 bytes, the fingerprint of chips with a ROM loader"],
  [0x1000, "a sector, 4 KiB"],
  [0x10000, "a block, 64 KiB"],
  [0x200000, "a whole flash of 2 MiB"],
];

/** As people see them: in the usual form, which is the wire's inverted. */
function specialCrcs(): readonly string[] {
  const both = (crc: number): string => `\`${hex32(crc)}\` (\`${hex32(~crc >>> 0)}\`)`;
  return [
    ...table(
      ["Of", "Nothing but FF: blank", "Nothing but 00"],
      LENGTHS.map(([length, words]) => [words, both(crcOfFill(0xff, length)), both(crcOfFill(0x00, length))]),
    ),
    "",
    ...table(
      ["The chip's CRC is", "Means, and what to do"],
      [
        [both(0), `Nothing was hashed: loaders hash whole pages of 256 bytes only. ${CRC_STEPS.nothing}`],
        ["that of blank flash", CRC_STEPS.blank],
        ["that of zeros", CRC_STEPS.zeros],
      ],
    ),
  ];
}

function bootCode(): readonly string[] {
  const rows = BOOTLOADERS.map(({ crc256, crc257, name, version, chips, note }) => [
    [crc256, crc257].map((crc) => (crc === undefined ? "" : `\`${hex32(crc)}\``)).join(" | "),
    [name, version].filter((part) => part !== undefined).join(" ") + (note === undefined ? "" : `; ${english(note)}`),
    chips.map((id) => id.toUpperCase()).join(", "),
  ]);
  return [
    "| CRC-32 of the first 256 bytes | of the first " + String(FINGERPRINT_LENGTH) + " | Boot code | On |",
    "|---|---|---|---|",
    ...rows.map((cells) => `| ${cells.join(" | ")} |`),
  ];
}

function rowsOf(
  meanings: Readonly<Record<string, string>>,
  sentences: Readonly<Record<string, Text>> = {},
): readonly (readonly string[])[] {
  return Object.entries(meanings).map(([code, means]) => {
    const sentence = sentences[code];
    return [sentence === undefined ? `\`${code}\`` : escaped(english(sentence)), escaped(means)];
  });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)];
}

function numbered(steps: readonly string[]): readonly string[] {
  return steps.map((step, i) => `${i + 1}. ${escaped(step)}`);
}

/** Markdown would take `<chip>` for a tag. */
function escaped(text: string): string {
  return text.replace(/</g, "\\<");
}

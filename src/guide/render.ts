/**
 * The parts of the guides in docs/ that follow from the code: error codes, status bytes, CRCs, notes, warnings. The rest of a
 * guide is written by hand around them. Pure: text in, text out; knows no language by itself.
 */
import { hex32 } from "../core/base/bytes";
import { CRC_STEPS, crcOfFill } from "../core/base/crcMeaning";
import { FLASHER_ERROR_CODES, type FlasherErrorCode } from "../core/base/errors";
import { REMEDIES } from "../core/base/remedies";
import { FAULT_REPORTS, STATUS_BYTES } from "../core/base/statusBytes";
import type { Text } from "../core/base/words";
import { BOOTLOADERS, FINGERPRINT_LENGTH } from "../core/beken/chips/bootloaders";
import { NOTE_WORDS } from "../core/driver/noteWords";
import type { GuideLanguage } from "../languages/language";
import { LANGUAGES } from "../languages/list";

/** One for each language. */
export const GUIDES: readonly GuideLanguage[] = LANGUAGES.map(({ guide }) => guide);

/** Made parts by name; in every guide between `<!-- made: NAME -->` and `<!-- end of NAME -->`. */
const PARTS: Readonly<Record<string, (language: GuideLanguage) => readonly string[]>> = {
  "status bytes": statusBytes,
  "special CRCs": specialCrcs,
  "boot code": bootCode,
  notes: (language) => table(language.labels.noteHead, rowsOf(language.notes, language, NOTE_WORDS)),
  "file warnings": (language) => table(language.labels.warningHead, rowsOf(language.imageWarnings, language)),
  "restore warnings": (language) => table(language.labels.warningHead, rowsOf(language.restoreWarnings, language)),
  "list of codes": () => [FLASHER_ERROR_CODES.map((code) => `[${code}](#${code})`).join(" · ")],
  "error codes": (language) => FLASHER_ERROR_CODES.flatMap((code) => section(code, language)),
};

export const PART_NAMES: readonly string[] = Object.keys(PARTS);

/**
 * The guide, which is in `language`, with its made parts made anew.
 * @throws Error when a part has no place in it, or a text no translation
 */
export function renderGuide(guide: string, language: GuideLanguage): string {
  return Object.entries(PARTS).reduce((text, [name, make]) => {
    const [open, close] = [`<!-- made: ${name} -->`, `<!-- end of ${name} -->`];
    const [start, end] = [text.indexOf(open), text.indexOf(close)];
    if (start < 0 || end < start) throw new Error(`${language.path} has no place for "${name}"`);
    return [text.slice(0, start + open.length), "", ...make(language), "", text.slice(end)].join("\n");
  }, guide);
}

function section(code: FlasherErrorCode, { advise, explanations, labels }: GuideLanguage): readonly string[] {
  const { title, steps } = REMEDIES[code];
  const { seen, means } = explanations[code];
  const line = (label: string, text: string): string => `- ${label}${labels.betweenSentences}${escaped(text)}`;
  return [
    `### ${code}`,
    "",
    `**${escaped(advise(title))}**`,
    "",
    line(labels.seen, seen),
    line(labels.means, means),
    "",
    ...numbered(steps.map(advise)),
    "",
  ];
}

function statusBytes({ say, advise, statusMeanings, labels }: GuideLanguage): readonly string[] {
  const faults: readonly number[] = FAULT_REPORTS;
  const rows = Object.entries(STATUS_BYTES).map(([value, { words, steps }]) => {
    const means = statusMeanings[Number(value)];
    if (means === undefined) throw new Error(`status byte ${value} has no meaning in the table`);
    return [
      faults.includes(Number(value)) ? `${labels.report} ${Number(value).toString(16).toUpperCase()}` : value,
      escaped(say(words)),
      escaped(means),
      steps.length === 0 ? labels.nothingToDo : escaped(steps.map(advise).join(labels.betweenSentences)),
    ];
  });
  return table(labels.statusHead, rows);
}

/** In bytes; in the order of their labels. */
const LENGTHS = [0x100, FINGERPRINT_LENGTH, 0x1000, 0x10000, 0x200000] as const;

/** As people see them: in the usual form, which is the wire's inverted. */
function specialCrcs({ advise, labels }: GuideLanguage): readonly string[] {
  const both = (crc: number): string => `\`${hex32(crc)}\` (\`${hex32(~crc >>> 0)}\`)`;
  return [
    ...table(
      labels.fillHead,
      LENGTHS.map((length, i) => [
        labels.lengths[i] ?? "",
        both(crcOfFill(0xff, length)),
        both(crcOfFill(0x00, length)),
      ]),
    ),
    "",
    ...table(labels.crcHead, [
      [both(0), [labels.nothingHashed, advise(CRC_STEPS.nothing)].join(labels.betweenSentences)],
      [labels.ofBlank, advise(CRC_STEPS.blank)],
      [labels.ofZeros, advise(CRC_STEPS.zeros)],
    ]),
  ];
}

function bootCode({ say, labels }: GuideLanguage): readonly string[] {
  const rows = BOOTLOADERS.map(({ crc256, crc257, name, version, chips, note }) => [
    ...[crc256, crc257].map((crc) => (crc === undefined ? "" : `\`${hex32(crc)}\``)),
    [say(name), version].filter((part) => part !== undefined).join(" ") +
      (note === undefined ? "" : labels.beforeRemark + say(note)),
    chips.map((id) => id.toUpperCase()).join(", "),
  ]);
  return table(labels.bootCodeHead, rows);
}

function rowsOf(
  meanings: Readonly<Record<string, string>>,
  { say }: GuideLanguage,
  sentences: Readonly<Record<string, Text>> = {},
): readonly (readonly string[])[] {
  return Object.entries(meanings).map(([code, means]) => {
    const sentence = sentences[code];
    return [sentence === undefined ? `\`${code}\`` : escaped(say(sentence)), escaped(means)];
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

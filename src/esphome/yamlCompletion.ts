/** What can be written at a place of a Beken configuration. Goes by lines and indents: while it is typed, it is no YAML yet. */
import { words, type Text } from "../core/index";
import { FAMILIES } from "./boardPins";
import { boardLine, boardTexts, boardsFor } from "./boardTexts";
import type { KnownChip } from "./knownChip";
import { KEY_TEXTS, type KeyBlock } from "./optionTexts";
import type { Place } from "./yamlFile";

export interface YamlCompletion extends Place {
  readonly label: string;
  readonly insert: string;
  readonly detail: Text | undefined;
  readonly texts: readonly Text[];
  /** The one for the chip at hand. */
  readonly isBest: boolean;
}

export function completionsAt(text: string, offset: number, chip: KnownChip | undefined): readonly YamlCompletion[] {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const line = text.slice(lineStart, offset);
  if (/(?:^|\s)#/.test(line)) return [];
  const value = /^\s*([\w.-]+):\s+(["']?[\w.-]*)$/.exec(line);
  const place = (typed: string): Place => ({ start: offset - typed.length, end: offset });
  if (value) {
    const [, key = "", typed = ""] = value;
    return valuesFor([...pathAbove(text, lineStart, indentOf(line)), key].join("/"), chip, place(typed));
  }
  const key = /^(\s+)([\w.-]*)$/.exec(line);
  if (!key) return [];
  const [, indent = "", typed = ""] = key;
  const block = BLOCKS[pathAbove(text, lineStart, indent.length).join("/")];
  return block ? keysFor(block, text, lineStart, indent.length, place(typed)) : [];
}

const BLOCKS: Readonly<Record<string, KeyBlock>> = {
  bk72xx: "bk72xx",
  "bk72xx/framework": "framework",
  "esphome/platformio_options": "options",
};

const indentOf = (line: string): number => /^\s*/.exec(line)?.[0].length ?? 0;

/** The keys that a line with this indent is below. */
function pathAbove(text: string, lineStart: number, indent: number): readonly string[] {
  const path: string[] = [];
  let limit = indent;
  for (const line of text.slice(0, lineStart).split("\n").reverse()) {
    const key = /^(\s*)["']?([\w.-]+)["']?\s*:/.exec(line);
    if (!key || (key[1] ?? "").length >= limit) continue;
    limit = (key[1] ?? "").length;
    path.unshift(key[2] ?? "");
    if (limit === 0) break;
  }
  return path;
}

function valuesFor(path: string, chip: KnownChip | undefined, place: Place): readonly YamlCompletion[] {
  const plain = (label: string, detail?: Text): YamlCompletion => ({
    ...place,
    label,
    insert: label,
    detail,
    texts: [],
    isBest: false,
  });
  const known: Readonly<Record<string, () => readonly YamlCompletion[]>> = {
    "bk72xx/board": () =>
      boardsFor(chip).map(({ board, fits }, index) => ({
        ...place,
        label: board.board,
        insert: board.board,
        detail: boardLine(board),
        texts: boardTexts(board, chip),
        isBest: fits && index === 0,
      })),
    "bk72xx/family": () => [...new Set(Object.values(FAMILIES))].map((family) => plain(family)),
    "bk72xx/framework/version": () => ["recommended", "latest", "dev"].map((version) => plain(version)),
    "esphome/platformio_options/board_build.bkcrypt_coeffs": () => [
      plain(`"${"0".repeat(32)}"`, words`a chip without key`),
      plain("510fb093a3cbeadc5993a17ec7adeb03", words`Tuya's key`),
    ],
  };
  return known[path]?.() ?? [];
}

/** Those that are not there yet. */
function keysFor(
  block: KeyBlock,
  text: string,
  lineStart: number,
  indent: number,
  place: Place,
): readonly YamlCompletion[] {
  const there = new Set(neighbours(text, lineStart, indent));
  return KEY_TEXTS[block]
    .filter(({ key }) => !key.endsWith(".") && !there.has(key))
    .map(({ key, words: said, usual }) => ({
      ...place,
      label: key,
      insert: usual === undefined ? `${key}: ` : `${key}: ${usual}`,
      detail: usual,
      texts: [said],
      isBest: false,
    }));
}

/** Keys of the same block, above and below. */
function neighbours(text: string, lineStart: number, indent: number): readonly string[] {
  const keysUntilEnd = (lines: readonly string[]): string[] => {
    const found: string[] = [];
    for (const line of lines) {
      if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
      if (indentOf(line) < indent) break;
      const key = indentOf(line) === indent ? /^\s*["']?([\w.-]+)["']?\s*:/.exec(line)?.[1] : undefined;
      if (key !== undefined) found.push(key);
    }
    return found;
  };
  const [, ...below] = text.slice(lineStart).split("\n");
  return [...keysUntilEnd(text.slice(0, lineStart).split("\n").reverse()), ...keysUntilEnd(below)];
}

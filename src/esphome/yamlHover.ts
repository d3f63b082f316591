/** What is said of the board, the keys and the values of a Beken configuration when the pointer is on them. */
import { findBoard, words, type Text } from "../core/index";
import { boardTexts } from "./boardTexts";
import { maybeConfiguration, type CheckOptions } from "./checkYaml";
import { keyText, type KeyBlock } from "./optionTexts";
import type { Place, YamlScalar } from "./yamlFile";
import { NO_SOURCES } from "./yamlSources";
import { YamlTree } from "./yamlTree";

export interface YamlHover extends Place {
  readonly title: string;
  readonly texts: readonly Text[];
}

const BLOCKS: readonly (readonly [block: KeyBlock, path: readonly string[]])[] = [
  ["bk72xx", ["bk72xx"]],
  ["framework", ["bk72xx", "framework"]],
  ["options", ["esphome", "platformio_options"]],
];

/** @param offset of the character that is pointed at */
export function hoverAt(
  text: string,
  offset: number,
  { sources = NO_SOURCES, chip }: CheckOptions = {},
): YamlHover | undefined {
  if (!maybeConfiguration(text)) return undefined;
  const tree = new YamlTree(text, sources);
  const [root] = tree.roots;
  for (const [block, path] of BLOCKS) {
    let at = root;
    for (const key of path) at = tree.entries(at).find((entry) => entry.key === key)?.value;
    for (const { key, keyPlace, written, value } of tree.entries(at)) {
      if (written.file !== undefined) continue;
      const scalar = tree.scalar(value);
      if (isIn(keyPlace, offset)) {
        const known = keyText(block, key);
        return known && { ...plain(keyPlace), title: key, texts: [known.words] };
      }
      if (!scalar || !isIn(scalar, offset)) continue;
      const isBoard = block === "bk72xx" && key === "board";
      const board = isBoard && scalar.read?.kind === "text" ? findBoard(scalar.read.text) : undefined;
      if (board) return { ...plain(scalar), title: board.board, texts: boardTexts(board, chip) };
      const arrives = arrivesAs(scalar);
      return arrives === undefined ? undefined : { ...plain(scalar), title: key, texts: [arrives] };
    }
  }
  return undefined;
}

const plain = ({ start, end }: Place): Place => ({ start, end });
const isIn = ({ start, end }: Place, offset: number): boolean => start <= offset && offset < end;

/** What ESPHome gets, where that is another text than what stands there. */
function arrivesAs({ source, read, unknown }: YamlScalar): Text | undefined {
  if (unknown) return words`What arrives cannot be seen from here, as ${unknown}.`;
  if (!read || read.kind === "null" || read.text === source) return undefined;
  return words`Arrives as ${read.text}`;
}

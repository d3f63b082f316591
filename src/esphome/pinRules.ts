/** Pins in a YAML: whether the board has them, and which of them the wires for flashing need. */
import { words, type BoardProfile } from "../core/index";
import { pinsOfBoard } from "./boardPins";
import { placeOf, type YamlDiagnostic } from "./yamlDiagnostics";
import type { YamlNode, YamlTree } from "./yamlTree";

const PIN_KEY = /(?:^|_)pin$/;
const PIN_NAME = /^(?:P|GPIO)(\d{1,2})$/i;
/** Where flashing goes, by number and by name. */
const FLASHING = /^(?:(?:P|GPIO)?1[01]|[RT]X1)$/i;
/** Aliases let a short text stand for an endless one. */
const MOST_NODES = 50_000;
const MOST_DEPTH = 100;

export function pinRules(tree: YamlTree, board: BoardProfile): YamlDiagnostic[] {
  const pins = pinsOfBoard(board.board);
  const found: YamlDiagnostic[] = [];
  const look = (key: string, node: YamlNode, inPin: boolean, block: string): void => {
    if (!PIN_KEY.test(key) && !(inPin && key === "number")) return;
    const scalar = tree.scalar(node);
    const text = scalar?.read?.kind === "text" || scalar?.read?.kind === "number" ? scalar.read.text : undefined;
    if (!scalar || text === undefined) return;
    const number = PIN_NAME.exec(text)?.[1] ?? (/^\d{1,2}$/.test(text) ? text : undefined);
    if (number !== undefined && pins && !pins.has(Number(number)))
      found.push({
        code: "pin-not-on-board",
        severity: "warning",
        ...placeOf(scalar),
        words: words`Board ${board.board} has no pin P${number}: it is not led out.`,
        fixes: [],
      });
    else if ((block === "uart" || block === "tuya") && FLASHING.test(text))
      found.push({
        code: "pin-for-flashing",
        severity: "information",
        ...placeOf(scalar),
        words: words`Flashing needs this pin as well: take off what hangs on it while you flash over a wire.`,
        fixes: [],
      });
  };
  let left = MOST_NODES;
  const walk = (node: YamlNode, inPin: boolean, block: string, depth: number): void => {
    if (left-- <= 0 || depth > MOST_DEPTH) return;
    for (const entry of tree.entries(node)) {
      const inside = block === "" ? entry.key : block;
      if (inside === "substitutions") continue;
      look(entry.key, entry.value, inPin, inside);
      walk(entry.value, PIN_KEY.test(entry.key), inside, depth + 1);
    }
    for (const item of tree.items(node)) walk(item, false, block, depth + 1);
  };
  for (const root of tree.roots) walk(root, false, "", 0);
  return found;
}

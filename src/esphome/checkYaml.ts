/**
 * The rules for an ESPHome YAML as far as it is about a Beken chip: what is below `bk72xx`, `libretiny`, `platformio_options` and
 * `substitutions`, and pins. Everything else is ESPHome's own to check. Pure.
 */
import {
  BOARDS,
  CHIPS,
  boardFor,
  boardOverrides,
  findBoard,
  formatCoefficients,
  hexAddress,
  words,
  type BoardProfile,
  type ChipId,
  type Coefficients,
  type KeyKind,
} from "../core/index";
import { FAMILIES, pinsOfBoard } from "./boardPins";
import { checkOption, checkPartitions, checkWriting, type Option } from "./optionRules";
import type { YamlDiagnostic } from "./yamlDiagnostics";
import { YamlTree, type Place, type Secrets, type YamlScalar } from "./yamlTree";

/** What is known of the chip that the YAML is for, from an identification or a passport. */
export interface KnownChip {
  readonly chip: ChipId | undefined;
  readonly module: string | undefined;
  readonly key: KeyKind;
  readonly coefficients: Coefficients | undefined;
  readonly calibrationAt: number | undefined;
}

export interface CheckOptions {
  /** The content of secrets.yaml beside it. */
  readonly secrets?: Secrets;
  readonly chip?: KnownChip | undefined;
}

/** Longer texts are no person's configuration. */
const LONGEST_TEXT = 1_000_000;

export function checkYaml(text: string, { secrets = {}, chip }: CheckOptions = {}): readonly YamlDiagnostic[] {
  if (text.length > LONGEST_TEXT || !/^(?:bk72xx|libretiny|esphome|substitutions)\s*:/m.test(text)) return [];
  const tree = new YamlTree(text, secrets);
  const options = optionsIn(tree);
  const boardScalar = tree.scalar(tree.child("bk72xx", "board"));
  const boardName = boardScalar?.read?.kind === "text" ? boardScalar.read.text : undefined;
  const board = boardName === undefined ? undefined : findBoard(boardName);
  const isForBeken = tree.has("bk72xx");
  return [
    ...substitutionRules(tree),
    ...renamedBlock(tree),
    ...(isForBeken ? frameworkRules(tree) : []),
    ...(isForBeken ? options.flatMap((option) => checkOption(option) ?? []) : []),
    ...(isForBeken ? checkPartitions(options, board) : []),
    ...(boardScalar && boardName !== undefined ? boardRules(tree, boardScalar, boardName, board, options) : []),
    ...(boardScalar && board && chip ? chipRules(tree, boardScalar, board, options, chip) : []),
    ...(board ? pinRules(tree, board) : []),
  ].sort((a, b) => a.start - b.start);
}

function optionsIn(tree: YamlTree): readonly Option[] {
  return tree.entries(tree.child("esphome", "platformio_options")).flatMap(({ key, keyPlace, node }) => {
    // A list has its texts one by one, and none of them has a rule.
    if (tree.items(node).length > 0 || tree.entries(node).length > 0) return [];
    return [{ key, keyPlace, scalar: tree.scalar(node) }];
  });
}

function substitutionRules(tree: YamlTree): YamlDiagnostic[] {
  return tree.entries(tree.child("substitutions")).flatMap(({ key, keyPlace, node }) => {
    if (tree.items(node).length > 0 || tree.entries(node).length > 0) return [];
    const found = checkWriting(key, keyPlace, tree.scalar(node));
    return found ? [found] : [];
  });
}

function renamedBlock(tree: YamlTree): YamlDiagnostic[] {
  return tree
    .entries(tree.root)
    .filter(({ key }) => key === "libretiny")
    .map(({ keyPlace }) => ({
      code: "block-renamed",
      severity: "error",
      ...keyPlace,
      words: words`ESPHome has no block libretiny any more: for Beken chips it is bk72xx.`,
      fixes: tree.has("bk72xx") ? [] : [{ title: words`Write ${"bk72xx"}`, edits: [{ ...keyPlace, text: "bk72xx" }] }],
    }));
}

/** Texts below `framework`: its version, and defines of the project's own. */
function frameworkRules(tree: YamlTree): YamlDiagnostic[] {
  const framework = tree.child("bk72xx", "framework");
  const version = tree.entries(framework).filter(({ key }) => key === "version");
  const defines = tree.entries(tree.child("bk72xx", "framework", "options"));
  return [...version, ...defines].flatMap(
    ({ key, keyPlace, node }) => checkWriting(key, keyPlace, tree.scalar(node)) ?? [],
  );
}

function boardRules(
  tree: YamlTree,
  scalar: YamlScalar,
  name: string,
  board: BoardProfile | undefined,
  options: readonly Option[],
): YamlDiagnostic[] {
  const family = tree.scalar(tree.child("bk72xx", "family"));
  if (!board) {
    if (family || options.some(({ key }) => key === "custom_board")) return [];
    const near = nearest(name);
    const fixes =
      near === undefined
        ? []
        : [{ title: words`Write ${near}`, edits: [{ start: scalar.start, end: scalar.end, text: near }] }];
    return [
      {
        code: "board-unknown",
        severity: "warning",
        ...placeOf(scalar),
        words: words`LibreTiny has no board ${name}; for one of your own ESPHome needs family: as well.`,
        fixes,
      },
    ];
  }
  const wanted = FAMILIES[board.chip];
  const found: YamlDiagnostic[] = [];
  if (family?.read?.kind === "text" && wanted !== undefined && family.read.text.toUpperCase() !== wanted)
    found.push({
      code: "board-family",
      severity: "error",
      ...placeOf(family),
      words: words`Board ${board.board} is of family ${wanted}.`,
      fixes: [{ title: words`Write ${wanted}`, edits: [{ ...placeOf(family), text: wanted }] }],
    });
  const key = keyOf(options);
  if (key && board.keyKind === "zero" && key.kind === "tuya")
    found.push({
      code: "board-key",
      severity: "warning",
      ...placeOf(key.scalar),
      words: words`Chips of board ${board.board} have no key, and this is Tuya's: such a build starts on none of them.`,
      fixes: [],
    });
  return found;
}

const placeOf = ({ start, end }: Place): Place => ({ start, end });
const TUYA = "510fb093a3cbeadc5993a17ec7adeb03";

/** The key that the options give, where they give one. */
function keyOf(
  options: readonly Option[],
): { readonly kind: KeyKind; readonly hex: string; readonly scalar: YamlScalar } | undefined {
  const scalar = options.find(({ key }) => key === "board_build.bkcrypt_coeffs")?.scalar;
  if (!scalar?.read || scalar.read.kind === "null") return undefined;
  const meant = scalar.source.replace(/^0x/i, "").replaceAll(/[ _]/g, "").toLowerCase();
  if (/^0*$/.test(meant)) return { kind: "zero", hex: meant, scalar };
  return { kind: meant === TUYA ? "tuya" : "other", hex: meant, scalar };
}

/** A board whose name differs in one or two characters. */
function nearest(name: string): string | undefined {
  const wanted = name.toLowerCase().replaceAll("_", "-");
  const close = BOARDS.map(({ board }) => ({ board, far: distance(wanted, board) })).sort((a, b) => a.far - b.far)[0];
  return close && close.far <= Math.min(2, wanted.length / 3) ? close.board : undefined;
}

/** Characters to change, put in or leave out. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (row[j] as number) + 1,
          (next[j - 1] as number) + 1,
          (row[j - 1] as number) + Number(a[i - 1] !== b[j - 1]),
        ),
      );
    row = next;
  }
  return row[b.length] as number;
}

/** Board, key and calibration of the YAML against those of the chip. */
function chipRules(
  tree: YamlTree,
  boardScalar: YamlScalar,
  board: BoardProfile,
  options: readonly Option[],
  known: KnownChip,
): YamlDiagnostic[] {
  const { chip, module } = known;
  const choice = boardFor(module, chip);
  const isOther = chip !== undefined && FAMILIES[board.chip] !== FAMILIES[choice?.board.chip ?? chip];
  const right = isOther ? (choice?.board ?? board) : board;
  const found: YamlDiagnostic[] = [];
  if (isOther)
    found.push({
      code: "chip-board",
      severity: "error",
      ...placeOf(boardScalar),
      words: words`Board ${board.board} is for ${CHIPS[board.chip].name}, and the chip is a ${CHIPS[chip].name}.`,
      fixes: choice ? write(boardScalar, choice.board.board) : [],
    });
  const wanted = boardOverrides(overridesFrom(known), [right]);
  const lacking = wanted.filter((line) => !options.some((option) => line.startsWith(`${option.key}: `)));
  return [
    ...found,
    ...keyRules(tree, boardScalar, right, options, known, lacking),
    ...calibrationRules(tree, boardScalar, options, known, lacking),
  ];
}

const write = (place: Place, text: string): YamlDiagnostic["fixes"] => [
  { title: words`Write ${text}`, edits: [{ ...placeOf(place), text }] },
];

function overridesFrom({ key, coefficients, calibrationAt }: KnownChip): Parameters<typeof boardOverrides>[0] {
  return { key: { kind: key, ...(coefficients && { coefficients }) }, calibrationAt };
}

function keyRules(
  tree: YamlTree,
  boardScalar: YamlScalar,
  board: BoardProfile,
  options: readonly Option[],
  { key, coefficients }: KnownChip,
  lacking: readonly string[],
): YamlDiagnostic[] {
  const given = keyOf(options);
  if (given && key !== "unknown" && given.kind !== key)
    return [
      {
        code: "chip-key",
        severity: "error",
        ...placeOf(given.scalar),
        words: words`The chip has another key: a build with this one would not start on it.`,
        fixes: coefficients ? write(given.scalar, `"${formatCoefficients(coefficients)}"`) : [],
      },
    ];
  if (given || !lacking.some((line) => line.startsWith("board_build.bkcrypt_coeffs: "))) return [];
  return [
    {
      code: "chip-key",
      severity: "error",
      ...placeOf(boardScalar),
      words:
        key === "zero"
          ? words`The chip has no key, and board ${board.board} builds for Tuya's: the build would not start.`
          : words`The chip has another key than board ${board.board} builds for: the build would not start.`,
      fixes: [{ title: words`Add the options for this chip`, edits: insertion(tree, lacking) }],
    },
  ];
}

const CALIBRATION = "board_flash.calibration";

function calibrationRules(
  tree: YamlTree,
  boardScalar: YamlScalar,
  options: readonly Option[],
  { key, calibrationAt }: KnownChip,
  lacking: readonly string[],
): YamlDiagnostic[] {
  if (calibrationAt === undefined) return [];
  const said = words`The chip has its calibration at ${hexAddress(calibrationAt)}, and this build looks for it elsewhere: its radio would be poor.`;
  const rule = (place: Place, fixes: YamlDiagnostic["fixes"]): YamlDiagnostic[] => [
    { code: "chip-calibration", severity: "warning", ...placeOf(place), words: said, fixes },
  ];
  const given = options.find((option) => option.key === CALIBRATION)?.scalar;
  if (given?.read && given.read.kind !== "null") {
    const start = parseInt(given.read.text, given.read.kind === "number" ? 10 : 16);
    const right = `0x${calibrationAt.toString(16).toUpperCase()}+0x1000`;
    return Number.isNaN(start) || start === calibrationAt ? [] : rule(given, write(given, right));
  }
  const line = lacking.filter((each) => each.startsWith(`${CALIBRATION}: `));
  // What puts the key in puts this in as well.
  const comesWithKey = key !== "unknown" && lacking.some((each) => each.startsWith("board_build.bkcrypt_coeffs: "));
  return line.length === 0 || comesWithKey
    ? []
    : rule(boardScalar, [{ title: words`Add the options for this chip`, edits: insertion(tree, line) }]);
}

/** Lines at the head of `platformio_options`, with what of the blocks around it is missing. */
function insertion(tree: YamlTree, lines: readonly string[]): { start: number; end: number; text: string }[] {
  const { text } = tree;
  const at = (start: number, inserted: string): { start: number; end: number; text: string }[] => [
    { start, end: start, text: inserted },
  ];
  const entries = tree.entries(tree.child("esphome", "platformio_options"));
  const [first] = entries;
  const indent = (count: number): string => " ".repeat(count);
  if (first) {
    const lineStart = text.lastIndexOf("\n", first.keyPlace.start - 1) + 1;
    const own = first.keyPlace.start - lineStart;
    return at(lineStart, lines.map((line) => `${indent(own)}${line}\n`).join(""));
  }
  const [below] = tree.entries(tree.child("esphome"));
  if (below) {
    const lineStart = text.lastIndexOf("\n", below.keyPlace.start - 1) + 1;
    const own = below.keyPlace.start - lineStart;
    const block = [`${indent(own)}platformio_options:`, ...lines.map((line) => `${indent(own + 2)}${line}`)];
    return at(lineStart, `${block.join("\n")}\n`);
  }
  const block = ["esphome:", "  platformio_options:", ...lines.map((line) => `    ${line}`), ""];
  return at(0, `${block.join("\n")}\n`);
}

const PIN_KEY = /(?:^|_)pin$/;
const PIN_NAME = /^(?:P|GPIO)(\d{1,2})$/i;
/** Where flashing goes, by number and by name. */
const FLASHING = /^(?:(?:P|GPIO)?1[01]|[RT]X1)$/i;
/** Aliases let a short text stand for an endless one. */
const MOST_NODES = 50_000;
const MOST_DEPTH = 100;

/** Pins anywhere: whether the board has them, and which of them the wires for flashing need. */
function pinRules(tree: YamlTree, board: BoardProfile): YamlDiagnostic[] {
  const pins = pinsOfBoard(board.board);
  const found: YamlDiagnostic[] = [];
  const look = (key: string, node: Parameters<YamlTree["scalar"]>[0], inPin: boolean, block: string): void => {
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
    else if (block === "uart" && FLASHING.test(text))
      found.push({
        code: "pin-for-flashing",
        severity: "information",
        ...placeOf(scalar),
        words: words`Flashing needs this pin as well: take off what hangs on it while you flash over a wire.`,
        fixes: [],
      });
  };
  let left = MOST_NODES;
  const walk = (node: Parameters<YamlTree["scalar"]>[0], inPin: boolean, block: string, depth: number): void => {
    if (left-- <= 0 || depth > MOST_DEPTH) return;
    for (const entry of tree.entries(node)) {
      const inside = block === "" ? entry.key : block;
      if (inside === "substitutions") continue;
      look(entry.key, entry.node, inPin, inside);
      walk(entry.node, PIN_KEY.test(entry.key), inside, depth + 1);
    }
    for (const item of tree.items(node)) walk(item, false, block, depth + 1);
  };
  walk(tree.root, false, "", 0);
  return found;
}

/**
 * The rules for an ESPHome YAML as far as it is about a Beken chip: what is below `bk72xx`, `libretiny`, `platformio_options` and
 * `substitutions`, and pins. Everything else is ESPHome's own to check. Pure.
 */
import { BOARDS, findBoard, words, type BoardProfile } from "../core/index";
import { FAMILIES } from "./boardPins";
import { chipRules, keyOf, packageUnknown } from "./chipRules";
import type { KnownChip } from "./knownChip";
import { checkOption, checkPartitions, checkWriting, unknownValue, type Option } from "./optionRules";
import { pinRules } from "./pinRules";
import { placeOf, writeFix, type YamlDiagnostic } from "./yamlDiagnostics";
import type { YamlScalar } from "./yamlFile";
import { NO_SOURCES, type YamlSources } from "./yamlSources";
import { YamlTree } from "./yamlTree";

export interface CheckOptions {
  /** The files it takes in. */
  readonly sources?: YamlSources;
  readonly chip?: KnownChip | undefined;
}

/** Longer texts are no person's configuration. */
const LONGEST_TEXT = 1_000_000;

/** A text that may be a configuration of ESPHome's, by a look at it. */
export function maybeConfiguration(text: string): boolean {
  return (
    text.length <= LONGEST_TEXT &&
    /(?:^|[{,])\s*["']?(?:bk72xx|libretiny|esphome|substitutions|packages)["']?\s*:/m.test(text)
  );
}

export function checkYaml(text: string, { sources = NO_SOURCES, chip }: CheckOptions = {}): readonly YamlDiagnostic[] {
  if (!maybeConfiguration(text)) return [];
  const tree = new YamlTree(text, sources);
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
    ...(boardScalar ? unknownBoard(boardScalar) : unknownPackages(tree, isForBeken)),
    ...(boardScalar && boardName !== undefined ? boardRules(tree, boardScalar, boardName, board, options) : []),
    ...(boardScalar && board && chip ? chipRules(tree, boardScalar, board, options, chip) : []),
    ...(board ? pinRules(tree, board) : []),
  ].sort((a, b) => a.start - b.start);
}

function optionsIn(tree: YamlTree): readonly Option[] {
  return tree.merged("esphome", "platformio_options").flatMap(({ key, keyPlace, value }) => {
    // A list has its texts one by one, and none of them has a rule.
    if (tree.isCollection(value) || value.node?.tag === "!remove") return [];
    return [{ key, keyPlace, scalar: tree.scalar(value) }];
  });
}

function unknownBoard(scalar: YamlScalar): YamlDiagnostic[] {
  const found = unknownValue("board", scalar);
  return found ? [found] : [];
}

/** The board may come from a package that is not here. */
function unknownPackages(tree: YamlTree, isForBeken: boolean): YamlDiagnostic[] {
  return isForBeken ? tree.unknownPackages.map(packageUnknown) : [];
}

function substitutionRules(tree: YamlTree): YamlDiagnostic[] {
  return tree.merged("substitutions").flatMap(({ key, keyPlace, value }) => {
    if (tree.isCollection(value)) return [];
    const scalar = tree.scalar(value);
    const found = scalar?.unknown ? undefined : checkWriting(key, keyPlace, scalar);
    return found ? [found] : [];
  });
}

function renamedBlock(tree: YamlTree): YamlDiagnostic[] {
  return tree
    .merged()
    .filter(({ key }) => key === "libretiny")
    .map(({ keyPlace, written }) => ({
      code: "block-renamed",
      severity: "error",
      start: keyPlace.start,
      end: keyPlace.end,
      words: words`ESPHome has no block libretiny any more: for Beken chips it is bk72xx.`,
      fixes: tree.has("bk72xx") ? [] : [writeFix(written, "bk72xx")],
      file: written.file,
    }));
}

/** Texts below `framework`: its version, and defines of the project's own. */
function frameworkRules(tree: YamlTree): YamlDiagnostic[] {
  const version = tree.merged("bk72xx", "framework").filter(({ key }) => key === "version");
  const defines = tree.merged("bk72xx", "framework", "options");
  return [...version, ...defines].flatMap(({ key, keyPlace, value }) => {
    const scalar = tree.scalar(value);
    return scalar?.unknown ? [] : (checkWriting(key, keyPlace, scalar) ?? []);
  });
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
    const fixes = near === undefined ? [] : [writeFix(scalar.written, near)];
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
      fixes: [writeFix(family.written, wanted)],
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

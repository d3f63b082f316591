/** Board, key and calibration of a YAML against those of the chip that it is for. */
import {
  CHIPS,
  boardFor,
  boardOverrides,
  formatCoefficients,
  hexAddress,
  words,
  type BoardProfile,
  type KeyKind,
} from "../core/index";
import { FAMILIES } from "./boardPins";
import type { KnownChip } from "./knownChip";
import type { Option } from "./optionRules";
import { placeOf, writeFix, type Fix, type YamlDiagnostic } from "./yamlDiagnostics";
import type { YamlScalar } from "./yamlFile";
import { insertion } from "./yamlInsertion";
import type { UnknownPart, YamlTree } from "./yamlTree";

/** That what a package brings cannot be seen. */
export function packageUnknown({ start, end, why }: UnknownPart): YamlDiagnostic {
  return {
    code: "package-unknown",
    severity: "information",
    start,
    end,
    words: words`Not checked: board, key and partitions may come from here, and it cannot be looked into, as ${why}.`,
    fixes: [],
  };
}

const TUYA = "510fb093a3cbeadc5993a17ec7adeb03";

/** The key that the options give, where they give one. */
export function keyOf(
  options: readonly Option[],
): { readonly kind: KeyKind; readonly hex: string; readonly scalar: YamlScalar } | undefined {
  const scalar = options.find(({ key }) => key === "board_build.bkcrypt_coeffs")?.scalar;
  if (!scalar?.read || scalar.read.kind === "null") return undefined;
  const meant = scalar.source.replace(/^0x/i, "").replaceAll(/[ _]/g, "").toLowerCase();
  if (/^0*$/.test(meant)) return { kind: "zero", hex: meant, scalar };
  return { kind: meant === TUYA ? "tuya" : "other", hex: meant, scalar };
}

/** Board, key and calibration of the YAML against those of the chip. */
export function chipRules(
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
      fixes: choice ? [writeFix(boardScalar.written, choice.board.board)] : [],
    });
  const wanted = boardOverrides(overridesFrom(known), [right]);
  const lacking = wanted.filter((line) => !options.some((option) => line.startsWith(`${option.key}: `)));
  // What is lacking here may be in a part that cannot be looked into.
  const unknown = [...tree.unknownPackages, ...tree.unknownBelow("esphome", "platformio_options")];
  if (lacking.length > 0 && unknown.length > 0) return [...found, ...unknown.map(packageUnknown)];
  return [
    ...found,
    ...keyRules(tree, boardScalar, right, options, known, lacking),
    ...calibrationRules(tree, boardScalar, options, known, lacking),
  ];
}

/** The lines, where there is a place for them. */
function addFix(tree: YamlTree, lines: readonly string[]): readonly Fix[] {
  const edits = insertion(tree, lines);
  return edits ? [{ title: words`Add the options for this chip`, edits }] : [];
}

export function overridesFrom({ key, coefficients, calibrationAt }: KnownChip): Parameters<typeof boardOverrides>[0] {
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
        fixes: coefficients ? [writeFix(given.scalar.written, `"${formatCoefficients(coefficients)}"`)] : [],
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
      fixes: addFix(tree, lacking),
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
  const rule = (place: YamlScalar, fixes: readonly Fix[]): YamlDiagnostic[] => [
    { code: "chip-calibration", severity: "warning", ...placeOf(place), words: said, fixes },
  ];
  const given = options.find((option) => option.key === CALIBRATION)?.scalar;
  if (given?.read && given.read.kind !== "null") {
    const start = parseInt(given.read.text, given.read.kind === "number" ? 10 : 16);
    const right = `0x${calibrationAt.toString(16).toUpperCase()}+0x1000`;
    return Number.isNaN(start) || start === calibrationAt ? [] : rule(given, [writeFix(given.written, right)]);
  }
  const line = lacking.filter((each) => each.startsWith(`${CALIBRATION}: `));
  // What puts the key in puts this in as well.
  const comesWithKey = key !== "unknown" && lacking.some((each) => each.startsWith("board_build.bkcrypt_coeffs: "));
  return line.length === 0 || comesWithKey ? [] : rule(boardScalar, addFix(tree, line));
}

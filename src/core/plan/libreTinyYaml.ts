/**
 * What a LibreTiny project must say so that its next build fits a chip by itself: lines for ESPHome's YAML. Compares the chip
 * with what the board of the build assumes; changes nothing and knows no project.
 * Source of the option names: LibreTiny's board manifests (`build.bkcrypt_coeffs`, `build.bkota`, `flash`), which PlatformIO lets
 * a project override as `board_build.*` and `board_flash.*`.
 */
import { english, sameText } from "../base/words";
import { BOARDS, findBoard, type BoardProfile } from "../beken/chips/boards";
import { CALIBRATION_LENGTH } from "../beken/chips/calibration";
import { TUYA_KEY, ZERO_KEY, formatCoefficients } from "../beken/chips/keys";
import { findLayout } from "../beken/chips/layouts";
import type { ChipIdentity } from "../beken/chips/types";
import type { FirmwareImage, ImageFormatId } from "../beken/images/firmwareImage";
import { sameKey } from "../beken/images/keystream";
import { OTA_DEFAULT_IV, OTA_DEFAULT_KEY } from "../beken/images/rblOta";
import { BOARD_FACT } from "../beken/images/recogniseUf2";

/** What LibreTiny builds make; other files come from other tools, whose options these are not. */
const LIBRETINY_FORMATS: readonly ImageFormatId[] = ["uf2", "rbl-partition", "crc-app"];

/** What of a chip a board can contradict. */
export interface ChipFacts {
  readonly key: Pick<ChipIdentity["key"], "kind" | "coefficients">;
  readonly calibrationAt: number | undefined;
}

/**
 * `name: value` of every option that the chip needs and that any of the boards does not bring; values quoted where YAML would take
 * them for numbers. With the key come the over-the-air key and iv: the module is not of the kind the board describes, so they are
 * pinned to the SDK's public ones instead of left to the board.
 * @param boards that the build may be for; where there are none, everything is said
 */
export function boardOverrides({ key, calibrationAt }: ChipFacts, boards: readonly BoardProfile[]): readonly string[] {
  const differs = (fits: (board: BoardProfile) => boolean): boolean => boards.length === 0 || !boards.every(fits);
  const options: string[] = [];
  const { coefficients } = key;
  if (coefficients && differs(({ keyKind }) => sameKey(keyKind === "tuya" ? TUYA_KEY : ZERO_KEY, coefficients))) {
    options.push(
      `board_build.bkcrypt_coeffs: "${key.kind === "zero" ? formatCoefficients(ZERO_KEY) : formatCoefficients(coefficients)}"`,
    );
    options.push(`board_build.bkota.key: ${OTA_DEFAULT_KEY}`, `board_build.bkota.iv: ${OTA_DEFAULT_IV}`);
  }
  if (calibrationAt !== undefined && differs((board) => calibrationOf(board) === calibrationAt)) {
    options.push(`board_flash.calibration: ${hex(calibrationAt)}+${hex(CALIBRATION_LENGTH)}`);
  }
  return options;
}

/** A file of a LibreTiny build. */
export function isLibreTiny({ format }: FirmwareImage): boolean {
  return LIBRETINY_FORMATS.includes(format);
}

/**
 * The lines, from `esphome:` on, or none where the board's defaults fit and for files that are no LibreTiny build. Only what
 * differs from the board is said; where the file does not name its board, what differs from any board it may be for.
 * @param image the build, re-keyed or not
 * @param more options besides, as they are written
 */
export function libreTinyYaml(
  { key, calibration }: ChipIdentity,
  image: FirmwareImage,
  more: readonly string[] = [],
): readonly string[] {
  if (!isLibreTiny(image)) return [];
  const options = boardOverrides({ key, calibrationAt: calibration?.address }, boardsOf(image));
  return optionLines([...new Set([...options, ...more])]);
}

/** Options where ESPHome takes them, from `esphome:` on. */
export function optionLines(options: readonly string[]): readonly string[] {
  if (options.length === 0) return [];
  return ["esphome:", "  platformio_options:", ...options.map((option) => `    ${option}`)];
}

/** The board the file names: UF2 tag, or ESPHome's file name. */
export function boardOf({ details, fileName }: FirmwareImage): BoardProfile | undefined {
  const tag = details.find(({ name }) => sameText(name, BOARD_FACT))?.value;
  const tagged = tag === undefined ? [] : [english(tag)];
  return [...tagged, ...fileName.split("_")].map(findBoard).find((board) => board !== undefined);
}

/** The board the file names, else all that are built for its chip. */
function boardsOf(image: FirmwareImage): readonly BoardProfile[] {
  const board = boardOf(image);
  if (board) return [board];
  const { chips } = image;
  return chips === "any" ? [] : BOARDS.filter(({ chip }) => chips.includes(chip));
}

function calibrationOf({ layout }: BoardProfile): number | undefined {
  return findLayout(layout)?.partitions.find(({ name }) => name === "calibration")?.offset;
}

function hex(value: number): string {
  return `0x${value.toString(16).toUpperCase()}`;
}

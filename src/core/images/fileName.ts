/**
 * What a file's name claims about its content: format, chip, flash offset; and which sibling to use instead of one
 * that cannot be flashed. Looks at no content.
 * Source: docs/formats.md ("Build outputs"): LibreTiny's, ESPHome's download and OpenBeken's release names.
 */
import type { ChipId } from "../chips/types";
import type { ImageFormatId } from "./image";

/** `rbl`: some RBL container, the name does not say which form. `boot`: boot code. */
export type NamedKind =
  Exclude<ImageFormatId, "foreign" | "raw" | "full-dump" | "bootloader"> | "rbl" | "boot" | "diff2ya";

export interface NameClaims {
  /** Without folders. */
  readonly name: string;
  readonly kind: NamedKind | undefined;
  /** Named by a build tool's pattern, so it must be right. */
  readonly chip: ChipId | undefined;
  /** Standing anywhere in the name. */
  readonly mention: ChipId | undefined;
  /** A chip of another maker, named by a build tool's pattern. */
  readonly foreign: string | undefined;
  /** Flash address in the name. */
  readonly offset: number | undefined;
  readonly maker: "libretiny" | "openbeken" | undefined;
}

const CHIPS: ReadonlySet<string> = new Set<ChipId>([
  "bk7231q",
  "bk7231s",
  "bk7231t",
  "bk7231u",
  "bk7231n",
  "bk7231m",
  "bk7238",
  "bk7251",
  "bk7252",
  "bk7252n",
  "bk7236",
  "bk7258",
  "bl2028n",
]);
const FOREIGN = /^(rtl\w+|amb\w*|ln88\w+|bl60\w+|bl70\w+|esp\w+|w[68]\d\d|xr\d+|tr6260|rda\w+|ecr\w+|txw\w+)$/i;

/** Suffixes of build outputs, most telling first. */
const SUFFIXES: readonly (readonly [RegExp, NamedKind])[] = [
  [/\.diff2ya\.dat$/i, "diff2ya"],
  [/\.ug\.bin$/i, "ug"],
  [/\.ota\.rbl$/i, "rbl-ota"],
  [/\.rblh$/i, "rbl-header"],
  [/\.0x[0-9a-f]+\.rbl$/i, "rbl-partition"],
  [/\.rbl$/i, "rbl"],
  [/\.crc$/i, "crc-app"],
  [/\.uf2$/i, "uf2"],
  [/\.elf$/i, "elf"],
  [/^raw_firmware\.bin$/i, "raw-app"],
  [/(^|[^a-z])bootloader([^a-z]|$)/i, "boot"],
];

function chipOf(text: string | undefined): ChipId | undefined {
  const lower = text?.toLowerCase() ?? "";
  return CHIPS.has(lower) ? (lower as ChipId) : undefined;
}

/** The chip id at the end of a version text such as `25.06.01-bk7231t`. */
export function chipOfVersion(version: string): ChipId | undefined {
  return chipOf(/-([a-z0-9]+)$/i.exec(version)?.[1]);
}

function openBekenKind(name: string): NamedKind | undefined {
  if (/_QIO(_|\.|$)/i.test(name)) return "qio";
  if (/_UA(_|\.|$)/i.test(name)) return "crc-app";
  if (/_UG(_|\.|$)/i.test(name)) return "ug";
  return /\.rbl$/i.test(name) ? "rbl-ota" : undefined;
}

/** Reads a file name, with or without folders of either slash. */
export function parseFileName(path: string): NameClaims {
  const name = path.split(/[\\/]/).at(-1) ?? "";
  const image = /(?:^|[-_])image_([a-z0-9]+)_app[._]/i.exec(name);
  const build = /_([a-z0-9]+)_lt[\d.]+\.uf2$/i.exec(name);
  const open = /^Open([A-Z][A-Z0-9]+)_/i.exec(name);
  const chipText = (image ?? build ?? open)?.[1];
  const chip = chipOf(chipText);
  const offset = /\.0x([0-9a-f]{1,8})\.[a-z]+$/i.exec(name)?.[1];
  const mentioned = name
    .match(/b[kl]\d{4}[a-z]?(?![a-z0-9])/gi)
    ?.map(chipOf)
    .find((found) => found !== undefined);
  const isOpenBeken = open !== null && (chip !== undefined || FOREIGN.test(chipText ?? ""));
  return {
    name,
    kind: (isOpenBeken ? openBekenKind(name) : undefined) ?? SUFFIXES.find(([pattern]) => pattern.test(name))?.[1],
    chip,
    mention: chip ?? mentioned,
    foreign:
      chipText !== undefined && chip === undefined && FOREIGN.test(chipText) ? chipText.toUpperCase() : undefined,
    offset: offset === undefined ? undefined : parseInt(offset, 16),
    maker: isOpenBeken ? "openbeken" : image !== null || build !== null ? "libretiny" : undefined,
  };
}

/** OpenBeken offers these chips a QIO image, the others a UA one. */
const QIO_CHIPS: ReadonlySet<ChipId | undefined> = new Set<ChipId>([
  "bk7231n",
  "bk7231m",
  "bk7238",
  "bk7236",
  "bk7252n",
  "bk7258",
]);

/** The file of the same build that is meant for a serial flash; never the file itself. */
export function serialFileFor(claims: NameClaims, contentChip?: ChipId): string {
  const sibling = siblingOf(claims, contentChip);
  return sibling === claims.name ? "firmware.uf2" : sibling;
}

function siblingOf(claims: NameClaims, contentChip: ChipId | undefined): string {
  const chip = claims.chip ?? contentChip ?? claims.mention;
  if (claims.maker === "openbeken") {
    const version = /_(\d+(?:\.\d+)+)/.exec(claims.name)?.[1] ?? "";
    const kind = QIO_CHIPS.has(chip) ? "QIO" : "UA";
    return `Open${(chip ?? "").toUpperCase()}_${kind}_${version}.bin`;
  }
  return chip === undefined ? "firmware.uf2" : `image_${chip}_app.0x011000.rbl`;
}

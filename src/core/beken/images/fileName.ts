/**
 * What a file's name claims about its content: format, chip, flash offset; who named it, and which other files it came
 * with. Looks at no content.
 * Source: docs/formats.md ("Build outputs"): LibreTiny's, ESPHome's download and OpenBeken's release names.
 */
import type { ChipId } from "../chips/types";
import type { ImageFormatId } from "./firmwareImage";

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
  /** Whose naming it follows: a build's outputs, ESPHome's download list, a release of OpenBeken. */
  readonly maker: "libretiny" | "esphome" | "openbeken" | undefined;
  /** What the files of one build, download or release share; copies made by a browser or a file manager count as the same. */
  readonly build: string;
  /** OpenBeken: as it stands in the name. */
  readonly version: string | undefined;
  /** OpenBeken: what tells this build from the usual one of the same version: "ALT", "hlw8112", a branch and its commit. */
  readonly variant: string | undefined;
  /** The mark of a copy: "(1)". */
  readonly copy: string | undefined;
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
  [/[.-]ota\.rbl$/i, "rbl-ota"],
  [/\.rblh$/i, "rbl-header"],
  [/[.-]0x[0-9a-f]+\.rbl$/i, "rbl-partition"],
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

/** As browsers (`x (1).rbl`, `x(1).rbl`) and file managers (`x - Copy (2).rbl`, `x copy.rbl`, `x (copy).rbl`) mark copies. */
const COPY =
  /(?:[ _]?\((?:\d{1,3}|(?:another )?copy(?: \d{1,3})?)\)| - (?:copy|kopie|\u526f\u672c)(?: \(\d{1,3}\))?| copy(?: \d{1,3})?)(?=\.[^()]*$)/i;

function withoutCopy(given: string): { readonly name: string; readonly copy: string | undefined } {
  const mark = COPY.exec(given)?.[0];
  return mark === undefined
    ? { name: given, copy: undefined }
    : { name: given.replace(mark, ""), copy: mark.replace(/^[ _-]+/, "") };
}

interface Release {
  readonly chip: string;
  readonly kind: NamedKind | undefined;
  readonly version: string | undefined;
  readonly variant: string | undefined;
}

const OPEN_KINDS: Readonly<Record<string, NamedKind>> = { qio: "qio", ua: "crc-app", ug: "ug" };

/**
 * `Open<chip>[_ALT|_Tuya][_<kind>]_<version>[_<variant>].<extension>`; a build of a branch has the branch and a commit
 * for a version, one made at home `dev_<date>_<time>`.
 */
function releaseOf(name: string): Release | undefined {
  const [, chip, rest, extension] = /^Open([A-Z][A-Z0-9]+)_(.*?)(?:\.(bin|rbl|img|fls|uf2|zip))?$/i.exec(name) ?? [];
  if (chip === undefined || rest === undefined) return undefined;
  const parts = rest.split("_");
  const at = parts.findIndex((part) => part.toLowerCase() in OPEN_KINDS);
  const kind = OPEN_KINDS[at < 0 ? "" : (parts.splice(at, 1)[0] ?? "").toLowerCase()];
  const versionAt = parts.findIndex((part) => /^\d+(\.\d+)+$/.test(part));
  const around = versionAt < 0 ? [parts] : [parts.slice(0, versionAt), parts.slice(versionAt + 1)];
  const variant = around
    .map((some) => some.join("_"))
    .filter((some) => some !== "")
    .join(" ");
  return {
    chip,
    kind: kind ?? (extension?.toLowerCase() === "rbl" ? "rbl-ota" : undefined),
    version: versionAt < 0 ? undefined : parts[versionAt],
    variant: variant === "" ? undefined : variant,
  };
}

/** What ESPHome's download list puts behind the device's name; in some releases with a dot. */
const DOWNLOAD = /^(.+?)[-.](?:0x[0-9a-f]{1,8}\.(?:rbl|crc|rblh)|ota\.rbl|ota\.ug\.bin)$/i;
/** What a build of LibreTiny leaves in its folder, whatever the device is called. */
const OUTPUT = /^(?:raw_)?firmware\.(?:uf2|bin|elf)$/i;

/** Reads a file name, with or without folders of either slash. */
export function parseFileName(path: string): NameClaims {
  const given = path.split(/[\\/]/).at(-1) ?? "";
  const { name, copy } = withoutCopy(given);
  const image = /(?:^|[-_])image_([a-z0-9]+)_app[._]/i.exec(name);
  const build = /_([a-z0-9]+)_lt[\d.]+\.uf2$/i.exec(name);
  const open = releaseOf(name);
  const chipText = image?.[1] ?? build?.[1] ?? open?.chip;
  const chip = chipOf(chipText);
  const offset = /(?:\.0x([0-9a-f]{1,8})\.[a-z]+|-0x([0-9a-f]{1,8})\.(?:rbl|crc|rblh))$/i.exec(name)?.slice(1).join("");
  const mentioned = name
    .match(/b[kl]\d{4}[a-z]?(?![a-z0-9])/gi)
    ?.map(chipOf)
    .find((found) => found !== undefined);
  const release = open !== undefined && (chip !== undefined || FOREIGN.test(chipText ?? "")) ? open : undefined;
  const device = DOWNLOAD.exec(name)?.[1];
  const isOutput = image !== null || build !== null || OUTPUT.test(name);
  const maker = release ? "openbeken" : isOutput ? "libretiny" : device === undefined ? undefined : "esphome";
  const { version, variant } = release ?? {};
  return {
    name: given,
    kind: release?.kind ?? SUFFIXES.find(([pattern]) => pattern.test(name))?.[1],
    chip,
    mention: chip ?? mentioned,
    foreign:
      chipText !== undefined && chip === undefined && FOREIGN.test(chipText) ? chipText.toUpperCase() : undefined,
    offset: offset === undefined ? undefined : parseInt(offset, 16),
    maker,
    build:
      maker === "openbeken"
        ? `openbeken ${chipText} ${version} ${variant}`.toLowerCase()
        : maker === "libretiny"
          ? maker
          : `device ${device ?? name.replace(/\.[a-z0-9]+$/i, "")}`.toLowerCase(),
    version,
    variant,
    copy,
  };
}

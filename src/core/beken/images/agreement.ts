/**
 * Holds a file's name against its content: where following the name would write something wrong the file is refused,
 * where the content alone decides safely there is a warning. Reads neither by itself.
 */
import { hexAddress } from "../../base/bytes";
import { words } from "../../base/words";
import { CHIPS } from "../chips/chips";
import type { ChipId, ChipSign } from "../chips/types";
import { chipsBySigns, isExcluded, signWords } from "./chipSigns";
import type { NameClaims, NamedKind } from "./fileName";
import { FORMAT_WORDS, NAMED_WORDS } from "./formatWords";
import type { ImageFormatId } from "./firmwareImage";
import type { ImageReport } from "./report";

const FORMATS: Readonly<Record<NamedKind, readonly ImageFormatId[]>> = {
  "rbl-partition": ["rbl-partition"],
  rbl: ["rbl-partition", "rbl-ota"],
  "crc-app": ["crc-app"],
  "rbl-header": ["rbl-header"],
  "rbl-ota": ["rbl-ota"],
  ug: ["ug"],
  uf2: ["uf2"],
  qio: ["qio", "full-dump"],
  elf: ["elf"],
  "raw-app": ["raw-app"],
  boot: ["bootloader", "qio", "full-dump"],
  diff2ya: [],
};
/** Formats whose content says by itself, beyond doubt, what is to be written where. */
const SELF_EVIDENT: readonly ImageFormatId[] = ["rbl-partition", "crc-app", "uf2", "qio", "full-dump"];

const CHECK = words`Name and content`;

/** Compares the kind in the name with the format found. */
export function agreeOnFormat(report: ImageReport, claims: NameClaims, format: ImageFormatId): void {
  if (claims.kind === undefined) return;
  if (FORMATS[claims.kind].includes(format)) {
    report.ok(CHECK);
    return;
  }
  const expected = NAMED_WORDS[claims.kind];
  const actual = FORMAT_WORDS[format];
  const detail = words`the name stands for ${expected}, the content is ${actual}`;
  report.note(CHECK, "bad", detail);
  if (SELF_EVIDENT.includes(format) && claims.kind !== "boot") report.warn("name-format-differs", detail);
  else
    report.refuse("image-name-mismatch", {
      expected,
      actual,
      detail,
    });
}

/** Compares an offset in the name, and one the person gave, with where the content belongs. */
export function agreeOnOffset(
  report: ImageReport,
  claims: NameClaims,
  given: number | undefined,
  belongsAt: number,
): void {
  if (claims.offset !== undefined && claims.offset !== belongsAt) {
    const detail = words`the name says ${hexAddress(claims.offset)}, the content belongs at ${hexAddress(belongsAt)}`;
    report.note(words`Offset in the name`, "bad", detail);
    report.refuse("image-name-mismatch", { address: claims.offset, detail });
  }
  if (given !== undefined && given !== belongsAt) {
    const detail = words`this content only works at ${hexAddress(belongsAt)}`;
    report.refuse("image-wrong-offset", {
      address: given,
      expected: hexAddress(belongsAt),
      actual: hexAddress(given),
      detail,
    });
  }
}

/** Chips that run each other's builds. */
function sameBuilds(a: ChipId, b: ChipId): boolean {
  return CHIPS[a].runs.includes(b);
}

/**
 * The chips a file is for, by what its content shows. The name only adds: it chooses among what the content leaves open, and
 * speaks where the content is silent.
 */
export function agreeOnSigns(
  report: ImageReport,
  claims: NameClaims,
  signs: readonly ChipSign[],
): readonly ChipId[] | "any" {
  for (const sign of signs) report.fact(words`Chip told by`, sign.words);
  const { chips, contradicts } = chipsBySigns(signs);
  if (contradicts) report.refuse("image-wrong-chip", { detail: words`it contradicts itself: ${signWords(signs)}` });
  const named = claims.mention;
  const agreed = agreeOnChips(report, claims, chips);
  if (agreed !== "any" && chips.length > 0) {
    const chosen = named === undefined ? [] : chips.filter((id) => sameBuilds(named, id));
    return chosen.length > 0 ? chosen : chips;
  }
  if (contradicts) return "any";
  if (agreed !== "any" && named !== undefined && !isExcluded(named, signs)) {
    // A build tool's own names are as sure as what is in the file; any other may have been given to it since.
    if (claims.chip === undefined)
      report.warn("chip-by-name", words`only the name says that it is for ${named.toUpperCase()}`);
    return agreed;
  }
  report.warn(
    "chip-not-told",
    signs.length === 0
      ? words`nothing in the content tells which chip it is for`
      : words`what the content shows is not enough to tell the chip: ${signWords(signs)}`,
  );
  return "any";
}

/** Compares chips and returns those the file is for: the content's word counts more than the name's. */
export function agreeOnChips(
  report: ImageReport,
  claims: NameClaims,
  content: readonly ChipId[],
): readonly ChipId[] | "any" {
  const said = content.join("/").toUpperCase();
  if (claims.foreign !== undefined) {
    const detail = words`the name says ${claims.foreign}, the content is for a Beken chip`;
    report.note(CHECK, "bad", detail);
    report.refuse("image-name-mismatch", { expected: claims.foreign, actual: said === "" ? "Beken" : said, detail });
  }
  const named = claims.mention;
  if (named === undefined) return content.length > 0 ? content : "any";
  if (content.length === 0) return [named];
  if (content.includes(named)) {
    report.ok(words`Chip in name and content`, said);
    return content;
  }
  const detail = words`the name says ${named.toUpperCase()}, the content ${said}`;
  report.note(words`Chip in name and content`, "bad", detail);
  if (claims.chip === undefined || content.some((chip) => sameBuilds(chip, named)))
    report.warn("name-chip-differs", detail);
  else report.refuse("image-name-mismatch", { expected: named, actual: content.join("/"), detail });
  return content;
}

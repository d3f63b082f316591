/**
 * Which file to use instead of one that cannot be flashed: one of the same build that lies beside it, else the kind of
 * download, by the name its maker gives it. Never invents a file name. Looks at names only.
 */
import type { ErrorContext, FlasherErrorCode } from "../../base/errors";
import type { ChipId } from "../chips/types";
import { parseFileName, type NameClaims, type NamedKind } from "./fileName";
import type { FirmwareImage } from "./firmwareImage";

/** Refusals of a file because of what it is, where another one of the same build would do. */
const ANOTHER_WOULD_DO: ReadonlySet<FlasherErrorCode> = new Set([
  "image-ota-only",
  "image-not-flashable",
  "image-name-mismatch",
]);

/** OpenBeken offers these chips a QIO image, the others a UA one. */
const QIO_CHIPS: ReadonlySet<ChipId | undefined> = new Set<ChipId>([
  "bk7231n",
  "bk7231m",
  "bk7238",
  "bk7236",
  "bk7252n",
  "bk7258",
]);

/** @param beside names of the files in the same folder, where they are known */
export function withInstead(image: FirmwareImage, claims: NameClaims, beside: readonly string[] = []): FirmwareImage {
  const { refusal, chips } = image;
  if (refusal === undefined || !ANOTHER_WOULD_DO.has(refusal.code)) return image;
  const chip = claims.chip ?? (chips === "any" ? claims.mention : chips[0]);
  const hint = sibling(claims, chip, beside) ?? download(claims, chip);
  return hint === undefined ? image : { ...image, refusal: { ...refusal, context: { ...refusal.context, ...hint } } };
}

/** Kinds of file for a serial port, best first. */
function serialKinds({ maker, chip }: NameClaims, forChip: ChipId | undefined): readonly NamedKind[] {
  if (maker === "openbeken") return QIO_CHIPS.has(forChip) ? ["qio", "crc-app"] : ["crc-app", "qio"];
  // Beside image_<chip>_app files stands the container with the same name; the UF2 is the same once more.
  return chip === undefined ? ["uf2", "rbl-partition", "crc-app"] : ["rbl-partition", "uf2", "crc-app"];
}

function sibling(
  claims: NameClaims,
  chip: ChipId | undefined,
  beside: readonly string[],
): Pick<ErrorContext, "instead"> | undefined {
  const others = beside
    .map(parseFileName)
    .filter(({ name, build }) => name !== claims.name && build === claims.build)
    .filter((other) => other.chip === undefined || chip === undefined || other.chip === chip)
    // Of copies the one from the same download, else the original.
    .sort((a, b) => Number(b.copy === claims.copy) - Number(a.copy === claims.copy) || a.name.length - b.name.length);
  for (const kind of serialKinds(claims, chip)) {
    const other = others.find((candidate) => candidate.kind === kind);
    if (other !== undefined) return { instead: other.name };
  }
  return undefined;
}

function download({ maker }: NameClaims, chip: ChipId | undefined): Pick<ErrorContext, "download"> | undefined {
  switch (maker) {
    case "openbeken":
      return (
        chip && { download: { kind: QIO_CHIPS.has(chip) ? "openbeken-qio" : "openbeken-ua", chip: chip.toUpperCase() } }
      );
    case "esphome":
      return { download: { kind: "esphome-uf2" } };
    case "libretiny":
      return { download: { kind: "build-uf2" } };
    case undefined:
      return undefined;
  }
}

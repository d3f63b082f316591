/**
 * Re-keying: the same application for a chip with another key, made in memory from the file in hand. Says whether it can be
 * done, does it, and has the result judged by the checks every image goes through. Changes no file and knows no plan.
 */
import { ImageError } from "../../base/errors";
import { english, sameText, words, type Text, type Words } from "../../base/words";
import { formatCoefficients, keyKindOf } from "../chips/keys";
import { thumbVectors } from "../chips/thumbVectors";
import type { Coefficients, KeyState } from "../chips/types";
import { KEY_FACT, checkAppBlocks, measureApp } from "./appChecks";
import { APP_LOGICAL, APP_PHYSICAL, hasVectors } from "./appKey";
import { scramble } from "./cipher";
import type { FirmwareImage, ImageCheck, ImageFact, ImageKey, Segment } from "./firmwareImage";
import { sameKey } from "./keystream";
import {
  checkFlashRblHeader,
  describeRblHeader,
  isFlashRblHeader,
  RBL_HEADER_FLASH_SIZE,
  type RblHeader,
} from "./rblHeader";
import { verifyPartition } from "./rblPartition";
import { flashHeaderAt } from "./recogniseApp";
import { recodeApplication, recodeHeader, type Recoding } from "./recode";
import { ImageReport, isWarning, warningOf } from "./report";

export type RekeyObstacle =
  /** The file cannot be flashed over serial at all; its own refusal says why. */
  | "image-refused"
  /** There is no application in it that starts at 0x11000. */
  | "no-application"
  /** Which key the file is for cannot be told, or it is one of which only the kind is known. */
  | "image-key-unknown"
  /** Likewise for the chip. */
  | "chip-key-unknown"
  /** The file fits the chip's key as it is. */
  | "same-key";

export type RekeyVerdict =
  | ({ readonly possible: true } & Recoding)
  | { readonly possible: false; readonly why: RekeyObstacle; readonly detail: Text };

/** Whether the application in `image` can be turned into one for a chip with this key, and if not, why. */
export function canRekey(image: FirmwareImage, chipKey: Pick<KeyState, "kind" | "coefficients">): RekeyVerdict {
  const no = (why: RekeyObstacle, detail: Text): RekeyVerdict => ({ possible: false, why, detail });
  if (image.refusal) return no("image-refused", image.refusal.context.detail ?? image.refusal.code);
  if (applicationOf(image) === undefined)
    return no("no-application", words`the file has no application that starts at 0x011000`);
  const from = image.key?.coefficients;
  if (from === undefined) {
    const detail =
      image.key?.kind === "other"
        ? words`the file is for a key that cannot be worked out from it`
        : words`the file's key cannot be told`;
    return no("image-key-unknown", detail);
  }
  const to = chipKey.coefficients;
  if (to === undefined) {
    const detail =
      chipKey.kind === "other"
        ? words`the chip's key is neither Tuya's nor zero, and was not readable`
        : words`the chip's key cannot be told`;
    return no("chip-key-unknown", detail);
  }
  if (sameKey(from, to)) return no("same-key", words`the file is for the chip's key already`);
  return { possible: true, from, to };
}

/**
 * The image for a chip with this key: itself where it fits already or nothing is known to the contrary, re-keyed where not.
 * @throws ImageError `image-wrong-key` when it does not fit and cannot be re-keyed
 */
export function fitToKey(image: FirmwareImage, chipKey: Pick<KeyState, "kind" | "coefficients">): FirmwareImage {
  const verdict = canRekey(image, chipKey);
  if (verdict.possible) return rekeyImage(image, verdict.to, verdict.from);
  const { kind } = image.key ?? { kind: "unknown" };
  if (verdict.why === "same-key" || kind === "unknown" || chipKey.kind === "unknown" || kind === chipKey.kind)
    return image;
  throw new ImageError("image-wrong-key", `re-key ${image.fileName}`, {
    file: image.fileName,
    expected: keyWords(chipKey),
    actual: keyWords(image.key ?? { kind: "unknown" }),
    detail: verdict.detail,
  });
}

/**
 * Re-keys an application: mask, CRC-16s, and the RBL header's checksums where there is a header. Addresses, lengths and
 * everything that is not the application stay; boot code and over-the-air parts of a file are not among its segments.
 * @param from the key the image is for, where its own is not known
 * @returns an image like any other, whose checks are those of the result; should one fail, it is refused as corrupt
 * @throws ImageError the image's own refusal; `image-not-flashable` without an application; `image-wrong-key` when `from` is
 *   not known or not the key
 */
export function rekeyImage(
  image: FirmwareImage,
  to: Coefficients,
  from: Coefficients | undefined = image.key?.coefficients,
): FirmwareImage {
  const { fileName } = image;
  const doing = `re-key ${fileName}`;
  if (image.refusal) throw new ImageError(image.refusal.code, doing, { file: fileName, ...image.refusal.context });
  const app = applicationOf(image);
  if (app === undefined) {
    const detail = words`there is no application in it that starts at 0x011000`;
    throw new ImageError("image-not-flashable", doing, { file: fileName, detail });
  }
  if (from === undefined || !startsUnder(from, app)) {
    const detail =
      from === undefined ? words`the key it is for is not known` : words`the application does not start under that key`;
    const actual = keyWords(image.key ?? { kind: "unknown" });
    throw new ImageError("image-wrong-key", doing, { file: fileName, detail, actual });
  }
  const { application, header, segments } = recode(image, app, { from, to });
  return present(image, { from, to }, judge(image, application, header), segments);
}

function startsUnder(key: Coefficients, { data }: Segment): boolean {
  const code = scramble(data.subarray(0, 8), key, APP_LOGICAL);
  return hasVectors(code) || thumbVectors(code) !== undefined;
}

function applicationOf({ segments, key }: FirmwareImage): Segment | undefined {
  return key === undefined ? undefined : segments.find(({ address }) => address === APP_PHYSICAL);
}

interface Recoded {
  /** Flash bytes from 0x11000 on, without the header. */
  readonly application: Uint8Array;
  /** The header's 102 bytes and flash address. */
  readonly header: Segment | undefined;
  readonly segments: readonly Segment[];
}

/** The header is a segment of its own (UF2), the end of the application's (containers, dumps), or not there. */
function recode({ segments }: FirmwareImage, app: Segment, recoding: Recoding): Recoded {
  const isHeader = ({ data }: Segment): boolean => data.length === RBL_HEADER_FLASH_SIZE && isFlashRblHeader(data, 0);
  const alone = segments.find((segment) => segment !== app && isHeader(segment));
  const end = app.data.length - RBL_HEADER_FLASH_SIZE;
  const inside = alone === undefined && isFlashRblHeader(app.data, end);
  const found = inside ? { ...app, address: app.address + end, data: app.data.subarray(end) } : alone;
  const before = inside ? app.data.subarray(0, end) : app.data;
  const fields = found && flashHeaderAt(found.data, 0);
  const application = recodeApplication(before, fields, recoding);
  const header = found && { ...found, data: recodeHeader(found.data, application) };
  const whole = app.data.slice();
  whole.set(application);
  if (inside && header) whole.set(header.data, end);
  const replaced = segments.map((segment) => {
    if (segment === app) return { ...app, data: whole };
    return segment === alone && header ? header : segment;
  });
  return { application, header, segments: replaced };
}

interface Judged {
  readonly report: ImageReport;
  readonly fields: RblHeader | undefined;
}

/** The ordinary checks of an application and its header, over the new bytes. */
function judge({ fileName, format }: FirmwareImage, application: Uint8Array, header: Segment | undefined): Judged {
  const report = new ImageReport(fileName, application);
  const fields = header && flashHeaderAt(header.data, 0);
  // In a flash that was in use, old data may follow the application.
  const end = format === "full-dump" ? measureApp(application, 0).end : application.length;
  report.add(checkAppBlocks(application, 0, end, APP_PHYSICAL));
  if (header && fields) {
    report.add(...checkFlashRblHeader(header.data, header.address));
    report.add(...verifyPartition(application, fields, APP_PHYSICAL));
  }
  return { report, fields };
}

/** The image it came from, with what has changed changed. */
function present(
  image: FirmwareImage,
  { from, to }: Recoding,
  { report, fields }: Judged,
  segments: readonly Segment[],
): FirmwareImage {
  const key = keyOf(to);
  const [was, is] = [keyWords(keyOf(from)), keyWords(key)];
  const result = report.finish({
    format: image.format,
    label: words`${image.label}, re-keyed from ${was} to ${is}`,
    chips: image.chips,
    key,
    segments,
  });
  const judged = new Set(result.checks.map(({ name }) => english(name)));
  const changed: readonly ImageFact[] = [
    { name: KEY_FACT, value: words`${is}, re-keyed from ${was} to ${is}` },
    ...(fields ? describeRblHeader(fields) : []),
  ];
  return {
    ...result,
    ...(image.bootCode && { bootCode: image.bootCode }),
    fileSize: image.fileSize,
    checks: [...image.checks.filter(({ name }: ImageCheck) => !judged.has(english(name))), ...result.checks],
    warnings: [
      ...image.warnings.filter((warning) => !isWarning(warning, "key-other")),
      warningOf("re-keyed", words`from ${was} to ${is}; the file itself stays as it is`),
    ],
    details: image.details.map((fact) => changed.find(({ name }) => sameText(name, fact.name)) ?? fact),
  };
}

function keyOf(coefficients: Coefficients): ImageKey {
  return { kind: keyKindOf(coefficients), coefficients };
}

function keyWords({ kind, coefficients }: ImageKey): Words {
  const other = coefficients === undefined ? words`another key` : words`key ${formatCoefficients(coefficients)}`;
  return { tuya: words`the Tuya key`, zero: words`no key`, other, unknown: words`an unknown key` }[kind];
}

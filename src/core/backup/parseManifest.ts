/**
 * From the text of a manifest file to a manifest, field by field: such a file may be damaged, foreign, or of a newer
 * version. What it says is data about a dump; nothing of it is believed without the dump (checkManifest).
 */
import { ImageError } from "../base/errors";
import { words } from "../base/words";
import type { KeyKind } from "../beken/chips/types";
import {
  FieldError,
  LARGEST_FLASH,
  fieldsOf,
  listField,
  numberField,
  optional,
  textField,
  type Fields,
} from "./untrustedFields";
import {
  MANIFEST_FORMAT,
  MANIFEST_VERSION,
  type BackupManifest,
  type DeviceMark,
  type ManifestRange,
} from "./manifest";

/** More than a manifest of the largest flash takes. */
const LONGEST = 0x40000;
const MOST_BLOCKS = 0x4000;
const KEY_KINDS: readonly KeyKind[] = ["tuya", "zero", "other", "unknown"];

const CHIP = /^[a-z0-9]{1,16}$/;
const CRC = /^[0-9A-F]{8}$/;
const CALIBRATION = /^[0-9A-F]{16}$/;
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;
const JEDEC = /^[0-9A-F]{6}$/;
const KEY = /^[0-9a-f]{32}$/;
const MAC = /^[0-9A-F]{2}(?::[0-9A-F]{2}){5}$/;

/**
 * @param fileName for the message
 * @throws ImageError `manifest-invalid`
 */
export function parseManifest(text: string, fileName: string): BackupManifest {
  try {
    if (text.length > LONGEST) throw new FieldError(words`it is far too long`);
    return manifestOf(fieldsOf(JSON.parse(text), words`it`));
  } catch (error) {
    if (!(error instanceof FieldError || error instanceof SyntaxError)) throw error;
    const detail = error instanceof FieldError ? error.why : words`it is not JSON`;
    throw new ImageError("manifest-invalid", `read ${fileName}`, { file: fileName, detail }, { cause: error });
  }
}

function manifestOf(fields: Fields): BackupManifest {
  if (fields["format"] !== MANIFEST_FORMAT) throw new FieldError(words`it is no manifest of a backup`);
  const version = numberField(fields, "version", 1, 0xffff);
  if (version !== MANIFEST_VERSION)
    throw new FieldError(words`it is of version ${version}, and this program knows ${MANIFEST_VERSION}`);
  const ranges = rangesOf(fields);
  const total = ranges.reduce((sum, { length }) => sum + length, 0);
  return {
    format: MANIFEST_FORMAT,
    version: MANIFEST_VERSION,
    tool: textField(fields, "tool"),
    date: dateOf(fields),
    device: markOf(fields["device"]),
    chipName: optional(fields, "chipName", textField),
    family: textField(fields, "family"),
    chipIdRegister: optional(fields, "chipIdRegister", (of, name) => numberField(of, name, 0, 0xffffffff)),
    bootloaderName: optional(fields, "bootloaderName", textField),
    key: keyOf(fieldsOf(fields["key"], "key")),
    calibration: optional(fields, "calibration", (of, name) => numberField(of, name, 0, LARGEST_FLASH)),
    ranges,
    blocks: blocksOf(fieldsOf(fields["blocks"], "blocks"), total),
    crc32: textField(fields, "crc32", CRC),
  };
}

/** @throws FieldError */
export function markOf(value: unknown): DeviceMark {
  const fields = fieldsOf(value, "device");
  return {
    chip: optional(fields, "chip", (of, name) => textField(of, name, CHIP)),
    mac: optional(fields, "mac", (of, name) => textField(of, name, MAC)),
    jedecId: optional(fields, "jedecId", (of, name) => textField(of, name, JEDEC)),
    flashSize: numberField(fields, "flashSize", 1, LARGEST_FLASH),
    bootloader: optional(fields, "bootloader", (of, name) => textField(of, name, CRC)),
    calibration: optional(fields, "calibration", (of, name) => textField(of, name, CALIBRATION)),
  };
}

function dateOf(fields: Fields): string {
  const date = textField(fields, "date", DATE);
  if (Number.isNaN(Date.parse(date))) throw new FieldError(words`date is no date`);
  return date;
}

function keyOf(fields: Fields): BackupManifest["key"] {
  const kind = KEY_KINDS.find((known) => known === fields["kind"]);
  if (kind === undefined) throw new FieldError(words`key is of no known kind`);
  return { kind, coefficients: optional(fields, "coefficients", (of, name) => textField(of, name, KEY)) };
}

function rangesOf(fields: Fields): ManifestRange[] {
  let total = 0;
  return listField(fields, "ranges", 64).map((value) => {
    const range = fieldsOf(value, words`a range`);
    const start = numberField(range, "start", 0, LARGEST_FLASH);
    const length = numberField(range, "length", 1, LARGEST_FLASH - start);
    total += length;
    if (total > LARGEST_FLASH) throw new FieldError(words`ranges are more than any flash`);
    return { start, length };
  });
}

function blocksOf(fields: Fields, total: number): BackupManifest["blocks"] {
  const size = numberField(fields, "size", 0x1000, LARGEST_FLASH);
  const crcs = listField(fields, "crc32", MOST_BLOCKS);
  if (crcs.length !== Math.ceil(total / size)) throw new FieldError(words`there are not as many checksums as blocks`);
  return { size, crc32: crcs.map((_, index) => textField({ crc: crcs[index] }, "crc", CRC)) };
}

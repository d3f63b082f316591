/** Takes a stretch out of a file: as it lies there, or as a chip would read it: code without scrambling, packages unpacked, settings decrypted. */
import { alignUp, concat, hexAddress } from "../base/bytes";
import { ImageError } from "../base/errors";
import { listed, words, type Words } from "../base/words";
import { APP_PHYSICAL, inferKey } from "../beken/images/appKey";
import { scramble } from "../beken/images/cipher";
import { BLOCK_SIZE, stripCrcBlocks, toLogical } from "../beken/images/crcBlocks";
import { detectImage } from "../beken/images/detect";
import { RBL_HEADER_SIZE, hasRblMagic, isRblHeader, parseRblHeader } from "../beken/images/rblHeader";
import { UG_HEADER_SIZE, hasUgMagic, unpackOta } from "../beken/images/rblOta";
import { straighten } from "../beken/images/shift";
import { scanCode } from "../beken/images/soundCode";
import { passportOf, type Passport } from "./passport";
import { findBlocks, findKeyBlocks } from "./tuyaSearch";

export interface ExtractOptions {
  /** Name of a partition of the map, or `0xSTART+0xLENGTH`; the application without. */
  readonly partition?: string | undefined;
  /** Readable instead of as it lies in flash. */
  readonly decrypt: boolean;
}

export interface Extracted {
  /** Address in the file's flash; of what is not readable as it lies there, before that was changed. */
  readonly start: number;
  readonly end: number;
  readonly data: Uint8Array;
  readonly what: Words;
}

const RANGE = /^(0x[0-9a-f]+|\d+)\+(0x[0-9a-f]+|\d+)$/i;
const APPLICATION = "app";

/**
 * @param file a dump, an image or an update package
 * @throws ImageError `partition-not-found`, `image-corrupt`
 */
export async function extract(file: Uint8Array, name: string, options: ExtractOptions): Promise<Extracted> {
  const doing = words`extract from ${name}`;
  const image = detectImage(file, name);
  if (options.partition === undefined && (image.format === "rbl-ota" || image.format === "ug"))
    return await whole(file, options, doing);
  const [segment] = image.segments;
  const isDump = image.format === "full-dump" || image.format === "qio" || image.format === "bootloader";
  if (!isDump && options.partition === undefined && segment !== undefined) {
    const { address: start, data } = segment;
    const stretch = { start, end: start + data.length, data };
    return options.decrypt ? readable(stretch, inferKey(data), doing) : { ...stretch, what: words`application` };
  }
  const flash = straighten(file);
  const { start, end, kind } = placeOf(flash, passportOf(file), options.partition ?? APPLICATION, doing);
  const stretch = { start, end, data: flash.subarray(start, end) };
  if (!options.decrypt) return { ...stretch, what: words`as it lies in flash` };
  if (kind === "tuya-settings") return settingsIn(flash, stretch, doing);
  if (hasRblMagic(stretch.data) || hasUgMagic(stretch.data)) return await unpacked(stretch, doing);
  return readable(stretch, keyFor(flash, start), doing);
}

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly data: Uint8Array;
}

async function whole(file: Uint8Array, { decrypt }: ExtractOptions, doing: Words): Promise<Extracted> {
  const stretch = { start: 0, end: file.length, data: file };
  return decrypt ? await unpacked(stretch, doing) : { ...stretch, what: words`the package as it is` };
}

function placeOf(
  flash: Uint8Array,
  { partitions }: Passport,
  wanted: string,
  doing: Words,
): { readonly start: number; readonly end: number; readonly kind: string } {
  const range = RANGE.exec(wanted);
  if (range) {
    const start = Number(range[1]);
    const end = start + Number(range[2]);
    // A partition by its addresses is that partition.
    const part = partitions.find((each) => each.start === start && Math.min(each.end, flash.length) === end);
    if (end > start && end <= flash.length) return { start, end, kind: part?.holds.kind ?? "range" };
    const detail = words`the file ends at ${hexAddress(flash.length)}`;
    throw new ImageError("partition-not-found", doing, { address: start, detail });
  }
  const found = partitions.find(({ name }) => name === wanted) ?? partitions.find(({ holds }) => holds.kind === wanted);
  if (found && found.start < flash.length)
    return { start: found.start, end: Math.min(found.end, flash.length), kind: found.holds.kind };
  const names = [...new Set(partitions.map(({ name }) => name).filter((name) => name !== ""))];
  const detail =
    names.length > 0 ? words`the file has ${listed(names)}, and no "${wanted}"` : words`the file has no partitions`;
  throw new ImageError("partition-not-found", doing, { detail });
}

/** Boot code and application have one key; where only one of them shows it, it is taken for both. */
function keyFor(flash: Uint8Array, start: number): ReturnType<typeof inferKey> {
  const own = inferKey(flash.subarray(start), toLogical(alignUp(start, BLOCK_SIZE)));
  if (own.coefficients) return own;
  const app = inferKey(flash.subarray(APP_PHYSICAL));
  return app.coefficients ? app : inferKey(flash, 0);
}

/** Code as the processor sees it, from the start of the stretch to where its blocks end. */
function readable(
  { start, end, data }: Stretch,
  { coefficients }: ReturnType<typeof inferKey>,
  doing: Words,
): Extracted {
  // Blocks lie one behind the other from the start of the flash: a stretch can begin amid one.
  const first = alignUp(start, BLOCK_SIZE) - start;
  const { end: codeEnd, blocks } = scanCode(data, first);
  if (blocks === 0 || coefficients === undefined) {
    const detail =
      blocks === 0 ? words`it holds no code, no package and no settings` : words`the key of its code is not known`;
    throw new ImageError("image-not-readable", doing, { address: start, detail });
  }
  const stripped = stripCrcBlocks(data.subarray(first, codeEnd));

  return { start, end, data: scramble(stripped, coefficients, toLogical(start + first)), what: words`plain code` };
}

async function unpacked({ start, end, data }: Stretch, doing: Words): Promise<Extracted> {
  const bytes = hasUgMagic(data) ? data.subarray(UG_HEADER_SIZE) : data;
  const isWhole = isRblHeader(bytes);
  const length = isWhole ? RBL_HEADER_SIZE + parseRblHeader(bytes).dataSize : 0;
  const { payload, findings } = await unpackOta(bytes.subarray(0, length));
  if (payload) return { start, end, data: payload, what: words`the application of an update package, unpacked` };
  const bad = findings.find(({ verdict }) => verdict !== "ok");
  throw new ImageError("image-not-readable", doing, {
    address: start,
    detail: bad?.detail ?? words`the update package is damaged`,
  });
}

function settingsIn(flash: Uint8Array, { start, end }: Stretch, doing: Words): Extracted {
  const run = findBlocks(flash, findKeyBlocks(flash));
  if (run === undefined)
    throw new ImageError("image-not-readable", doing, { detail: words`the settings do not decrypt` });
  const data = concat(...run.blocks.map(({ plain }) => plain));
  return { start, end, data, what: words`the blocks of Tuya's settings, decrypted` };
}

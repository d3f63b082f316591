/** Content that gives itself away by fixed bytes: rows of where, which bytes, what it is. Sources: the formats' own public specifications. */
import { ascii, equalBytes, fromHex } from "../../base/bytes";
import { words, type Words } from "../../base/words";
import {
  DOWNLOAD_AGAIN,
  FOR_THIS_CHIP,
  NOT_A_FILE_OF_A_BUILD,
  UNPACK,
  type ArchiveKind,
  type ForeignContent,
} from "./foreignKinds";
import { isTar } from "./tar";

interface Row {
  readonly at?: number;
  /** In hexadecimal. */
  readonly bytes: string;
  readonly label: Words;
  readonly cure: Words;
  readonly archive?: ArchiveKind;
}

const hexOf = (text: string): string => Array.from(ascii(text), (byte) => byte.toString(16).padStart(2, "0")).join("");

const archive = (bytes: string, name: string, kind?: ArchiveKind): Row => ({
  bytes,
  label: words`${name} archive`,
  cure: UNPACK,
  ...(kind !== undefined && { archive: kind }),
});

const program = (bytes: string, label: Words): Row => ({ bytes, label, cure: NOT_A_FILE_OF_A_BUILD });

const document = (bytes: string, label: Words, at = 0): Row => ({ at, bytes, label, cure: DOWNLOAD_AGAIN });

const system = (bytes: string, label: Words): Row => ({ bytes, label, cure: FOR_THIS_CHIP });

const MACH_O = words`macOS or Java program`;
const CAPTURE = words`network capture`;
const FILM = words`sound or film`;

const ROWS: readonly Row[] = [
  archive("504b0304", "ZIP", "zip"),
  archive("504b0506", "ZIP", "zip"),
  archive("504b0708", "ZIP", "zip"),
  archive("1f8b08", "gzip", "gzip"),
  archive("377abcaf271c", "7z"),
  archive("fd377a585a00", "xz"),
  archive("28b52ffd", "Zstandard"),
  archive("04224d18", "LZ4"),
  archive("526172211a07", "RAR"),
  archive("4d53434600000000", "CAB"),
  archive(hexOf("!<arch>\n"), "ar"),
  archive(hexOf("LZIP"), "lzip"),
  archive(hexOf("070701"), "cpio"),
  archive(hexOf("070702"), "cpio"),
  archive(hexOf("070707"), "cpio"),
  archive("1f9d90", "compress"),
  program("cafebabe", MACH_O),
  program("feedface", MACH_O),
  program("feedfacf", MACH_O),
  program("cefaedfe", MACH_O),
  program("cffaedfe", MACH_O),
  program("0061736d01000000", words`WebAssembly program`),
  program(hexOf("SQLite"), words`SQLite database`),
  program("4c0000000114020000000000c000000000000046", words`Windows shortcut`),
  program(
    "0005160700020000",
    words`macOS companion file (AppleDouble), which belongs to another file of nearly the same name`,
  ),
  program("0000000142756431", words`macOS folder settings (.DS_Store)`),
  document(hexOf("%PDF-"), words`PDF document`),
  document("89504e470d0a1a0a", words`PNG picture`),
  document("ffd8ffe0", words`JPEG picture`),
  document("ffd8ffe1", words`JPEG picture`),
  document("ffd8ffdb", words`JPEG picture`),
  document("ffd8ffee", words`JPEG picture`),
  document(hexOf("GIF8"), words`GIF picture`),
  document("d0cf11e0a1b11ae1", words`Microsoft Office document`),
  document("49443303", FILM),
  document(hexOf("ftyp"), FILM, 4),
  document("1a45dfa3", FILM),
  document("d4c3b2a1", CAPTURE),
  document("a1b2c3d4", CAPTURE),
  document("4d3cb2a1", CAPTURE),
  document("0a0d0d0a", CAPTURE),
  document(hexOf("CD001"), words`CD or DVD image`, 0x8001),
  system("27051956", words`U-Boot image of a router or another Linux device`),
  system(hexOf("hsqs"), words`SquashFS image of a Linux device`),
  system(hexOf("HDR0"), words`TRX image of a router`),
  system("d00dfeed", words`device tree of a Linux device`),
  system("1ef1ee0b", words`Zigbee over-the-air image`),
  system("3db8f396", words`MCUboot image for another maker's chip`),
  system(hexOf("DfuSe"), words`DFU image for STM32`),
  system(hexOf("UBI#"), words`UBI image of a Linux device`),
  system("eb17a603", words`Silicon Labs bootloader image (GBL)`),
];

function holds(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  return bytes.length >= at + wanted.length && equalBytes(bytes.subarray(at, at + wanted.length), wanted);
}

const COMPILED = ROWS.map((row) => ({ row, wanted: fromHex(row.bytes) }));

export function magicOf(bytes: Uint8Array): ForeignContent | undefined {
  if (holds(bytes, 0, fromHex("7f454c46")))
    return { label: words`ELF program`, cure: NOT_A_FILE_OF_A_BUILD, elf: true };
  const found = COMPILED.find(({ row, wanted }) => holds(bytes, row.at ?? 0, wanted))?.row;
  if (found !== undefined) {
    const { label, cure, archive: kind } = found;
    return { label, cure, ...(kind !== undefined && { archive: kind }) };
  }
  if (isBzip2(bytes)) return { label: words`${"bzip2"} archive`, cure: UNPACK };
  if (isWindowsProgram(bytes)) return { label: words`Windows program`, cure: NOT_A_FILE_OF_A_BUILD };
  if (isRiff(bytes)) return { label: words`picture, sound or film`, cure: DOWNLOAD_AGAIN };
  if (isBitmap(bytes)) return { label: words`BMP picture`, cure: DOWNLOAD_AGAIN };
  if (isTar(bytes)) return { label: words`${"tar"} archive`, cure: UNPACK, archive: "tar" };
  return undefined;
}

/** "BZh", a level, then the first block's magic or that of an empty archive's end. */
function isBzip2(bytes: Uint8Array): boolean {
  const level = bytes[3] ?? 0;
  if (!holds(bytes, 0, ascii("BZh")) || level < 0x31 || level > 0x39) return false;
  return holds(bytes, 4, fromHex("314159265359")) || holds(bytes, 4, fromHex("177245385090"));
}

/** "MZ" alone is two bytes of chance: the header it points to must be there, or the text every such program carries. */
function isWindowsProgram(bytes: Uint8Array): boolean {
  if (!holds(bytes, 0, ascii("MZ")) || bytes.length < 0x40) return false;
  const at = (bytes[0x3c] ?? 0) + 0x100 * (bytes[0x3d] ?? 0) + 0x10000 * (bytes[0x3e] ?? 0);
  return holds(bytes, at, fromHex("50450000")) || holds(bytes, 0x4e, ascii("This"));
}

function isRiff(bytes: Uint8Array): boolean {
  return holds(bytes, 0, ascii("RIFF")) && ["WEBP", "WAVE", "AVI "].some((kind) => holds(bytes, 8, ascii(kind)));
}

/** "BM", and its own length in the header. */
function isBitmap(bytes: Uint8Array): boolean {
  if (!holds(bytes, 0, ascii("BM")) || bytes.length < 54) return false;
  const length = (bytes[2] ?? 0) + 0x100 * (bytes[3] ?? 0) + 0x10000 * (bytes[4] ?? 0) + 0x1000000 * (bytes[5] ?? 0);
  return length === bytes.length && holds(bytes, 6, new Uint8Array(4));
}

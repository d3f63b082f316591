/** What a firmware file turned out to be. Plain data; addresses are physical flash addresses in bytes. */
import type { FlasherErrorCode, ErrorContext } from "../../base/errors";
import type { Text, Words } from "../../base/words";
import type { ChipId, ChipSign, KeyKind, Coefficients } from "../chips/types";

export type ImageFormatId =
  /** LibreTiny partition container: application with CRC-16 blocks, FF filler, RBL header at the end. */
  | "rbl-partition"
  /** Application with CRC-16 blocks alone (LibreTiny `.crc`, OpenBeken UA). */
  | "crc-app"
  /** The 102 bytes of an RBL header alone (LibreTiny `.rblh`). */
  | "rbl-header"
  | "uf2"
  /** Over-the-air RBL container: header first. */
  | "rbl-ota"
  /** Tuya over-the-air wrapper around an OTA RBL. */
  | "ug"
  /** Bootloader and application from address 0 (OpenBeken QIO). */
  | "qio"
  /** A whole flash read back. */
  | "full-dump"
  | "bootloader"
  /** Plain ARM code: neither encrypted nor interleaved with CRC-16. */
  | "raw-app"
  | "elf"
  /** Firmware of another chip maker, or no firmware at all: recognised to be refused by name. */
  | "foreign"
  /** Nothing known; needs an explicit address to be written. */
  | "raw";

export interface Segment {
  readonly address: number;
  readonly data: Uint8Array;
  /** What these bytes are ("application", "RBL header"). */
  readonly from: Words;
}

export interface BootCodePart {
  readonly data: Uint8Array;
  readonly key: ImageKey;
}

/** One thing that was checked: CRC, hash, sequence, name against content. */
export interface ImageCheck {
  readonly name: Words;
  readonly verdict: "ok" | "bad" | "skipped";
  readonly detail?: Text;
}

/** One fact that a file tells of itself, for display. */
export interface ImageFact {
  readonly name: Words;
  readonly value: Text;
}

export interface ImageKey {
  readonly kind: KeyKind;
  readonly coefficients?: Coefficients;
}

export interface Refusal {
  readonly code: FlasherErrorCode;
  readonly context: ErrorContext;
}

export interface FirmwareImage {
  readonly format: ImageFormatId;
  /** For people: "LibreTiny application container for BK7231T". */
  readonly label: Words;
  readonly fileName: string;
  readonly fileSize: number;
  /** Chips the file itself names, by name or content; "any" when it names none. */
  readonly chips: readonly ChipId[] | "any";
  /** What in the content tells the chip. */
  readonly signs?: readonly ChipSign[] | undefined;
  /** Key of the application inside; undefined when there is none. */
  readonly key: ImageKey | undefined;
  /** Boot code that the file has besides, from flash address 0 up to the application; written only where that is asked for. */
  readonly bootCode?: BootCodePart | undefined;
  /** What to write where for a serial flash; empty when `refusal` is set. */
  readonly segments: readonly Segment[];
  /** Why this file cannot be flashed over serial as it is. */
  readonly refusal: Refusal | undefined;
  readonly checks: readonly ImageCheck[];
  /** Things a person should know: a code of the user guide, then the facts. */
  readonly warnings: readonly Words[];
  /** Facts in order for display: header fields, tags, board, version, dates. */
  readonly details: readonly ImageFact[];
}

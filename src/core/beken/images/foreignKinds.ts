/** What content that is no firmware can be told as, and how to get at what was meant, in sentences that several kinds share. */
import { words, type Words } from "../../base/words";

/** An archive this program opens itself. */
export type ArchiveKind = "zip" | "gzip" | "tar";

export interface ForeignContent {
  /** "ZIP archive". */
  readonly label: Words;
  /** How to get at what was meant. */
  readonly cure: Words;
  readonly archive?: ArchiveKind;
  /** Firmware of another maker's chip, by the chip's name. */
  readonly maker?: string;
  /** The debug-information form of a build. */
  readonly elf?: true;
}

export const UNPACK = words`unpack it and take the firmware out of it: firmware.uf2, an .rbl or .crc file, a QIO or UA file`;
export const DOWNLOAD_AGAIN = words`download the firmware itself: on a page that shows files use its download or raw link, and check that nobody had to log in`;
export const NOT_A_FILE_OF_A_BUILD = words`take a file that a build or a maker of firmware made for these chips, such as firmware.uf2`;
export const DECODE = words`decode it to binary first, or download the binary file`;
export const FOR_THIS_CHIP = words`choose the download or the board for a Beken chip`;

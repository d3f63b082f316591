/** What files are, in words for people; the ids are for programs. */
import { words, type Words } from "../../base/words";
import type { NamedKind } from "./fileName";
import type { ImageFormatId } from "./firmwareImage";

export const FORMAT_WORDS: Readonly<Record<ImageFormatId, Words>> = {
  "rbl-partition": words`application in an RBL container (.rbl)`,
  "crc-app": words`application with checksums (.crc, UA)`,
  "rbl-header": words`header of an RBL container (.rblh)`,
  uf2: words`LibreTiny's UF2 (.uf2)`,
  "rbl-ota": words`RBL container for updates over the air`,
  ug: words`Tuya update package (.ug.bin)`,
  qio: words`boot code and application (QIO)`,
  "full-dump": words`copy of a whole flash`,
  bootloader: words`boot code`,
  "raw-app": words`plain code`,
  elf: words`program for a debugger (ELF)`,
  foreign: words`no firmware of these chips`,
  raw: words`raw data`,
};

/** What a name stands for. */
export const NAMED_WORDS: Readonly<Record<NamedKind, Words>> = {
  ...FORMAT_WORDS,
  rbl: words`RBL container (.rbl)`,
  boot: FORMAT_WORDS.bootloader,
  diff2ya: words`update by differences (.diff2ya)`,
};

/** What the notes of a job say, for every surface. Where one ends with a colon, the facts in its context always follow. */
import { words, type Words } from "../base/words";
import type { NoteCode } from "./driverEvents";

export const NOTE_WORDS: Readonly<Record<NoteCode, Words>> = {
  "control-lines-unavailable": words`This adapter cannot reset the chip; power-cycle it by hand when asked.`,
  "lines-raised": words`This system raises DTR and RTS for a moment whenever it opens this port; they are let go of at once. Where one of them is wired to the chip's reset, the chip restarts then.`,
  "reset-line-held": words`This line holds the chip in reset while it is released, so it is kept asserted:`,
  "baud-fallback": words`That speed did not work; trying a lower one.`,
  "baud-fixed": words`This connection keeps its own speed.`,
  "line-loses-bytes": words`The line loses bytes at every speed; going on slowly, with less at a time and more tries.`,
  retry: words`An answer was lost; trying again.`,
  repair: words`A sector came out wrong; doing it again.`,
  "needs-reset": words`The chip must be reset before it can be written.`,
  "unknown-bootloader": words`This bootloader is in no table; that changes nothing.`,
  unprotected: words`Lifted the write protection of the flash.`,
  "image-warning": words`About the file:`,
  "key-unknown": words`The encryption key of the chip or of the file could not be told, so they were not compared.`,
  "boot-area-read-refused": words`The chip keeps its boot code to itself; that changes nothing.`,
  resumed: words`Going on where an interrupted job stopped:`,
  "since-backup": words`Only what changed since an earlier backup of this device is read:`,
  reprotected: words`The write protection of the flash is back as it was.`,
  "protection-in-doubt": words`An interrupted write has lifted the write protection of this flash, or of another of its kind, and nothing tells of which: it stays as it is. Firmware usually sets it again when it starts. The journal that tells of it, which can be deleted:`,
  "locked-until-reset": words`The chip was asked for a checksum: until it is reset, it ignores writing by other tools.`,
  "reprotect-failed": words`The write protection of the flash could not be set again; the device works without it:`,
  "adapter-lost": words`The adapter went away. Plug it in again, wherever you like: the job goes on by itself.`,
  "adapter-back": words`The adapter is back, and the job goes on:`,
  compared: words`Compared with the chip:`,
  "outside-changed": words`A place outside the plan is not what it was before; if the device misbehaves, restore the backup:`,
  "option-unused": words`Something that was asked for makes no difference here:`,
  "chip-unmarked": words`Nothing of its own tells this chip from another of its kind: it is compared by what it holds, and all that was written is proven again.`,
  "chip-inferred": words`Make a backup first, and please tell how this chip fares:`,
  "stray-possible": words`A command may have gone to another place; if that was in use before the job, restore the backup:`,
};

/** What the notes of a job say, in English; part of the texts of strings.ts. */
import type { NoteCode } from "../core/flash/events";

export const note = {
  "control-lines-unavailable": "This adapter cannot reset the chip; power-cycle it by hand when asked.",
  "baud-fallback": "That speed did not work; trying a lower one.",
  "baud-fixed": "This connection keeps its own speed.",
  retry: "An answer was lost; trying again.",
  repair: "A sector came out wrong; doing it again.",
  "needs-reset": "The chip must be reset before it can be written.",
  "unknown-bootloader": "This bootloader is in no table; that changes nothing.",
  unprotected: "Lifted the write protection of the flash.",
  "image-warning": "About the file:",
  "key-unknown": "The encryption key of the chip or of the file could not be told, so they were not compared.",
  "boot-area-read-refused": "The chip keeps its boot code to itself; that changes nothing.",
  resumed: "Going on where an interrupted job stopped.",
  "since-backup": "Only what changed since an earlier backup of this device is read.",
  reprotected: "The write protection of the flash is back as it was.",
  "locked-until-reset": "The chip was asked for a checksum: until it is reset, it ignores writing by other tools.",
  "reprotect-failed": "The write protection of the flash could not be set again; the device works without it.",
  "adapter-lost": "The adapter was gone for a while.",
  "adapter-back": "The adapter came back, and the job went on.",
  "outside-changed":
    "A place outside the plan is not what it was before. If the device misbehaves, restore the backup.",
  "stray-possible": "An answer named another place, which is blank now. If it was not before, restore the backup.",
} satisfies Record<NoteCode, string>;

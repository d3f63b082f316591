/** English: the language that the core's texts are written in. */
import { GUIDE_PATH } from "../../core/base/guideLinks";
import { STATUS_BYTES } from "../../core/base/statusBytes";
import { english } from "../../core/base/words";
import { EXPLANATIONS } from "./explanations";
import type { Language } from "../language";
import { IMAGE_WARNINGS, NOTE_EXPLANATIONS, RESTORE_WARNINGS } from "./notes";

export const ENGLISH: Language = {
  id: "en",
  terms: [],
  letters: /[a-z]/i,
  sentence: /^[A-Z].*[.)]$/,
  guide: {
    path: GUIDE_PATH,
    command: /\*Beken: ([^*]+)\*/g,
    say: english,
    advise: (sentence) => sentence,
    explanations: EXPLANATIONS,
    notes: NOTE_EXPLANATIONS,
    imageWarnings: IMAGE_WARNINGS,
    restoreWarnings: RESTORE_WARNINGS,
    statusMeanings: Object.fromEntries(Object.entries(STATUS_BYTES).map(([value, { means }]) => [value, means])),
    labels: {
      seen: "*Seen:*",
      means: "*Means:*",
      betweenSentences: " ",
      beforeRemark: "; ",
      statusHead: ["Value", "Seen", "Means", "Do"],
      nothingToDo: "Nothing.",
      report: "report",
      fillHead: ["Of", "Nothing but FF: blank", "Nothing but 00"],
      lengths: [
        "256 bytes, the start of flash",
        "257 bytes, the fingerprint of chips with a ROM loader",
        "a sector, 4 KiB",
        "a block, 64 KiB",
        "a whole flash of 2 MiB",
      ],
      crcHead: ["The chip's CRC is", "Means, and what to do"],
      nothingHashed: "Nothing was hashed: loaders hash whole pages of 256 bytes only.",
      ofBlank: "that of blank flash",
      ofZeros: "that of zeros",
      bootCodeHead: ["CRC-32 of the first 256 bytes", "of the first 257", "Boot code", "On"],
      noteHead: ["Note", "What it means"],
      warningHead: ["Warning", "What it means"],
    },
  },
};

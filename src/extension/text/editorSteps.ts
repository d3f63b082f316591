/**
 * Advice of the core as it reads in the editor: where a sentence names an option of the command line, this names the button,
 * question or setting that does the same here. A test holds every such sentence to have its row.
 */
import { t } from "./l10n";

/** The sentence here, from whether the page has the button that re-encrypts; undefined where the advice is for the command line alone. */
type InEditor = (canRekey: boolean) => string | undefined;

const nothing: InEditor = () => undefined;

/** By what is theirs alone in the core's sentences, in English. */
const STEPS: readonly (readonly [RegExp, InEditor])[] = [
  [/compared the same way \(--rekey/, nothing],
  [
    /--even-if-chip-unknown/,
    () => t("Only if you are sure that it is of such a chip: try again, and agree to it when you are asked."),
  ],
  // Where it can be done it is the step before all others: errorView.
  [/where that is offered \(--rekey/, nothing],
  [
    /--at and the address/,
    () => t("To write raw data on purpose, give the address it belongs to when you are asked for it."),
  ],
  [/--at 0x132000/, () => t("Or choose Write It for the Boot Code to Unpack, where that is offered for the file.")],
  [
    /--no-backup/,
    () => t("If the flash is known to be empty, turn the setting beken.backUpBeforeFirstWrite off for this write."),
  ],
  [/^Or run it at a terminal/, nothing],
  [
    /--even-if-damaged/,
    () => t("Only if there is no other: try again, and agree to it when you are asked. The device may not start."),
  ],
  [
    /then allow it \(.*--allow-bootloader/,
    () => t("Only if you really mean to replace the boot code: make a backup, then use Bring Back Boot Code."),
  ],
  [/--allow-bootloader and the name/, () => t("Try again, and type the name exactly as the question shows it.")],
  [/BEKEN_BACKUPS/, () => t("Make room, or choose a folder on another disk in the setting beken.backupFolder.")],
  [
    /^Run the same command again/,
    () => t("Press Try Again: what was read and stored before is kept, and it goes on from there."),
  ],
  [/beken-flasher approve/, () => t("Ask again: the editor shows the plan and asks you.")],
  [/\(--ledger\)/, () => t("Give the round a ledger of its own, under another name.")],
  [/^Run inspect on/, () => t("Inspect the file: it lists the partitions.")],
  [/use flash with this file/, () => t("Firmware is flashed, not restored: choose Flash to Device for this file.")],
  [
    /--only-bootloader/,
    () =>
      t(
        "First press Bring Back Boot Code, with a backup of this device, or with a QIO image or a backup of another device with the same chip and key.",
      ),
  ],
  [
    /command line: --rekey\)/,
    (canRekey) =>
      canRekey
        ? t("Or use a file that was built for this chip's key.")
        : t("Use a file that was built for this chip's key."),
  ],
  [
    /--allow-bootloader and the chip's name/,
    () =>
      t(
        "This file brings boot code for this chip along: try again, and type the chip's name when you are asked, to have it written too.",
      ),
  ],
  [
    /--even-if-it-cannot-start/,
    () => t("To write it all the same, try again and agree to that when you are asked. Nothing was changed yet."),
  ],
];

/** @returns the sentence to show; undefined where there is none, and the core's own where it names nothing of the command line */
export function stepInEditor(sentence: string, values: readonly string[], canRekey: boolean): string | undefined {
  const [, here] = STEPS.find(([mark]) => mark.test(sentence)) ?? [];
  return here === undefined ? t(sentence, ...values) : here(canRekey);
}

/**
 * A change of the boot code in the editor: the chip's name typed into a box, and a copy of what is there in a file that
 * stays. When it is asked for, and what else it takes, is the core's to say.
 */
import * as vscode from "vscode";
import type { BootloaderConsent, Words } from "../../core/index";
import { createFile, folderOf, nameOf, readFirmware } from "../platform/firmwareFiles";
import { say, t } from "../text/l10n";
import { inform } from "../platform/shownMessages";
import { timeStamp } from "../../storage/backupNames";
import { backupFolder } from "../jobs/backupPlaces";
import type { Services } from "../services";

/** What the job was asked for: boot code itself, or something that may have it besides, where Escape leaves it out. */
export type BootCodeOccasion = "asked" | "flash" | "restore";

/** @param file what is written; the copy goes beside it where no backup folder is set */
export function bootloaderConsent(
  { settings }: Services,
  file: vscode.Uri,
  occasion: BootCodeOccasion,
): BootloaderConsent {
  const folder = backupFolder(settings.backupFolder) ?? folderOf(file);
  return {
    async confirm({ name, trouble, signal }) {
      const place = folder.scheme === "file" ? folder.fsPath : folder.toString();
      const ended = new vscode.CancellationTokenSource();
      const end = (): void => ended.cancel();
      signal.addEventListener("abort", end, { once: true });
      try {
        return await vscode.window.showInputBox(
          {
            title: t("Replace the boot code of the {0}", name),
            prompt: promptFor(occasion, place, name, trouble),
            placeHolder: name,
            ignoreFocusOut: true,
            validateInput: (text) => (text.trim() === name ? undefined : t("Type {0} exactly", name)),
          },
          ended.token,
        );
      } finally {
        signal.removeEventListener("abort", end);
        ended.dispose();
      }
    },
    async save(bytes, chip) {
      const now = new Date();
      // A job that is resumed at once stores its own copy within the same second.
      const stamp = `${timeStamp(now)}-${String(now.getMilliseconds()).padStart(3, "0")}`;
      const name = `bootloader-${chip.chip?.id ?? "unknown"}-${stamp}.bin`;
      const copy = vscode.Uri.joinPath(folder, name);
      await createFile(copy, bytes);
      void inform(t("The boot code as it was is in {0}.", nameOf(copy)));
      return (await readFirmware(copy)).bytes;
    },
  };
}

function promptFor(occasion: BootCodeOccasion, place: string, name: string, trouble: Words | undefined): string {
  if (occasion === "restore")
    return t(
      "The boot code of the backup is not the one on the chip. Restore it too? A copy of what is there goes to {0} first. Type {1} to restore it; Escape restores everything but the boot code.",
      place,
      name,
    );
  if (occasion === "flash" && trouble !== undefined)
    return t(
      "The chip would not start: {0}. The file brings boot code for it along. A copy of what is there goes to {1} first. Type {2} to write it too; Escape leaves it out.",
      say(trouble),
      place,
      name,
    );
  return t(
    "The file reaches below 0x011000, where the boot code is. A copy of what is there goes to {0} first. Type {1} to go on.",
    place,
    name,
  );
}

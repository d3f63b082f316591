/**
 * A change of the boot code in the editor: the chip's name typed into a box, and a copy of what is there in a file that
 * stays. When it is asked for, and what else it takes, is the core's to say.
 */
import * as vscode from "vscode";
import type { BootloaderConsent } from "../../core/index";
import { createFile, folderOf, nameOf, readFirmware } from "../platform/firmwareFiles";
import { t } from "../text/l10n";
import { inform } from "../platform/shownMessages";
import { backupFolder, timeStamp } from "../jobs/backupPlaces";
import type { Services } from "../services";

/**
 * @param file what is written; the copy goes beside it where no backup folder is set
 * @param offered true for a restore, where nobody asked for the boot code: Escape leaves it as it is
 */
export function bootloaderConsent({ settings }: Services, file: vscode.Uri, offered: boolean): BootloaderConsent {
  const folder = backupFolder(settings.backupFolder) ?? folderOf(file);
  return {
    offered,
    async confirm({ name, signal }) {
      const place = folder.scheme === "file" ? folder.fsPath : folder.toString();
      const ended = new vscode.CancellationTokenSource();
      const end = (): void => ended.cancel();
      signal.addEventListener("abort", end, { once: true });
      try {
        return await vscode.window.showInputBox(
          {
            title: t("Replace the boot code of the {0}", name),
            prompt: offered
              ? t(
                  "The boot code of the backup is not the one on the chip. Restore it too? A copy of what is there goes to {0} first. Type {1} to restore it; Escape restores everything but the boot code.",
                  place,
                  name,
                )
              : t(
                  "The file reaches below 0x011000, where the boot code is. A copy of what is there goes to {0} first. Type {1} to go on.",
                  place,
                  name,
                ),
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
      const name = `bootloader-${chip.chip?.id ?? "unknown"}-${timeStamp(new Date())}.bin`;
      const copy = vscode.Uri.joinPath(folder, name);
      await createFile(copy, bytes);
      void inform(t("The boot code as it was is in {0}.", nameOf(copy)));
      return (await readFirmware(copy)).bytes;
    },
  };
}

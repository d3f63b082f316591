/** What a person does with a backup that is kept: another name, away with it and back, where it lies, what differs from another. */
import * as vscode from "vscode";
import { passportOf, type NamedFile } from "../../core/index";
import { renameBackup } from "../../storage/backups";
import { createFile, exists, nameOf, readFirmware, reveal } from "../platform/firmwareFiles";
import { files, placeOf } from "../platform/places";
import { ask, inform } from "../platform/shownMessages";
import { manifestOf } from "../jobs/backupPlaces";
import { say, t } from "../text/l10n";
import { showError } from "../platform/showError";
import { chooseOther } from "./dumpParts";
import { pickKnownBackup } from "./pickBackup";
import type { Services } from "../services";

export async function renameKept({ journal }: Services, uri: vscode.Uri): Promise<void> {
  const name = nameOf(uri);
  const wanted = await vscode.window.showInputBox({
    title: t("Rename Backup"),
    prompt: t("Another name for {0}. Its manifest goes with it.", name),
    value: name,
    valueSelection: [0, Math.max(0, name.lastIndexOf("."))],
    ignoreFocusOut: true,
    validateInput: (text) => problemOf(text.trim()),
  });
  const other = wanted?.trim();
  if (other === undefined || other === name) return;
  try {
    const from = placeOf(uri);
    const to = files.join(files.folderOf(from), other);
    await renameBackup(files, from, to);
    if (journal.savedBackups.includes(from)) await journal.rememberBackup(to);
    journal.backupsChanged();
  } catch (error) {
    await showError(error);
  }
}

/** Names that some file system or other does not take. */
function problemOf(name: string): string | undefined {
  const isName = name !== "" && !/[\\/:*?"<>|\p{Cc}]/u.test(name) && !/^\.|[. ]$/.test(name);
  return isName ? undefined : t('A name without \\ / : * ? " < > | and without a dot at its ends');
}

/** To the trash where there is one. Undo brings both files back under their names, for as long as the message is there. */
export async function deleteKept(services: Services, uri: vscode.Uri): Promise<void> {
  const { journal } = services;
  const manifest = manifestOf(uri);
  const name = nameOf(uri);
  try {
    const kept = [
      { uri: manifest, bytes: (await exists(manifest)) ? (await readFirmware(manifest)).bytes : undefined },
      { uri, bytes: (await readFirmware(uri)).bytes },
    ];
    const isLast = await isTheOnlyOne(services, uri);
    // The dump first: a manifest alone is no backup, a dump without one is of no device.
    const useTrash = await removed(uri);
    if (useTrash === undefined) return;
    if (kept[0]?.bytes) await vscode.workspace.fs.delete(manifest, { useTrash });
    journal.backupsChanged();
    const undo = t("Undo");
    const told = isLast ? t("Deleted: {0}. It was the only backup of its device.", name) : t("Deleted: {0}.", name);
    if ((await inform(told, undo)) !== undo) return;
    for (const file of kept) if (file.bytes && !(await exists(file.uri))) await createFile(file.uri, file.bytes);
    journal.backupsChanged();
  } catch (error) {
    journal.backupsChanged();
    await showError(error);
  }
}

async function isTheOnlyOne({ shelf }: Services, uri: vscode.Uri): Promise<boolean> {
  const all = await shelf.all();
  const own = all.find(({ path }) => path === placeOf(uri));
  const mac = own?.manifest.device.mac;
  return mac !== undefined && mac !== null && all.filter(({ manifest }) => manifest.device.mac === mac).length === 1;
}

/** Whether it went to the trash; undefined where the person would rather keep it than have it gone for good. */
async function removed(uri: vscode.Uri): Promise<boolean | undefined> {
  try {
    await vscode.workspace.fs.delete(uri, { useTrash: true });
    return true;
  } catch {
    const forGood = t("Delete for Good");
    const detail = t("It can be brought back by Undo as long as the message after it is there.");
    const question = t("{0} cannot be moved to a trash here. Delete it for good?", nameOf(uri));
    if ((await ask(true, question, detail, forGood)) !== forGood) return undefined;
    await vscode.workspace.fs.delete(uri, { useTrash: false });
    return false;
  }
}

/** Where it lies is where it is given away from: what is private in it is said before. */
export async function revealKept(uri: vscode.Uri): Promise<void> {
  try {
    const { private: found } = passportOf((await readFirmware(uri)).bytes);
    const goOn = t("Show in Folder");
    if (found.length > 0) {
      const detail = [...found.map(say), "", t("Do not give it to anybody as it is.")].join("\n");
      if ((await ask(true, t("{0} holds private content.", nameOf(uri)), detail, goOn)) !== goOn) return;
    }
    await reveal(placeOf(uri));
  } catch (error) {
    await showError(error);
  }
}

/** Shown in the image viewer. */
export async function compareKept(
  services: Services,
  uri: vscode.Uri,
  show: (uri: vscode.Uri, other: NamedFile) => Promise<void>,
): Promise<void> {
  const picked = await pickKnownBackup(services, uri, t("Compare Backup"));
  if (picked === undefined) return;
  try {
    const other = picked === "browse" ? await chooseOther(uri) : await readFirmware(picked);
    if (other) await show(uri, other);
  } catch (error) {
    await showError(error);
  }
}

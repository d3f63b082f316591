/** The firmware that is meant inside an archive: the only one that would do, or the one a person picks. */
import * as vscode from "vscode";
import { archiveKind, choicesIn, openArchive, type ArchivedFile, type Fits } from "../../archives/archive";
import { insideOf, type FirmwareFile } from "../platform/firmwareFiles";
import { say, t } from "../text/l10n";
import { labelText } from "../text/plainText";

/**
 * Any other file as it is. Undefined when the person gave up.
 * Throws ImageError where nothing in it would do.
 */
export async function openArchived(file: FirmwareFile, fits: Fits, title: string): Promise<FirmwareFile | undefined> {
  if (archiveKind(file.bytes) === undefined) return file;
  const choices = choicesIn(openArchive(file.bytes, file.name), file.name, fits);
  const [only] = choices;
  const picked = only !== undefined && choices.length === 1 ? only : await pick(choices, title);
  return picked && insideOf(file, picked);
}

async function pick(choices: readonly ArchivedFile[], title: string): Promise<ArchivedFile | undefined> {
  const items = choices.map((inner) => ({
    label: `$(file-binary) ${labelText(inner.path)}`,
    description: labelText(say(inner.image.label)),
    inner,
  }));
  const placeHolder = t("The archive has several files: a device takes one of them");
  return (await vscode.window.showQuickPick(items, { title, placeHolder }))?.inner;
}

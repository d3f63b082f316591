/**
 * The user guide that is installed with the extension, in the editor's language and its own Markdown preview, at the place
 * about a failure. Works without a network.
 */
import * as vscode from "vscode";
import { FLASHER_ERROR_CODES, GUIDE_PATH, guideAnchor, guidePaths } from "../../core/index";
import { exists } from "../platform/firmwareFiles";
import { whileBusy } from "../platform/shownMessages";
import { t } from "../text/l10n";

/** @param about an error code; anything else opens the guide at its start */
export async function openGuide(extensionUri: vscode.Uri, about: unknown): Promise<void> {
  const guide = await guideIn(extensionUri, vscode.env.language);
  const code = FLASHER_ERROR_CODES.find((each) => each === about);
  const place = code === undefined ? guide : guide.with({ fragment: guideAnchor(code) });
  try {
    // The editor's preview stays blank until all of it is made.
    await whileBusy(t("Opening the user guide"), () => vscode.commands.executeCommand("markdown.showPreview", place));
  } catch {
    // The editor's Markdown support may be off: the text itself is readable too.
    await vscode.commands.executeCommand("vscode.open", guide);
  }
}

async function guideIn(extensionUri: vscode.Uri, language: string): Promise<vscode.Uri> {
  for (const path of guidePaths(language)) {
    const translated = vscode.Uri.joinPath(extensionUri, path);
    if (await exists(translated)) return translated;
  }
  return vscode.Uri.joinPath(extensionUri, GUIDE_PATH);
}

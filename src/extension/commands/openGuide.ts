/**
 * The user guide that is installed with the extension, in the editor's language and its own Markdown preview, at the place
 * about a failure. Works without a network.
 */
import * as vscode from "vscode";
import { FLASHER_ERROR_CODES, guideAnchor, guidePath } from "../../core/index";

/** @param about an error code; anything else opens the guide at its start */
export async function openGuide(extensionUri: vscode.Uri, about: unknown): Promise<void> {
  const guide = vscode.Uri.joinPath(extensionUri, guidePath(vscode.env.language));
  const code = FLASHER_ERROR_CODES.find((each) => each === about);
  const place = code === undefined ? guide : guide.with({ fragment: guideAnchor(code) });
  try {
    await vscode.commands.executeCommand("markdown.showPreview", place);
  } catch {
    // Somebody has turned the editor's Markdown support off: the text itself is readable too.
    await vscode.commands.executeCommand("vscode.open", guide);
  }
}

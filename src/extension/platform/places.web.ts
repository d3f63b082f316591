/** The files of a person where the host is a browser's worker: what the editor keeps is all there is. */
import * as vscode from "vscode";
import { EditorFileSystem } from "./editorFileSystem";

export const files = new EditorFileSystem<vscode.Uri>(vscode.workspace.fs, (text) => vscode.Uri.parse(text, true));

/** @returns the URI's text: no path means anything in a browser */
export function placeOf(uri: vscode.Uri): string {
  return uri.toString();
}

export function uriOf(place: string): vscode.Uri {
  return vscode.Uri.parse(place, true);
}

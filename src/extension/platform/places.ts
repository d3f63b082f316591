/** The files of a person in this editor, and where they are: as URIs to the editor, as places to what stores them. */
import * as vscode from "vscode";
import { nodeFiles } from "../../storage/nodeFileSystem";
import { EditorFileSystem } from "./editorFileSystem";
import { PlacedFiles, isUriText } from "./placedFiles";

export const files = new PlacedFiles(
  nodeFiles,
  new EditorFileSystem<vscode.Uri>(vscode.workspace.fs, (text) => vscode.Uri.parse(text, true)),
);

/** @returns a path of this machine where there is one */
export function placeOf(uri: vscode.Uri): string {
  return uri.scheme === "file" ? uri.fsPath : uri.toString();
}

export function uriOf(place: string): vscode.Uri {
  return isUriText(place) ? vscode.Uri.parse(place, true) : vscode.Uri.file(place);
}

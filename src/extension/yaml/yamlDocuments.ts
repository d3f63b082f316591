/** The documents that may be configurations, and the files that they take in: as they are in the editor, else on the disk. */
import * as vscode from "vscode";
import { gatherSources, maybeConfiguration, type YamlSources } from "../../esphome/index";
import { folderOf } from "../platform/firmwareFiles";

/** What YAML is called: by itself, by ESPHome's extension, by Home Assistant's. */
export const YAML_LANGUAGES: readonly string[] = ["yaml", "esphome", "home-assistant"];

export const YAML_SELECTOR: vscode.DocumentSelector = YAML_LANGUAGES.map((language) => ({ language }));

export function isConfiguration(document: vscode.TextDocument): boolean {
  return YAML_LANGUAGES.includes(document.languageId) && maybeConfiguration(document.getText());
}

/** The place of a file that the document takes in. */
export function uriBeside({ uri }: vscode.TextDocument, path: string): vscode.Uri {
  return /^(?:\/|[a-z]:\/)/i.test(path) ? uri.with({ path }) : vscode.Uri.joinPath(folderOf(uri), path);
}

export async function sourcesOf(document: vscode.TextDocument): Promise<YamlSources> {
  if (document.isUntitled) return new Map();
  return await gatherSources(document.getText(), {
    read: (path) => textAt(uriBeside(document, path)),
    list: (path) => namesAt(uriBeside(document, path)),
  });
}

const LARGEST = 1_000_000;

async function textAt(uri: vscode.Uri): Promise<string | undefined> {
  const open = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
  if (open) return open.getText();
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    return size > LARGEST ? undefined : new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    // What is not there is said to be unknown.
    return undefined;
  }
}

async function namesAt(folder: vscode.Uri): Promise<readonly string[] | undefined> {
  try {
    const found = await vscode.workspace.fs.readDirectory(folder);
    return found.map(([name, type]) => (type & vscode.FileType.Directory ? `${name}/` : name));
  } catch {
    // What is not there is said to be unknown.
    return undefined;
  }
}

/** Positions in a text that no editor need have open. */
export function rangeIn(text: string, start: number, end: number): vscode.Range {
  return new vscode.Range(positionIn(text, start), positionIn(text, end));
}

function positionIn(text: string, offset: number): vscode.Position {
  const before = text.slice(0, offset).split("\n");
  return new vscode.Position(before.length - 1, (before.at(-1) ?? "").length);
}

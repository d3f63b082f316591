/** Which open YAMLs are configurations for these chips: their editors have the button that builds and flashes. */
import * as vscode from "vscode";
import { isForTheseChips } from "../../builds/project";
import { setContext } from "../platform/contextKeys";
import { Owner } from "../platform/disposables";

export class BuildableYamls extends Owner {
  constructor() {
    super();
    const look = (): void => this.look();
    this.register(vscode.window.onDidChangeVisibleTextEditors(look));
    this.register(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (isYaml(document)) this.look();
      }),
    );
    this.look();
  }

  private look(): void {
    const shown = vscode.window.visibleTextEditors.map(({ document }) => document);
    const ours = shown.filter((document) => isYaml(document) && isForTheseChips(document.getText()));
    // As `resourcePath` has them in `when` clauses.
    const paths = ours.map(({ uri }) => (uri.scheme === "file" ? uri.fsPath : uri.path));
    setContext("beken.buildableYamls", [...new Set(paths)].sort());
  }
}

function isYaml({ uri }: vscode.TextDocument): boolean {
  return /\.ya?ml$/i.test(uri.path);
}

/** The view "Firmware": builds of the workspace, newest first, each with its files and what they are for. */
import * as vscode from "vscode";
import { visible } from "../../core/index";
import { formatBytes } from "../../shared/figures";
import { isFlashable } from "../../builds/artefacts";
import type { Build, BuildFile, Builds } from "../builds/workspaceBuilds";
import { ageOf, cutWords, projectFacts, purposeOf, useOf } from "../builds/buildTexts";
import { COMMANDS, ITEM_CONTEXT, VIEWS } from "../platform/contributions";
import { Owner, disposableFrom } from "../platform/disposables";
import { t } from "../text/l10n";

export type FirmwareNode =
  | { readonly type: "build"; readonly build: Build }
  | { readonly type: "file"; readonly build: Build; readonly file: BuildFile; readonly resourceUri: vscode.Uri };

/** Ages are shown in minutes. */
const REDRAW_EVERY_MS = 60_000;

export class FirmwareView extends Owner implements vscode.TreeDataProvider<FirmwareNode> {
  private readonly changed = this.register(new vscode.EventEmitter<FirmwareNode[] | undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private rows: FirmwareNode[] = [];

  constructor(private readonly builds: Builds) {
    super();
    const view = this.register(
      vscode.window.createTreeView(VIEWS.firmware, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.register(
      builds.onDidChange(() => {
        view.message = cutWords(builds.cut) ?? "";
        this.changed.fire(undefined);
      }),
    );
    // Row by row: all at once would take the rows away for a moment, and clicks on them with it.
    const timer = setInterval(() => {
      if (view.visible && this.rows.length > 0) this.changed.fire(this.rows);
    }, REDRAW_EVERY_MS);
    this.register(disposableFrom(() => clearInterval(timer)));
  }

  async getChildren(node?: FirmwareNode): Promise<FirmwareNode[]> {
    if (node === undefined) {
      await this.builds.ready();
      this.rows = this.builds.all.map((build) => ({ type: "build", build }));
      return this.rows;
    }
    if (node.type === "file") return [];
    return node.build.files.map((file) => ({ type: "file", build: node.build, file, resourceUri: file.uri }));
  }

  getTreeItem(node: FirmwareNode): vscode.TreeItem {
    return node.type === "build" ? buildItem(node.build) : fileItem(node.file);
  }
}

function buildItem({ project, recommended }: Build): vscode.TreeItem {
  const item = new vscode.TreeItem(visible(project.name), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = project.id;
  item.description = projectFacts(project, Date.now());
  item.iconPath = new vscode.ThemeIcon("package");
  item.contextValue = recommended === undefined ? "" : ITEM_CONTEXT.build;
  const lines = [
    project.name,
    project.chip && t("Chip: {0}", project.chip),
    project.board && t("Board: {0}", project.board),
    project.version && t("Made by: {0}", project.version),
    t("Built: {0}", ageOf(project.modified, Date.now())),
    recommended === undefined
      ? t("Nothing here can be flashed over serial.")
      : t("To flash: {0}", recommended.artefact.name),
  ];
  item.tooltip = lines
    .filter((line) => line !== undefined)
    .map(visible)
    .join("\n");
  item.accessibilityInformation = { label: lines.filter((line) => line !== undefined).join(", ") };
  return item;
}

/** A click shows what is inside. */
function fileItem({ artefact, uri, isRecommended }: BuildFile): vscode.TreeItem {
  // Names of one build are long and alike: what tells the files apart stands where it is not cut off.
  const role = useOf(artefact.role);
  const item = new vscode.TreeItem(role);
  item.id = uri.toString();
  const purpose = purposeOf(artefact.role);
  const recommended = isRecommended ? [t("recommended")] : [];
  item.description = [...recommended, visible(artefact.name)].join(" \u00b7 ");
  item.accessibilityInformation = { label: [role, ...recommended, artefact.name, purpose].join(", ") };
  item.command = { command: COMMANDS.inspectImage, title: "", arguments: [uri] };
  item.tooltip = [artefact.name, purpose, formatBytes(artefact.size)].map(visible).join("\n");
  item.contextValue = isFlashable(artefact) ? ITEM_CONTEXT.artefactFlashable : ITEM_CONTEXT.artefact;
  item.iconPath = new vscode.ThemeIcon(
    isRecommended ? "star-full" : isFlashable(artefact) ? "file-binary" : "circle-slash",
  );
  return item;
}

/**
 * The builds of the open workspace, kept true while files change, and the news that one was just made. Opens nothing
 * but what discovery reads; flashes nothing.
 */
import * as vscode from "vscode";
import { setContext } from "../platform/contextKeys";
import { Owner, disposableFrom } from "../platform/disposables";
import type { OutputLog } from "../platform/outputLog";
import { isFlashable, type Artefact } from "./artefacts";
import { discoverBuilds, newestFirst } from "./discover";
import { editorFiles, uriAt } from "./editorFiles";
import type { Project } from "./project";

/** A project with the places of its files. */
export interface Build {
  readonly project: Project;
  readonly recommended: BuildFile | undefined;
  readonly files: readonly BuildFile[];
}

export interface BuildFile {
  readonly artefact: Artefact;
  readonly uri: vscode.Uri;
  readonly isRecommended: boolean;
}

/** A build writes its files one after the other: after the last of them nothing changes for this long. */
const SETTLE_MS = 1_500;
const SOON_MS = 1_000;
const PATTERNS = [
  "**/{.pioenvs,.pio/build}/**/*.{uf2,rbl,rblh,crc}",
  "**/*.{uf2,rbl}",
  "**/{OpenBK,OpenBL}*.bin",
  "**/storage/*.yaml.json",
] as const;

export class Builds extends Owner {
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  private readonly built = this.register(new vscode.EventEmitter<Build>());
  readonly onDidChange = this.changed.event;
  /** A build was made or made anew since the last look. */
  readonly onDidBuild = this.built.event;

  private found: readonly Build[] = [];
  private searched: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly log: OutputLog) {
    super();
    for (const pattern of PATTERNS) {
      const watcher = this.register(vscode.workspace.createFileSystemWatcher(pattern));
      for (const event of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete]) {
        this.register(event(() => this.lookSoon()));
      }
    }
    this.register(vscode.workspace.onDidChangeWorkspaceFolders(() => this.lookSoon()));
    this.register(disposableFrom(() => clearTimeout(this.timer)));
  }

  /** Newest first; what was found so far. */
  get all(): readonly Build[] {
    return this.found;
  }

  /** The newest build that can be flashed. */
  get latest(): Build | undefined {
    return this.found.find(({ recommended }) => recommended !== undefined);
  }

  /** The build a file belongs to. */
  buildOf(uri: vscode.Uri): Build | undefined {
    return this.found.find(({ files }) => files.some((file) => file.uri.toString() === uri.toString()));
  }

  /** Looks once; later calls wait for the same look. */
  ready(): Promise<void> {
    this.searched ??= this.look();
    return this.searched;
  }

  /** Waits for the first look, but not for long: a large workspace must not hold up what can do without. */
  async readySoon(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, SOON_MS);
    });
    await Promise.race([this.ready(), enough]);
    clearTimeout(timer);
  }

  refresh(): Promise<void> {
    this.searched = this.look();
    return this.searched;
  }

  private lookSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), SETTLE_MS);
  }

  private async look(): Promise<void> {
    const isFirst = this.searched === undefined;
    const before = new Map(this.found.map((build) => [build.project.id, build]));
    try {
      const folders = vscode.workspace.workspaceFolders ?? [];
      const found = await Promise.all(folders.map(({ uri }) => buildsIn(uri)));
      this.found = found.flat().sort((a, b) => newestFirst(a.project, b.project));
    } catch (error) {
      this.log.error("look for builds", error);
    }
    if (this.disposed) return;
    setContext("beken.buildsSearched", true);
    setContext("beken.hasBuilds", this.latest !== undefined);
    setContext("beken.firmwareFiles", this.flashablePaths());
    this.changed.fire();
    if (isFirst) return;
    for (const build of this.found) {
      if (build.recommended !== undefined && isNewer(build, before.get(build.project.id))) this.built.fire(build);
    }
  }

  /** As `resourcePath` has them in `when` clauses. */
  private flashablePaths(): readonly string[] {
    return this.found.flatMap(({ files }) =>
      files.filter(({ artefact }) => isFlashable(artefact)).map(({ uri }) => pathOf(uri)),
    );
  }
}

function pathOf(uri: vscode.Uri): string {
  return uri.scheme === "file" ? uri.fsPath : uri.path;
}

async function buildsIn(root: vscode.Uri): Promise<readonly Build[]> {
  const projects = await discoverBuilds(editorFiles(root), "");
  return projects.map((project): Build => {
    const files = project.artefacts.map((artefact) => ({
      artefact,
      uri: uriAt(root, artefact.path),
      isRecommended: artefact === project.recommended,
    }));
    const id = `${root.toString()}${project.id}`;
    return { project: { ...project, id }, recommended: files.find(({ isRecommended }) => isRecommended), files };
  });
}

function isNewer(now: Build, before: Build | undefined): boolean {
  return before === undefined || now.project.modified > before.project.modified;
}

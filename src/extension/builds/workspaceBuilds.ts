/**
 * The builds of the open workspace, kept true while files change, and the news that one was just made. Opens nothing
 * but what discovery reads; flashes nothing.
 */
import * as vscode from "vscode";
import { setContext } from "../platform/contextKeys";
import { Owner, Slot, disposableFrom, type Disposable } from "../platform/disposables";
import { home, variables } from "../platform/hostMachine";
import { folderFromSetting } from "../platform/folderSetting";
import type { OutputLog } from "../platform/outputLog";
import type { Settings } from "../platform/settings";
import { isFlashable, type Artefact } from "../../builds/artefacts";
import { discoverBuilds, newestFirst, type Surroundings } from "../../builds/discover";
import { editorFiles } from "./editorFiles";
import { isInside, normalised } from "../../builds/paths";
import type { Project } from "../../builds/project";

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
const OUTPUTS = "*.{uf2,rbl,rblh,crc,ug.bin}";
const PATTERNS = [
  `**/${OUTPUTS}`,
  "**/{OpenBK,OpenBL}*.bin",
  "**/storage/*.{yaml,yml}.json",
  "**/platformio.ini",
] as const;

/** A search that was given up before it had seen all folders of `root`. */
export interface CutSearch {
  readonly root: vscode.Uri;
  readonly folders: number;
}

export class Builds extends Owner {
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  private readonly built = this.register(new vscode.EventEmitter<Build>());
  readonly onDidChange = this.changed.event;
  /** A build was made or made anew since the last look. */
  readonly onDidBuild = this.built.event;

  private readonly outside = this.register(new Slot<Disposable>());
  private found: readonly Build[] = [];
  private cuts: readonly CutSearch[] = [];
  private searched: Promise<void> | undefined;
  private looking = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  /** What is found next is no news. */
  private quiet = true;
  /** A build runs, and its result is flashed. */
  private ownBuilds = 0;
  private watched = "";

  constructor(
    private readonly settings: Pick<Settings, "buildFolders" | "onDidChange">,
    private readonly log: OutputLog,
  ) {
    super();
    for (const pattern of PATTERNS) this.register(watch(pattern, () => this.lookSoon()));
    this.register(vscode.workspace.onDidChangeWorkspaceFolders(() => this.lookElsewhere()));
    this.register(vscode.workspace.onDidGrantWorkspaceTrust(() => this.lookElsewhere()));
    this.register(
      settings.onDidChange((names) => {
        if (names.has("buildFolders")) this.lookElsewhere();
      }),
    );
    this.register(disposableFrom(() => clearTimeout(this.timer)));
    this.register(disposableFrom(() => this.looking.abort()));
  }

  /** Newest first; what was found so far. */
  get all(): readonly Build[] {
    return this.found;
  }

  /** Where there may be more. */
  get cut(): readonly CutSearch[] {
    return this.cuts;
  }

  /** The newest build that can be flashed. */
  get latest(): Build | undefined {
    return this.found.find(({ recommended }) => recommended !== undefined);
  }

  /** The build a file belongs to. */
  buildOf(uri: vscode.Uri): Build | undefined {
    return this.found.find(({ files }) => files.some((file) => file.uri.toString() === uri.toString()));
  }

  /** Looks once; later calls wait for the same look, or for one that took its place. */
  ready(): Promise<void> {
    this.searched ??= this.look(true);
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

  /** What is built meanwhile is no news: who builds it knows what to do with it. */
  async withoutOffers<T>(build: () => Promise<T>): Promise<T> {
    this.ownBuilds++;
    try {
      return await build();
    } finally {
      this.ownBuilds--;
      this.quiet = true;
    }
  }

  refresh(): Promise<void> {
    this.searched = this.look(this.searched === undefined);
    return this.searched;
  }

  /** What other folders hold is no news. */
  private lookElsewhere(): void {
    this.searched = this.look(true);
  }

  private lookSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), SETTLE_MS);
  }

  private async look(quiet: boolean): Promise<void> {
    this.looking.abort();
    const { signal } = (this.looking = new AbortController());
    this.quiet ||= quiet;
    const before = new Map(this.found.map((build) => [build.project.id, build]));
    try {
      const roots = rootsOf(this.settings.buildFolders);
      const found = await Promise.all(roots.map((root) => buildsIn(root, signal)));
      const unique = new Map(found.flatMap(({ builds }) => builds).map((build) => [build.project.id, build]));
      this.found = [...unique.values()].sort((a, b) => newestFirst(a.project, b.project));
      this.cuts = found.flatMap(({ cut }) => cut);
    } catch (error) {
      if (this.disposed) return;
      // The look that took its place is what everybody waits for.
      if (signal.aborted) return await this.searched;
      this.log.error("look for builds", error);
    }
    if (this.disposed) return;
    for (const { root, folders } of this.cuts)
      this.log.info(`look for builds: given up in ${root.toString()} after ${folders} folders`);
    this.watchOutside();
    setContext("beken.buildsSearched", true);
    setContext("beken.hasBuilds", this.latest !== undefined);
    setContext("beken.firmwareFiles", this.flashablePaths());
    this.changed.fire();
    const isQuiet = this.quiet;
    this.quiet = false;
    if (isQuiet || this.ownBuilds > 0) return;
    for (const build of this.found) {
      if (build.recommended !== undefined && isNewer(build, before.get(build.project.id))) this.built.fire(build);
    }
  }

  /** The patterns of the start cover the workspace alone. */
  private watchOutside(): void {
    const isOpen = (uri: vscode.Uri): boolean => vscode.workspace.getWorkspaceFolder(uri) !== undefined;
    const named = rootsOf(this.settings.buildFolders).filter((root) => !isOpen(root));
    const single = this.found.flatMap(({ files }) => files[0]?.uri ?? []).map((uri) => vscode.Uri.joinPath(uri, ".."));
    const folders = single.filter((uri) => !isOpen(uri) && !named.some((root) => isInside(uri.path, root.path)));
    const watched = [...named, ...folders].map((uri) => uri.toString()).join(" ");
    if (watched === this.watched) return;
    this.watched = watched;
    const look = (): void => this.lookSoon();
    const watchers = [
      ...named.map((root) => watch(new vscode.RelativePattern(root, `**/${OUTPUTS}`), look)),
      ...folders.map((folder) => watch(new vscode.RelativePattern(folder, OUTPUTS), look)),
    ];
    this.outside.set(vscode.Disposable.from(...watchers));
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

/** What is open, and what a setting names besides; relative names are below each of what is open. */
function rootsOf(settings: readonly string[]): readonly vscode.Uri[] {
  const open = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri);
  const bases = open.length === 0 ? [undefined] : open;
  const more = settings.flatMap((setting) => bases.map((base) => folderFromSetting(setting, base)));
  const all = [...open, ...more.filter((uri) => uri !== undefined)];
  return [...new Map(all.map((uri) => [uri.toString(), uri])).values()];
}

async function buildsIn(
  root: vscode.Uri,
  signal: AbortSignal,
): Promise<{ readonly builds: readonly Build[]; readonly cut: readonly CutSearch[] }> {
  const path = normalised(root.path);
  const { projects, cutAfter } = await discoverBuilds(editorFiles(root), path, surroundingsOf(root), signal);
  const builds = projects.map((project): Build => {
    const files = project.artefacts.map((artefact) => ({
      artefact,
      uri: root.with({ path: artefact.path }),
      isRecommended: artefact === project.recommended,
    }));
    const id = root.with({ path: project.id }).toString();
    return { project: { ...project, id }, recommended: files.find(({ isRecommended }) => isRecommended), files };
  });
  return { builds, cut: cutAfter === undefined ? [] : [{ root, folders: cutAfter }] };
}

/** The variables of this process say nothing of files on another machine. */
function surroundingsOf(root: vscode.Uri): Surroundings {
  const isTrusted = vscode.workspace.isTrusted;
  return root.scheme === "file"
    ? { isTrusted, variables: variables(), home: home()?.path }
    : { isTrusted, variables: {}, home: undefined };
}

function watch(pattern: vscode.GlobPattern, look: () => void): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  return vscode.Disposable.from(
    watcher,
    watcher.onDidCreate(look),
    watcher.onDidChange(look),
    watcher.onDidDelete(look),
  );
}

function isNewer(now: Build, before: Build | undefined): boolean {
  return before === undefined || now.project.modified > before.project.modified;
}

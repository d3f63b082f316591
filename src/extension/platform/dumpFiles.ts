/**
 * Copies of a whole flash among the files of the workspace, whatever they are called: told by length and content, for menus. Reads a
 * file only where it is as long as a flash.
 */
import * as vscode from "vscode";
import { FLASH_SIZES, recogniseFile, verbsOf } from "../../core/index";
import type { SetContext } from "./contextKeys";
import { Owner } from "./disposables";
import { nameOf } from "./firmwareFiles";

/** Bounds for a workspace that may hold anything. */
const MOST_FILES = 5_000;
const MOST_READ = 64;
/** Where copies are usual; what has another name is found when the workspace is opened. */
const USUAL = "**/*.{bin,dump,img,rom,bak,raw,dat,backup}";

/** Old tools read from here on. */
const APPLICATION_AT = 0x11000;
/** Lengths of a flash, and of one that was read from the application on. */
const LENGTHS: ReadonlySet<number> = new Set(FLASH_SIZES.flatMap((size) => [size, size - APPLICATION_AT]));

export interface DumpFilesParts {
  readonly setContext: SetContext;
  readonly ignored: (path: string, error: unknown) => void;
}

export class DumpFiles extends Owner {
  private readonly dumps = new Set<string>();
  private readonly others = new Set<string>();
  private read = 0;

  constructor(private readonly parts: DumpFilesParts) {
    super();
    const watcher = this.register(vscode.workspace.createFileSystemWatcher(USUAL));
    const again = (uri: vscode.Uri): void => void this.look(uri).then(() => this.tell());
    this.register(watcher.onDidCreate(again));
    this.register(watcher.onDidChange(again));
    this.register(
      watcher.onDidDelete((uri) => {
        this.forget(uri);
        this.tell();
      }),
    );
    this.register(vscode.workspace.onDidChangeWorkspaceFolders(() => void this.lookAtAll()));
  }

  /** Resolves when every file that may be one was looked at. */
  async lookAtAll(): Promise<void> {
    try {
      const found = await vscode.workspace.findFiles("**/*", "**/{node_modules,.git}/**", MOST_FILES);
      this.read = 0;
      for (const uri of found) await this.look(uri);
    } catch (error) {
      this.parts.ignored("**/*", error);
    }
    this.tell();
  }

  private async look(uri: vscode.Uri): Promise<void> {
    this.forget(uri);
    const path = pathOf(uri);
    try {
      const { size, type } = await vscode.workspace.fs.stat(uri);
      if ((type & vscode.FileType.File) === 0) return;
      if (!LENGTHS.has(size)) {
        if (/\.bin$/i.test(path)) this.others.add(path);
        return;
      }
      if (++this.read > MOST_READ) return;
      const file = recogniseFile({ name: nameOf(uri), bytes: await vscode.workspace.fs.readFile(uri) });
      (verbsOf(file).restore ? this.dumps : this.others).add(path);
    } catch (error) {
      this.parts.ignored(path, error);
    }
  }

  private forget(uri: vscode.Uri): void {
    this.dumps.delete(pathOf(uri));
    this.others.delete(pathOf(uri));
  }

  private tell(): void {
    if (this.disposed) return;
    this.parts.setContext("beken.dumpFiles", [...this.dumps]);
    this.parts.setContext("beken.noDumps", [...this.others]);
  }
}

/** As `resourcePath` has it in `when` clauses. */
function pathOf(uri: vscode.Uri): string {
  return uri.scheme === "file" ? uri.fsPath : uri.path;
}

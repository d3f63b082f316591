/** Files that are dropped on a view or a page: those that the editor has an address for, and those that come as bytes alone. */
import * as vscode from "vscode";
import { FileError, ImageError } from "../../core/index";
import { LARGEST_FILE } from "../../storage/wholeFiles";
import { createFile } from "./firmwareFiles";

/** Copies that are kept of what came as bytes, so that a job can be run again or resumed. */
const KEPT = 8;

/** @param list as `text/uri-list` has it; what is no address is left out */
export function urisIn(list: string): readonly vscode.Uri[] {
  return list
    .split(/\r?\n/)
    .filter((line) => line !== "" && !line.startsWith("#"))
    .flatMap((line) => {
      try {
        return [vscode.Uri.parse(line, true)];
      } catch {
        return [];
      }
    });
}

export class DroppedFiles {
  /** @param folder of this extension's own */
  constructor(private readonly folder: vscode.Uri) {}

  /**
   * @param bytes undefined where the page could not read them
   * @throws ImageError `image-too-large`, FileError `file-access` and others
   */
  async keep(name: string, size: number, bytes: Uint8Array | undefined): Promise<vscode.Uri> {
    // The page names a file, and no place.
    const file = name.replace(/^.*[/\\]/, "");
    const doing = `read ${file}`;
    if (size > LARGEST_FILE) throw new ImageError("image-too-large", doing, { file, length: size });
    if (bytes === undefined || file === "" || file === "." || file === "..")
      throw new FileError("file-access", doing, { file });
    await this.makeRoom();
    // Of its own folder: what a file is, its name tells too.
    const place = vscode.Uri.joinPath(this.folder, `${Date.now().toString(36)}-${crypto.randomUUID()}`, file);
    await createFile(place, bytes);
    return place;
  }

  private async makeRoom(): Promise<void> {
    const { fs } = vscode.workspace;
    const names = await fs.readDirectory(this.folder).then(
      (entries) => entries.map(([name]) => name).sort(),
      () => [],
    );
    for (const old of names.slice(0, Math.max(0, names.length - KEPT + 1)))
      await fs.delete(vscode.Uri.joinPath(this.folder, old), { recursive: true });
  }
}

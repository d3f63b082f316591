/**
 * One firmware file that is looked at: read, inspected, read again when it changes on disk. Never throws; a file that
 * cannot be read is a state like others. Knows no webview.
 */
import * as vscode from "vscode";
import { ImageError, asFlasherError, inspectImage, type FirmwareImage } from "../../core/index";
import type { ImageViewerState } from "../../shared/messages";
import { toImageView } from "../../shared/views";
import { Owner } from "../platform/disposables";
import { errorView } from "../text/errorText";
import { folderOf, nameOf, readFirmware } from "../platform/firmwareFiles";
import { say } from "../text/l10n";
import { layoutFor } from "./layout";

/** Everything a page shows but its words. */
export type ImageState = ImageViewerState extends infer State
  ? State extends unknown
    ? Omit<State, "strings" | "locale">
    : never
  : never;

/** A build writes its files piece by piece. */
const SETTLE_MS = 250;

export class ImageDocument extends Owner implements vscode.CustomDocument {
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  readonly onDidChange = this.changed.event;
  private current: ImageState;
  private instead: vscode.Uri | undefined;
  private reading = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly uri: vscode.Uri) {
    super();
    this.current = { status: "loading", fileName: nameOf(uri) };
    const watcher = this.register(
      vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folderOf(uri), escapeGlob(nameOf(uri)))),
    );
    const soon = (): void => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.load(), SETTLE_MS);
    };
    this.register(watcher.onDidChange(soon));
    this.register(watcher.onDidCreate(soon));
    this.register(watcher.onDidDelete(soon));
    this.register({ dispose: () => clearTimeout(this.timer) });
    void this.load();
  }

  get state(): ImageState {
    return this.current;
  }

  /** The file to use instead of this one, when it lies next to it. */
  get insteadUri(): vscode.Uri | undefined {
    return this.instead;
  }

  private async load(): Promise<void> {
    const turn = ++this.reading;
    const state = await this.read();
    // A newer reading has begun meanwhile: its answer counts.
    if (turn !== this.reading || this.disposed) return;
    this.current = state;
    this.changed.fire();
  }

  private async read(): Promise<ImageState> {
    const fileName = nameOf(this.uri);
    try {
      const { bytes, beside } = await readFirmware(this.uri);
      const image = await inspectImage(bytes, fileName, { beside });
      const layout = layoutFor(image);
      return {
        status: "shown",
        image: toImageView(image, layout, say),
        refusal: this.refusalOf(image),
        layoutName: layout?.name,
      };
    } catch (error) {
      const failure = asFlasherError(error, `open ${fileName}`);
      const { title, steps } = errorView(failure);
      return { status: "unreadable", fileName, reason: [title, ...steps].join(" ") };
    }
  }

  private refusalOf({ refusal, fileName }: FirmwareImage): Extract<ImageState, { status: "shown" }>["refusal"] {
    this.instead = undefined;
    if (refusal === undefined) return undefined;
    const { title, steps } = errorView(new ImageError(refusal.code, `check ${fileName}`, refusal.context));
    const { instead } = refusal.context;
    if (instead !== undefined) this.instead = vscode.Uri.joinPath(folderOf(this.uri), instead);
    return { title, steps, instead };
  }
}

function escapeGlob(name: string): string {
  return name.replace(/[[\]{}*?]/g, (char) => `[${char}]`);
}

/**
 * The read-only editor of firmware files: one page per opened file, fed with whole snapshots, its intents checked and
 * handed on. What is in a file is the document's business.
 */
import * as vscode from "vscode";
import type { Disposable } from "../platform/disposables";
import { straighten, type NamedFile, type Range } from "../../core/index";
import {
  PROTOCOL_VERSION,
  isFromImageViewer,
  type BytesAnswer,
  type FromImageViewer,
  type ImageViewerState,
  type PartAction,
  type ToImageViewer,
} from "../../shared/messages";
import { IMAGE_EDITOR, OPTIONAL_IMAGE_EDITOR, imageEditorFor } from "../platform/contributions";
import { pageHtml, pageOptions } from "../platform/webviewPage";
import { nameOf } from "../platform/firmwareFiles";
import { localised } from "../text/l10n";
import { DumpExplorer } from "./dumpExplorer";
import { fileOffsetOf } from "./dumpContent";
import { ImageDocument } from "./imageDocument";

/** A stretch of the file that is shown. */
export interface PartOfFile extends Range {
  /** Recognised. */
  readonly file: NamedFile;
  /** Where the file is: what is saved is offered beside it. */
  readonly uri: vscode.Uri;
  /** Its addresses are a flash's. */
  readonly isFlash: boolean;
  /** What lies in it is a person's own. */
  readonly isPrivate: boolean;
}

/** What a person can do with the file that is shown. */
export interface ImageViewerActions {
  flash(uri: vscode.Uri): void;
  restore(uri: vscode.Uri): void;
  createProject(uri: vscode.Uri): void;
  showConfiguration(uri: vscode.Uri): void;
  verify(uri: vscode.Uri): void;
  part(action: PartAction, part: PartOfFile): Promise<void>;
  /** Another file to compare with; undefined where the person gave up. */
  chooseOther(beside: vscode.Uri): Promise<NamedFile | undefined>;
  /** Where the chip holds something else, and which chip; undefined where that was not found out. */
  compareWithChip(
    file: NamedFile,
  ): Promise<{ readonly name: string; readonly differing: readonly Range[] } | undefined>;
  openInHexEditor(uri: vscode.Uri, offset: number): void;
  hasHexEditor(): boolean;
  /** Name of the file that is recommended of the build that `uri` is of, where it lies beside it. */
  star(uri: vscode.Uri): string | undefined;
  /** Name of the device that is selected. */
  target(): string | undefined;
  onDidChangeTarget(listener: () => void): Disposable;
}

export interface ImageViewers extends vscode.Disposable {
  /** Shows a file, compared with another. */
  compare(uri: vscode.Uri, other: NamedFile): Promise<void>;
}

/** Registers both editors: by default for files that are firmware by name, on request for the rest. */
export function registerImageViewer(extensionUri: vscode.Uri, actions: ImageViewerActions): ImageViewers {
  const provider = new ImageViewer(extensionUri, actions);
  const registered = [IMAGE_EDITOR, OPTIONAL_IMAGE_EDITOR].map((id) =>
    vscode.window.registerCustomEditorProvider(id, provider, { supportsMultipleEditorsPerDocument: true }),
  );
  return {
    compare: (uri, other) => provider.compareFiles(uri, other),
    dispose: () => {
      for (const each of registered) each.dispose();
    },
  };
}

class ImageViewer implements vscode.CustomReadonlyEditorProvider<ImageDocument> {
  private readonly strings = localised();
  /** Pages that are open, with what each shows. */
  private readonly pages = new Map<DumpExplorer, ImageDocument>();
  /** What the next page of a file is to be compared with. */
  private readonly toCompare = new Map<string, NamedFile>();

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly actions: ImageViewerActions,
  ) {}

  openCustomDocument(uri: vscode.Uri): ImageDocument {
    return new ImageDocument(uri, (file) => this.actions.star(file));
  }

  resolveCustomEditor(document: ImageDocument, panel: vscode.WebviewPanel): void {
    const { webview } = panel;
    let revision = 0;
    // A hidden page is gone; it asks again when it comes back.
    const post = (): void => {
      if (!panel.visible) return;
      const state = this.stateFor(document, explorer);
      const message: ToImageViewer = { type: "image", version: PROTOCOL_VERSION, revision: ++revision, state };
      void webview.postMessage(message);
    };
    const explorer = new DumpExplorer({
      changed: post,
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
      hexEditor: document.uri.scheme !== "untitled" && this.actions.hasHexEditor(),
    });
    const subscriptions = [
      document.onDidChange(post),
      this.actions.onDidChangeTarget(post),
      webview.onDidReceiveMessage((message: unknown) => {
        if (!isFromImageViewer(message)) return;
        if (message.type === "ready") post();
        else if (message.type === "bytes") {
          const answer: BytesAnswer = {
            type: "bytes",
            version: PROTOCOL_VERSION,
            ...explorer.bytes(message.start, message.length),
          };
          void webview.postMessage(answer);
        } else void this.handle(message, document, explorer);
      }),
    ];
    this.pages.set(explorer, document);
    panel.onDidDispose(() => {
      this.pages.delete(explorer);
      explorer.stop();
      for (const subscription of subscriptions) subscription.dispose();
    });
    webview.options = pageOptions(this.extensionUri);
    webview.html = pageHtml(webview, this.extensionUri, "imageViewer", nameOf(document.uri));
  }

  async compareFiles(uri: vscode.Uri, other: NamedFile): Promise<void> {
    this.toCompare.set(uri.toString(), other);
    for (const [explorer, document] of this.pages) this.compareAsWanted(document, explorer);
    await vscode.commands.executeCommand("vscode.openWith", uri, imageEditorFor(uri.path));
  }

  private compareAsWanted({ uri, content }: ImageDocument, explorer: DumpExplorer): void {
    const other = this.toCompare.get(uri.toString());
    if (other === undefined || content === undefined) return;
    this.toCompare.delete(uri.toString());
    explorer.compareWith(other.name, content.isFlash ? straighten(other.bytes) : other.bytes);
  }

  private stateFor(document: ImageDocument, explorer: DumpExplorer): ImageViewerState {
    const texts = { strings: this.strings, locale: vscode.env.language };
    const { state, content } = document;
    explorer.show(content);
    this.compareAsWanted(document, explorer);
    if (state.status !== "shown") return { ...state, ...texts };
    const { view: dump } = explorer;
    // Between two looks at a file that changes, there is none of it to show.
    return dump === undefined
      ? { status: "loading", fileName: state.image.fileName, ...texts }
      : { ...state, ...texts, dump, target: this.actions.target() };
  }

  private async handle(
    intent: Exclude<FromImageViewer, { readonly type: "ready" | "bytes" }>,
    document: ImageDocument,
    explorer: DumpExplorer,
  ): Promise<void> {
    const { insteadUri, shownUri } = document;
    switch (intent.type) {
      case "flash":
        return this.actions.flash(shownUri);
      case "restore":
        return this.actions.restore(shownUri);
      case "createProject":
        return this.actions.createProject(shownUri);
      case "showConfiguration":
        return this.actions.showConfiguration(shownUri);
      case "verify":
        return this.actions.verify(shownUri);
      case "choose":
        return document.choose(intent.path);
      case "openInstead":
        if (insteadUri === undefined) return;
        if (insteadUri.fragment !== "") document.choose(insteadUri.fragment);
        else await vscode.commands.executeCommand("vscode.openWith", insteadUri, IMAGE_EDITOR);
        return;
      case "secrets":
        return explorer.showSecrets(intent.shown);
      case "search":
        return await explorer.find(intent.text, intent.as, intent.from);
      case "hit":
        return explorer.step(intent.by);
      case "stopSearch":
        return explorer.stop();
      case "part":
        return await this.onPart(intent, document);
      case "compare":
        return await this.compare(intent.with, document, explorer);
      case "hexEditor":
        return this.openInHexEditor(intent.at, document);
    }
  }

  private async onPart(
    { action, start, end }: Extract<FromImageViewer, { readonly type: "part" }>,
    { content, uri }: ImageDocument,
  ): Promise<void> {
    if (content === undefined || end <= start || end > content.bytes.length) return;
    const { file, isFlash, hidden } = content;
    const isPrivate = hidden.some((range) => range.start < end && start < range.end);
    await this.actions.part(action, { file, uri, isFlash, isPrivate, start, end });
  }

  private async compare(
    what: "file" | "chip" | "nothing",
    document: ImageDocument,
    explorer: DumpExplorer,
  ): Promise<void> {
    const { content } = document;
    if (content === undefined) return;
    if (what === "nothing") return explorer.endComparison();
    if (what === "file") {
      const other = await this.actions.chooseOther(document.uri);
      if (other && document.content === content)
        explorer.compareWith(other.name, content.isFlash ? straighten(other.bytes) : other.bytes);
      return;
    }
    const found = await this.actions.compareWithChip(content.file);
    if (found && document.content === content) explorer.comparedWithChip(found.name, found.differing);
  }

  private openInHexEditor(at: number, { content, uri, shownUri }: ImageDocument): void {
    const offset = content && fileOffsetOf(content, at);
    // What lies in an archive is no file that another editor could open.
    if (offset !== undefined && shownUri.fragment === "") this.actions.openInHexEditor(uri, offset);
  }
}

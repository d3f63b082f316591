/**
 * The read-only editor of firmware files: one page per opened file, fed with whole snapshots, its intents checked and
 * handed on. What is in a file is the document's business.
 */
import * as vscode from "vscode";
import { PROTOCOL_VERSION, isFromImageViewer, type FromImageViewer, type ToImageViewer } from "../../shared/messages";
import { IMAGE_EDITOR, OPTIONAL_IMAGE_EDITOR } from "../platform/contributions";
import { pageHtml, pageOptions } from "../platform/webviewPage";
import { nameOf } from "../platform/firmwareFiles";
import { localised } from "../text/l10n";
import { ImageDocument } from "./imageDocument";

/** What a person can do with the file that is shown. */
export interface ImageViewerActions {
  flash(uri: vscode.Uri): void;
  verify(uri: vscode.Uri): void;
}

/** Registers both editors: by default for files that are firmware by name, on request for the rest. */
export function registerImageViewer(extensionUri: vscode.Uri, actions: ImageViewerActions): vscode.Disposable {
  const provider = new ImageViewer(extensionUri, actions);
  return vscode.Disposable.from(
    ...[IMAGE_EDITOR, OPTIONAL_IMAGE_EDITOR].map((id) =>
      vscode.window.registerCustomEditorProvider(id, provider, { supportsMultipleEditorsPerDocument: true }),
    ),
  );
}

class ImageViewer implements vscode.CustomReadonlyEditorProvider<ImageDocument> {
  private readonly strings = localised();

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly actions: ImageViewerActions,
  ) {}

  openCustomDocument(uri: vscode.Uri): ImageDocument {
    return new ImageDocument(uri);
  }

  resolveCustomEditor(document: ImageDocument, panel: vscode.WebviewPanel): void {
    const { webview } = panel;
    let revision = 0;
    // A hidden page is gone; it asks again when it comes back.
    const post = (): void => {
      if (!panel.visible) return;
      const state = { ...document.state, strings: this.strings, locale: vscode.env.language };
      const message: ToImageViewer = { type: "image", version: PROTOCOL_VERSION, revision: ++revision, state };
      void webview.postMessage(message);
    };
    const subscriptions = [
      document.onDidChange(post),
      webview.onDidReceiveMessage((message: unknown) => {
        if (!isFromImageViewer(message)) return;
        if (message.type === "ready") post();
        else this.handle(message, document);
      }),
    ];
    panel.onDidDispose(() => {
      for (const subscription of subscriptions) subscription.dispose();
    });
    webview.options = pageOptions(this.extensionUri);
    webview.html = pageHtml(webview, this.extensionUri, "imageViewer", nameOf(document.uri));
  }

  private handle(intent: Exclude<FromImageViewer, { readonly type: "ready" }>, document: ImageDocument): void {
    const { insteadUri, shownUri } = document;
    switch (intent.type) {
      case "flash":
        this.actions.flash(shownUri);
        return;
      case "verify":
        this.actions.verify(shownUri);
        return;
      case "choose":
        document.choose(intent.path);
        return;
      case "openInstead":
        if (insteadUri === undefined) return;
        if (insteadUri.fragment !== "") document.choose(insteadUri.fragment);
        else void vscode.commands.executeCommand("vscode.openWith", insteadUri, IMAGE_EDITOR);
        return;
    }
  }
}

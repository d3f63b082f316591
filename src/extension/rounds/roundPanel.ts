/** The host of a round's page: one panel, fed with whole snapshots; its intents checked and handed on. Knows how to show, not what is true. */
import * as vscode from "vscode";
import { PROTOCOL_VERSION, type PageTexts } from "../../shared/messages";
import { isFromRoundPage, type FromRoundPage, type ToRoundPage } from "../../shared/roundMessages";
import type { RoundView } from "../../shared/roundView";
import { Owner, disposableFrom } from "../platform/disposables";
import { throttle } from "../platform/throttle";
import { pageHtml, pageOptions } from "../platform/webviewPage";
import { localised } from "../text/l10n";

export const ROUND_VIEW = "beken.round";

const POST_EVERY_MS = 100;

export interface RoundPanelParts {
  readonly extensionUri: vscode.Uri;
  /** undefined while there is no round. */
  readonly view: () => RoundView | undefined;
  readonly handle: (message: Exclude<FromRoundPage, { readonly type: "ready" }>) => void;
  /** The person closed it. */
  readonly closed: () => void;
}

export class RoundPanel extends Owner {
  private readonly posting = this.register(throttle(POST_EVERY_MS, () => this.post({})));
  private panel: vscode.WebviewPanel | undefined;
  private revision = 0;

  constructor(private readonly parts: RoundPanelParts) {
    super();
    this.register(disposableFrom(() => void this.panel?.dispose()));
  }

  get isVisible(): boolean {
    return this.panel?.visible === true;
  }

  /** Another state is to be shown, soon. */
  refresh(): void {
    this.posting.request();
  }

  show(): void {
    if (this.panel !== undefined) {
      this.panel.reveal();
      return;
    }
    const { extensionUri } = this.parts;
    const { title } = localised().round;
    const panel = vscode.window.createWebviewPanel(
      ROUND_VIEW,
      title,
      vscode.ViewColumn.Active,
      pageOptions(extensionUri),
    );
    this.panel = panel;
    const icon = (name: string): vscode.Uri => vscode.Uri.joinPath(extensionUri, "media", name);
    panel.iconPath = { light: icon("dashboard-light.svg"), dark: icon("dashboard-dark.svg") };
    panel.webview.onDidReceiveMessage((message: unknown) => {
      if (!isFromRoundPage(message)) return;
      if (message.type === "ready") this.post({ strings: localised(), locale: vscode.env.language });
      else this.parts.handle(message);
    });
    panel.onDidChangeViewState(() => this.posting.request());
    panel.onDidDispose(() => {
      this.panel = undefined;
      if (!this.disposed) this.parts.closed();
    });
    panel.webview.html = pageHtml(panel.webview, extensionUri, "round", title);
  }

  /** A hidden page is gone; it asks again when it comes back. */
  private post(texts: Partial<PageTexts>): void {
    const round = this.parts.view();
    if (this.panel?.visible !== true || round === undefined) return;
    const message: ToRoundPage = {
      type: "round",
      version: PROTOCOL_VERSION,
      revision: ++this.revision,
      state: { round, ...texts },
    };
    void this.panel.webview.postMessage(message);
  }
}

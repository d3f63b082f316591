/**
 * The host of the dashboard: one panel, fed with whole snapshots when it asks and when something changed, its intents
 * checked and handed on. Knows how to show, not what is true: that comes from the source, and goes to the actions.
 */
import * as vscode from "vscode";
import {
  PROTOCOL_VERSION,
  isFromDashboard,
  type DashboardCommand,
  type DashboardState,
  type FromDashboard,
  type PageTexts,
  type ToDashboard,
} from "../../shared/messages";
import { Owner, Slot } from "../platform/disposables";
import { localised } from "../text/l10n";
import { pageHtml, pageOptions } from "../platform/webviewPage";
import { throttle } from "../platform/throttle";

export const DASHBOARD_VIEW = "beken.dashboard";

/** Everything the dashboard shows, and word of every change. */
export interface DashboardSource {
  readonly state: Omit<DashboardState, keyof PageTexts | "wantedPortId">;
  readonly onDidChange: vscode.Event<unknown>;
  /** Keeps it true, at some cost, until disposed: as long as the page is visible. */
  watch(): vscode.Disposable;
}

/** What a person can do from the dashboard. */
export interface DashboardActions {
  cancel(jobId: string): void;
  retry(jobId: string): void;
  rekey(jobId: string): void;
  approve(jobId: string, yes: boolean): void;
  /** Opens the user guide at what the job failed with. */
  guide(jobId: string): void;
  reveal(jobId: string): void;
  copyYaml(jobId: string): void;
  resume(interruptedId: string): void;
  dismiss(interruptedId: string): void;
  /** @param list files with an address, as `text/uri-list` */
  drop(list: string, portId: string | undefined): void;
  /** @param bytes undefined where the page could not read them */
  dropFile(name: string, size: number, bytes: Uint8Array | undefined, portId: string | undefined): void;
  /** @param jobId of the job whose button it was */
  run(command: DashboardCommand, portId: string | undefined, jobId: string | undefined): void;
}

const POST_EVERY_MS = 100;

export class Dashboard extends Owner {
  private readonly strings = localised();
  private readonly posting = this.register(throttle(POST_EVERY_MS, () => this.post({})));
  private readonly watching = this.register(new Slot<vscode.Disposable>());
  private readonly sight = this.register(new vscode.EventEmitter<void>());
  /** It came into sight, or went out of it. */
  readonly onDidChangeVisibility = this.sight.event;
  private panel: vscode.WebviewPanel | undefined;
  /** The editor was asked to bring the panel up, and has not said yet that it is. */
  private isComing = false;
  private revision = 0;
  /** The device that the page is to show, until it does. */
  private wanted: string | undefined;
  /** The device that the page shows, as it says. */
  private shown: string | undefined;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly source: DashboardSource,
    private readonly actions: DashboardActions,
  ) {
    super();
    this.register(source.onDidChange(() => this.posting.request()));
    this.register(
      vscode.window.registerWebviewPanelSerializer(DASHBOARD_VIEW, {
        deserializeWebviewPanel: (panel) => {
          panel.webview.options = pageOptions(extensionUri);
          this.adopt(panel);
          return Promise.resolve();
        },
      }),
    );
    // The panel itself outlives us: the editor keeps it over a reload and gives it back through the serializer.
  }

  /** Since the extension was activated. */
  get snapshotsPosted(): number {
    return this.revision;
  }

  get isVisible(): boolean {
    return this.panel !== undefined && (this.panel.visible || this.isComing);
  }

  /** In sight, and another editor is the active one. */
  get isAside(): boolean {
    return this.panel?.visible === true && !this.panel.active;
  }

  /** Whether this device is in sight, and the job that runs or ran last on it. */
  isShowing(portId: string): boolean {
    return this.isVisible && this.shown === portId;
  }

  /** Brings the dashboard up, at a device where one is named; with `preserveFocus` next to what the person is working on. */
  show({ preserveFocus = false, portId }: { readonly preserveFocus?: boolean; readonly portId?: string } = {}): void {
    this.wanted = portId;
    if (this.panel !== undefined) {
      if (portId !== undefined) this.posting.request();
      this.isComing = !this.panel.visible;
      this.watchWhileVisible();
      this.panel.reveal(undefined, preserveFocus);
      return;
    }
    const viewColumn = preserveFocus ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const options = { ...pageOptions(this.extensionUri), enableFindWidget: true };
    this.adopt(
      vscode.window.createWebviewPanel(
        DASHBOARD_VIEW,
        this.strings.dashboard.title,
        { viewColumn, preserveFocus },
        options,
      ),
    );
  }

  /** Makes `panel` the dashboard; an older one goes. */
  private adopt(panel: vscode.WebviewPanel): void {
    this.panel?.dispose();
    this.panel = panel;
    this.isComing = false;
    panel.title = this.strings.dashboard.title;
    const icon = (name: string): vscode.Uri => vscode.Uri.joinPath(this.extensionUri, "media", name);
    panel.iconPath = { light: icon("dashboard-light.svg"), dark: icon("dashboard-dark.svg") };
    const subscriptions = [
      panel.webview.onDidReceiveMessage((message: unknown) => {
        if (isFromDashboard(message)) this.handle(message);
      }),
      // A page that asked while the editor held its panel for hidden got no answer.
      panel.onDidChangeViewState(() => {
        this.isComing = false;
        this.watchWhileVisible();
        this.posting.request();
      }),
      panel.onDidDispose(() => {
        for (const subscription of subscriptions) subscription.dispose();
        if (this.panel === panel) this.panel = undefined;
        this.watchWhileVisible();
      }),
    ];
    this.watchWhileVisible();
    panel.webview.html = pageHtml(panel.webview, this.extensionUri, "dashboard", panel.title);
  }

  private watchWhileVisible(): void {
    // A page that is hidden is gone, and says anew what it shows.
    if (!this.isVisible) this.shown = undefined;
    if (this.isVisible === this.watching.isSet) return;
    this.watching.set(this.isVisible ? this.source.watch() : undefined);
    this.sight.fire();
  }

  private handle(message: FromDashboard): void {
    switch (message.type) {
      case "ready":
        this.post({ strings: this.strings, locale: vscode.env.language });
        return;
      case "cancel":
        this.actions.cancel(message.jobId);
        return;
      case "retry":
        this.actions.retry(message.jobId);
        return;
      case "rekey":
        this.actions.rekey(message.jobId);
        return;
      case "approve":
        this.actions.approve(message.jobId, message.yes);
        return;
      case "guide":
        this.actions.guide(message.jobId);
        return;
      case "copyYaml":
        this.actions.copyYaml(message.jobId);
        return;
      case "reveal":
        this.actions.reveal(message.jobId);
        return;
      case "resume":
        this.actions.resume(message.interruptedId);
        return;
      case "dismiss":
        this.actions.dismiss(message.interruptedId);
        return;
      case "drop":
        this.actions.drop(message.list, message.portId);
        return;
      case "dropFile":
        this.actions.dropFile(message.name, message.size, message.bytes, message.portId);
        return;
      case "run":
        this.actions.run(message.command, message.portId, message.jobId);
        return;
      case "shows":
        this.shown = message.portId;
        if (this.wanted === message.portId) this.wanted = undefined;
        return;
    }
  }

  /** A hidden page is gone; it asks again when it comes back. */
  private post(texts: Partial<PageTexts>): void {
    if (this.panel?.visible !== true) return;
    const message: ToDashboard = {
      type: "state",
      version: PROTOCOL_VERSION,
      revision: ++this.revision,
      state: { ...this.source.state, wantedPortId: this.wanted, ...texts },
    };
    void this.panel.webview.postMessage(message);
  }
}

/** The round of this window: begun, shown, gone on with. One at a time; which was the last is remembered, so that a killed one can go on. */
import * as vscode from "vscode";
import { asFlasherError, isFlasherError, parseLedger, devicesDone, sha256, type RoundFile } from "../../core/index";
import { StoredRoundBook, ledgerName, tablePath } from "../../storage/roundBook";
import { unusedPath } from "../../storage/backupNames";
import { readText } from "../../storage/wholeFiles";
import type { FromRoundPage, RoundDeed } from "../../shared/roundMessages";
import type { RoundView } from "../../shared/roundView";
import { COMMANDS } from "../platform/contributions";
import { Owner } from "../platform/disposables";
import { readFirmware, reveal } from "../platform/firmwareFiles";
import { runningPrograms } from "../platform/hostMachine";
import type { Memory } from "../platform/memory";
import { files, placeOf, uriOf } from "../platform/places";
import type { Settings } from "../platform/settings";
import { fail, inform, warn } from "../platform/shownMessages";
import { errorView } from "../text/errorText";
import { t } from "../text/l10n";
import type { RoundOrder } from "./roundLane";
import { RoundPanel } from "./roundPanel";
import { RoundRun, type RoundRunParts } from "./roundRun";
import type { PortEntry } from "../ports/portEntry";

export interface RoundsParts extends Omit<RoundRunParts, "backsUp" | "fileChanged"> {
  readonly extensionUri: vscode.Uri;
  readonly settings: Pick<Settings, "backUpBeforeFirstWrite" | "roundSound" | "update" | "onDidChange">;
  readonly memory: Memory;
  /** The extension's own, for all windows. */
  readonly folder: vscode.Uri;
}

/** A round that can be gone on with. */
export interface LastRound {
  /** URI of the file. */
  readonly source: string;
  readonly fileName: string;
  /** Address of bytes that do not tell theirs. */
  readonly at?: number | undefined;
  readonly ports: readonly string[];
  readonly ledger: string;
  readonly most?: number | undefined;
  /** The window was closed in it, or killed. */
  readonly isRunning: boolean;
}

export interface RoundStart {
  readonly order: RoundOrder;
  readonly bytes: Uint8Array;
  readonly ports: readonly PortEntry[];
  readonly most: number | undefined;
  readonly ledger: string;
}

const LAST = "beken.lastRound";

export class Rounds extends Owner {
  private readonly panel: RoundPanel;
  private run: RoundRun | undefined;
  private last: LastRound | undefined;
  private isLeaving = false;
  private isStarting = false;

  constructor(private readonly parts: RoundsParts) {
    super();
    this.panel = this.register(
      new RoundPanel({
        extensionUri: parts.extensionUri,
        view: () => this.view,
        handle: (message) => void this.handle(message),
        closed: () => this.pageClosed(),
      }),
    );
    this.register(parts.settings.onDidChange((names) => names.has("roundSound") && this.panel.refresh()));
    this.last = lastOf(parts.memory.get<unknown>(LAST));
  }

  get isRunning(): boolean {
    return this.isStarting || this.run?.isRunning === true;
  }

  get view(): RoundView | undefined {
    return this.run && { ...this.run.view, sound: this.parts.settings.roundSound };
  }

  /** The one that runs, or ran last in this window. */
  get current(): RoundRun | undefined {
    return this.run;
  }

  /** The last one of this workspace. */
  get lastRound(): LastRound | undefined {
    return this.last;
  }

  /** Resolves when the round that runs, if any, is over. */
  async ended(): Promise<void> {
    await this.run?.done;
  }

  show(): void {
    this.panel.show();
  }

  /** Where the ledger of a file goes. */
  ledgerOf(file: RoundFile): string {
    return files.join(placeOf(vscode.Uri.joinPath(this.parts.folder, "rounds")), ledgerName(file));
  }

  /** One that is not there yet, beside it. */
  async otherLedger(ledger: string): Promise<string> {
    return await unusedPath(files, ledger);
  }

  /** How many devices a ledger has as done, and how many it knows; undefined where there is none that can be read. */
  async progressOf(ledger: string): Promise<{ readonly done: number; readonly known: number } | undefined> {
    try {
      const read = parseLedger(await readText(files, ledger), files.nameOf(ledger));
      return { done: devicesDone(read), known: read.entries.length };
    } catch {
      // What is wrong with it is said when it is used.
      return undefined;
    }
  }

  /** Begins a round, or goes on with one, and shows its page. Failures are told. */
  async start({ order, bytes, ports, most, ledger }: RoundStart): Promise<void> {
    if (this.isRunning) {
      this.show();
      return;
    }
    this.isStarting = true;
    try {
      const { log, settings } = this.parts;
      const file: RoundFile = { name: order.fileName, sha256: await sha256(bytes), size: bytes.length };
      const book = await StoredRoundBook.open({
        files,
        programs: runningPrograms,
        path: ledger,
        file,
        tableNotWritten: (table, why) => {
          log.info(`${table} could not be written: ${why}`);
          void warn(
            t(
              "The table of the round could not be written, another program may have it open: {0}. The ledger itself is whole.",
              table,
            ),
          );
        },
      });
      this.run?.dispose();
      const run = new RoundRun(
        order,
        { ports, book, ledger, most },
        { ...this.parts, backsUp: settings.backUpBeforeFirstWrite, fileChanged: () => hasChanged(order.source, file) },
      );
      this.run = run;
      run.onDidChange(() => this.panel.refresh());
      const { source, fileName, request } = order;
      await this.remember({
        source,
        fileName,
        at: request.at,
        ports: ports.map(({ id }) => id),
        ledger,
        most,
        isRunning: true,
      });
      void run.done
        .then(() => this.over(run))
        .catch((error: unknown) => log.error("remember that a round is over", error));
      this.show();
      this.panel.refresh();
      log.info(`round with ${fileName} on ${run.ports.join(", ")}, ledger ${ledger}`);
    } catch (error) {
      this.tell(error);
    } finally {
      this.isStarting = false;
    }
  }

  /** Says once that a round was stopped by the end of the window, and offers to go on. */
  async offer(): Promise<void> {
    const { last } = this;
    if (last?.isRunning !== true) return;
    await this.remember({ ...last, isRunning: false });
    const progress = await this.progressOf(last.ledger);
    if (progress === undefined) return;
    const goOn = t("Go On");
    const text = t("The round with {0} was interrupted. Devices that are done: {1}.", last.fileName, progress.done);
    const answer = await inform(text, goOn);
    if (answer === goOn) await vscode.commands.executeCommand(COMMANDS.flashEach, { goOn: true });
  }

  /** The window goes: at once, and so that the next one offers to go on. */
  async shutdown(): Promise<void> {
    this.isLeaving = true;
    this.run?.endNow();
    await this.ended();
  }

  private async over(run: RoundRun): Promise<void> {
    if (this.last !== undefined && !this.isLeaving && this.run === run)
      await this.remember({ ...this.last, isRunning: false });
  }

  private async remember(last: LastRound): Promise<void> {
    this.last = last;
    await this.parts.memory.update(LAST, last);
  }

  private tell(error: unknown): void {
    const failure = asFlasherError(error, "begin a round");
    this.parts.log.error("begin a round", failure);
    const { title, steps } = errorView(failure);
    const { detail } = failure.context;
    const why = isFlasherError(error) && typeof detail === "string" ? `(${detail})` : "";
    void fail([title, why, steps[0]].filter(Boolean).join(" "));
  }

  private pageClosed(): void {
    const { run } = this;
    if (run?.isRunning !== true) return;
    run.end();
    if (!run.isWriting) return;
    const show = t("Show");
    void warn(t("The device at hand is finished, then the round ends."), show).then((answer) => {
      if (answer === show) this.show();
    });
  }

  private async handle(message: Exclude<FromRoundPage, { readonly type: "ready" }>): Promise<void> {
    const { run } = this;
    if (run === undefined) return;
    switch (message.type) {
      case "agree":
        run.agree(message.yes);
        return;
      case "again":
        run.again(message.portId);
        return;
      case "do":
        await this.act(run, message.deed).catch((error: unknown) => this.tell(error));
    }
  }

  private async act(run: RoundRun, deed: RoundDeed): Promise<void> {
    const ledger = this.last?.ledger;
    switch (deed) {
      case "pause":
      case "resume":
        run.setPause(deed === "pause");
        return;
      case "end":
        run.end();
        return;
      case "endNow":
        run.endNow();
        return;
      case "goOn":
        await vscode.commands.executeCommand(COMMANDS.flashEach, { goOn: true });
        return;
      case "openTable":
      case "openLedger":
        if (ledger !== undefined)
          await vscode.window.showTextDocument(uriOf(deed === "openTable" ? tablePath(files, ledger) : ledger), {
            preview: false,
          });
        return;
      case "revealLedger":
        if (ledger !== undefined) await reveal(ledger);
        return;
      case "soundOn":
      case "soundOff":
        await this.parts.settings.update("roundSound", deed === "soundOn");
    }
  }
}

/** What cannot be read now says nothing of a change. */
async function hasChanged(source: string, { sha256: before }: RoundFile): Promise<boolean> {
  try {
    const { bytes } = await readFirmware(vscode.Uri.parse(source, true));
    return (await sha256(bytes)) !== before;
  } catch {
    return false;
  }
}

/** What another version may have left counts for nothing where it is not of this shape. */
function lastOf(stored: unknown): LastRound | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const last = stored as Partial<Record<keyof LastRound, unknown>>;
  const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
  const isNumber = (value: unknown): boolean => value === undefined || Number.isSafeInteger(value);
  const isWhole =
    [last.source, last.fileName, last.ledger].every(isText) &&
    Array.isArray(last.ports) &&
    last.ports.every(isText) &&
    [last.at, last.most].every(isNumber) &&
    typeof last.isRunning === "boolean";
  return isWhole ? (stored as LastRound) : undefined;
}

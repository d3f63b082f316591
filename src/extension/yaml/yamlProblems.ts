/** Problems in configurations as they are typed, in a list of their own beside those of other extensions. Formats nothing. */
import * as vscode from "vscode";
import { checkYaml, type YamlDiagnostic, type YamlSources } from "../../esphome/index";
import { Owner } from "../platform/disposables";
import { realTimers, type Timers } from "../platform/timers";
import { say, t } from "../text/l10n";
import type { ChipAtHand } from "./chipAtHand";
import { YAML_LANGUAGES, isConfiguration, rangeIn, sourcesOf, uriBeside } from "./yamlDocuments";

export const YAML_SOURCE = "Beken Flasher";

/** What was found in one version of a document. */
export interface Checked {
  readonly version: number;
  readonly found: readonly YamlDiagnostic[];
  readonly sources: YamlSources;
}

const TYPING_MS = 300;
const SEVERITIES = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
} as const;

export class YamlProblems extends Owner {
  private readonly collection = this.register(vscode.languages.createDiagnosticCollection("beken"));
  private readonly waiting = new Map<string, () => void>();
  private readonly turns = new Map<string, number>();

  constructor(
    private readonly atHand: Pick<ChipAtHand, "chip" | "onDidChange">,
    private readonly failed: (error: unknown) => void,
    private readonly timers: Timers = realTimers,
  ) {
    super();
    const { workspace, window } = vscode;
    this.register(workspace.onDidOpenTextDocument((document) => this.soon(document, 0)));
    this.register(workspace.onDidChangeTextDocument(({ document }) => this.changed(document)));
    this.register(workspace.onDidSaveTextDocument((document) => this.changed(document)));
    this.register(workspace.onDidCloseTextDocument((document) => this.forget(document)));
    this.register(window.onDidChangeVisibleTextEditors(() => this.everything()));
    this.register(atHand.onDidChange(() => this.everything()));
    this.register({ dispose: () => this.waiting.forEach((takeBack) => takeBack()) });
    this.everything();
  }

  /** What the rules say of the document as it is now; undefined for what is no configuration. */
  async check(document: vscode.TextDocument): Promise<Checked | undefined> {
    const { version } = document;
    if (!isConfiguration(document)) return undefined;
    const sources = await sourcesOf(document);
    // A configuration that is not in front may be another device's.
    const isSeen = vscode.window.visibleTextEditors.some((editor) => editor.document === document);
    const chip = isSeen ? this.atHand.chip : undefined;
    return { version, found: checkYaml(document.getText(), { sources, chip }), sources };
  }

  private everything(): void {
    for (const document of vscode.workspace.textDocuments) this.soon(document, 0);
  }

  /** Others may take it in. */
  private changed(document: vscode.TextDocument): void {
    if (!isYaml(document)) return;
    for (const each of vscode.workspace.textDocuments) this.soon(each, TYPING_MS);
  }

  private soon(document: vscode.TextDocument, afterMs: number): void {
    if (!isYaml(document)) return;
    const id = document.uri.toString();
    this.waiting.get(id)?.();
    const takeBack = this.timers.after(afterMs, () => {
      this.waiting.delete(id);
      void this.publish(document).catch(this.failed);
    });
    this.waiting.set(id, takeBack);
  }

  private async publish(document: vscode.TextDocument): Promise<void> {
    const id = document.uri.toString();
    const turn = (this.turns.get(id) ?? 0) + 1;
    this.turns.set(id, turn);
    const checked = await this.check(document);
    if (this.disposed || document.isClosed || this.turns.get(id) !== turn) return;
    // What was typed meanwhile is looked at next.
    if (checked && checked.version !== document.version) return;
    if (checked) this.collection.set(document.uri, diagnosticsOf(document, checked));
    else this.collection.delete(document.uri);
  }

  private forget(document: vscode.TextDocument): void {
    const id = document.uri.toString();
    this.waiting.get(id)?.();
    this.waiting.delete(id);
    this.turns.delete(id);
    this.collection.delete(document.uri);
  }
}

const isYaml = ({ languageId }: vscode.TextDocument): boolean => YAML_LANGUAGES.includes(languageId);

function diagnosticsOf(document: vscode.TextDocument, { found, sources }: Checked): vscode.Diagnostic[] {
  return found.map((each) => {
    const { start, end, severity, code, words, file, fixes } = each;
    const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
    const message = file === undefined ? say(words) : t("In {0}: {1}", file, say(words));
    const diagnostic = new vscode.Diagnostic(range, message, SEVERITIES[severity]);
    diagnostic.source = YAML_SOURCE;
    diagnostic.code = code;
    const edit = fixes[0]?.edits[0];
    if (file !== undefined && edit?.file === file)
      diagnostic.relatedInformation = [
        new vscode.DiagnosticRelatedInformation(
          new vscode.Location(uriBeside(document, file), rangeIn(sources.get(file) ?? "", edit.start, edit.end)),
          t("It is written here."),
        ),
      ];
    return diagnostic;
  });
}

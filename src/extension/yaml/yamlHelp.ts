/** Help with configurations in the editor: problems, fixes, what is said on hovering, what can be written. */
import * as vscode from "vscode";
import { completionsAt, hoverAt, type YamlCompletion } from "../../esphome/index";
import { Owner } from "../platform/disposables";
import { say } from "../text/l10n";
import { markdownText } from "../text/plainText";
import type { ChipAtHand } from "./chipAtHand";
import { YAML_SELECTOR, isConfiguration, sourcesOf } from "./yamlDocuments";
import { YamlFixes } from "./yamlFixes";
import { YamlProblems } from "./yamlProblems";

export class YamlHelp extends Owner {
  constructor(atHand: Pick<ChipAtHand, "chip" | "onDidChange">, failed: (error: unknown) => void) {
    super();
    const { languages } = vscode;
    const problems = this.register(new YamlProblems(atHand, failed));
    this.register(
      languages.registerCodeActionsProvider(YAML_SELECTOR, new YamlFixes(problems), {
        providedCodeActionKinds: YamlFixes.kinds,
      }),
    );
    this.register(
      languages.registerHoverProvider(YAML_SELECTOR, {
        provideHover: (document, position) => hover(document, position, atHand),
      }),
    );
    this.register(
      languages.registerCompletionItemProvider(YAML_SELECTOR, {
        provideCompletionItems: (document, position) => suggestions(document, position, atHand),
      }),
    );
  }
}

async function hover(
  document: vscode.TextDocument,
  position: vscode.Position,
  { chip }: Pick<ChipAtHand, "chip">,
): Promise<vscode.Hover | undefined> {
  if (!isConfiguration(document)) return undefined;
  const sources = await sourcesOf(document);
  const found = hoverAt(document.getText(), document.offsetAt(position), { sources, chip });
  if (!found) return undefined;
  const texts = [`**${markdownText(found.title)}**`, ...found.texts.map((text) => markdownText(say(text)))];
  const range = new vscode.Range(document.positionAt(found.start), document.positionAt(found.end));
  return new vscode.Hover(new vscode.MarkdownString(texts.join("\n\n")), range);
}

function suggestions(
  document: vscode.TextDocument,
  position: vscode.Position,
  { chip }: Pick<ChipAtHand, "chip">,
): vscode.CompletionItem[] {
  if (!isConfiguration(document)) return [];
  return completionsAt(document.getText(), document.offsetAt(position), chip).map((each, index) =>
    suggestion(document, each, index),
  );
}

function suggestion(document: vscode.TextDocument, each: YamlCompletion, index: number): vscode.CompletionItem {
  const { label, insert, detail, texts, isBest, start, end } = each;
  const kind = insert.startsWith(`${label}:`) ? vscode.CompletionItemKind.Property : vscode.CompletionItemKind.Value;
  const item = new vscode.CompletionItem(label, kind);
  item.insertText = insert;
  item.range = new vscode.Range(document.positionAt(start), document.positionAt(end));
  // The order they come in, which puts the board of the chip first.
  item.sortText = String(index).padStart(3, "0");
  item.preselect = isBest;
  if (detail !== undefined) item.detail = say(detail);
  if (texts.length > 0)
    item.documentation = new vscode.MarkdownString(texts.map((text) => markdownText(say(text))).join("\n\n"));
  return item;
}

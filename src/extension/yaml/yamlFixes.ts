/** Fixes for what was found in a configuration: one by one, and all of them in one go. */
import * as vscode from "vscode";
import type { Edit, Fix } from "../../esphome/index";
import { say, t } from "../text/l10n";
import { rangeIn, uriBeside } from "./yamlDocuments";
import { YAML_SOURCE, type Checked, type YamlProblems } from "./yamlProblems";

const FIX_ALL = vscode.CodeActionKind.SourceFixAll.append("beken");

export class YamlFixes implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.QuickFix, FIX_ALL];

  constructor(private readonly problems: Pick<YamlProblems, "check">) {}

  async provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    { only, diagnostics }: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    const checked = await this.problems.check(document);
    if (!checked) return [];
    const wants = (kind: vscode.CodeActionKind): boolean => only === undefined || only.contains(kind);
    const fixable = checked.found.filter(({ fixes }) => fixes.length > 0);
    const firsts = fixable.flatMap(({ fixes }) => fixes.slice(0, 1));
    const here = wants(vscode.CodeActionKind.QuickFix)
      ? fixable.filter(({ start, end }) => range.intersection(rangeOf(document, start, end)) !== undefined)
      : [];
    const own = diagnostics.filter(({ source }) => source === YAML_SOURCE);
    const actions = here.flatMap(({ code, fixes, start, end }) =>
      fixes.map((fix, index) => {
        const action = actionOf(document, checked, say(fix.title), vscode.CodeActionKind.QuickFix, [fix]);
        const place = rangeOf(document, start, end);
        action.diagnostics = own.filter((each) => each.code === code && each.range.isEqual(place));
        action.isPreferred = index === 0;
        return action;
      }),
    );
    if (here.length > 0 && firsts.length > 1)
      actions.push(
        actionOf(document, checked, t("Fix All Problems with the Chip"), vscode.CodeActionKind.QuickFix, firsts),
      );
    if (only?.contains(FIX_ALL) === true && firsts.length > 0)
      actions.push(actionOf(document, checked, t("Fix All Problems with the Chip"), FIX_ALL, firsts));
    return actions;
  }
}

function rangeOf(document: vscode.TextDocument, start: number, end: number): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}

function actionOf(
  document: vscode.TextDocument,
  { sources }: Checked,
  title: string,
  kind: vscode.CodeActionKind,
  fixes: readonly Fix[],
): vscode.CodeAction {
  const action = new vscode.CodeAction(title, kind);
  action.edit = new vscode.WorkspaceEdit();
  for (const { file, start, end, text } of apart(fixes.flatMap(({ edits }) => edits))) {
    if (file === undefined) action.edit.replace(document.uri, rangeOf(document, start, end), text);
    else action.edit.replace(uriBeside(document, file), rangeIn(sources.get(file) ?? "", start, end), text);
  }
  return action;
}

/** Of edits that touch each other the earlier one. */
function apart(edits: readonly Edit[]): readonly Edit[] {
  const ends = new Map<string | undefined, number>();
  return [...edits]
    .sort((a, b) => a.start - b.start || a.end - b.end)
    .filter(({ file, start, end }) => {
      if (start < (ends.get(file) ?? 0)) return false;
      ends.set(file, end);
      return true;
    });
}

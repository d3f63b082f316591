/** Lines of a configuration into the clipboard, with a word about it. */
import * as vscode from "vscode";
import { t } from "../text/l10n";
import { inform } from "./shownMessages";

export async function copyLines(lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await vscode.env.clipboard.writeText(`${lines.join("\n")}\n`);
  void inform(
    t("Copied. Put it into the ESPHome configuration, below the keys of the same names where they are there."),
  );
}

/**
 * Settings of an untrusted workspace that the editor leaves out, told once, so that it is known why they do nothing. The editor gives
 * an extension no word of them: the workspace's file is read for their names, and for nothing else.
 */
import * as vscode from "vscode";
import { visible } from "../../core/index";
import { t } from "../text/l10n";
import type { OutputLog } from "./outputLog";
import { settingsNamedIn } from "./settingValues";
import { warn } from "./shownMessages";

/** @param restricted as the manifest declares them */
export async function tellIgnoredSettings(restricted: readonly string[], log: OutputLog): Promise<void> {
  if (vscode.workspace.isTrusted) return;
  const { workspaceFile, workspaceFolders } = vscode.workspace;
  const places = (workspaceFolders ?? []).map(({ uri }) => vscode.Uri.joinPath(uri, ".vscode", "settings.json"));
  if (workspaceFile?.scheme === "file") places.push(workspaceFile);
  const texts = await Promise.all(places.map(textOf));
  const ignored = settingsNamedIn(texts.join("\n"), restricted);
  if (ignored.length === 0) return;
  const text = t(
    "This workspace is not trusted, so these of its settings are ignored: {0}.",
    ignored.map(visible).join(", "),
  );
  log.info(text);
  const trust = t("Manage Trust");
  if ((await warn(text, trust)) === trust) await vscode.commands.executeCommand("workbench.trust.manage");
}

/** Nothing where there is no such file. */
async function textOf(uri: vscode.Uri): Promise<string> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return "";
  }
}

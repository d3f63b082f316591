/**
 * The HTML around a webview's script: nothing is allowed but our own script, by nonce, and our own style sheet. Shared by
 * the pages; knows none.
 */
import * as vscode from "vscode";
import { t } from "../text/l10n";

export type PageName = "dashboard" | "imageViewer" | "round";

const built = (extensionUri: vscode.Uri): vscode.Uri => vscode.Uri.joinPath(extensionUri, "dist", "webview");

/** What every webview of ours may do. State comes from the host, so nothing has to be kept alive while hidden. */
export function pageOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, enableForms: false, localResourceRoots: [built(extensionUri)] };
}

/** @param title plain text; it is the document's title until the script has drawn */
export function pageHtml(webview: vscode.Webview, extensionUri: vscode.Uri, page: PageName, title: string): string {
  const file = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(built(extensionUri), page, name)).toString();
  const nonce = crypto.randomUUID().replaceAll("-", "");
  // The component library marks the one style element it makes with the nonce it finds in this meta element.
  const policy = `default-src 'none'; style-src ${webview.cspSource} 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="${escapeHtml(vscode.env.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${escapeHtml(file("main.css"))}">
</head>
<body>
<div id="loading" aria-busy="true">
<p role="status">${escapeHtml(t("{0} is being loaded\u2026", title))}</p>
<div class="skeleton" aria-hidden="true"></div>
<div class="skeleton" aria-hidden="true"></div>
<div class="skeleton" aria-hidden="true"></div>
</div>
<script nonce="${nonce}" src="${escapeHtml(file("main.js"))}"></script>
</body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

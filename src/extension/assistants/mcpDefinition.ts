/**
 * The MCP server of the command line, which comes with the extension, offered to editors that take such offers (VS Code 1.101 and
 * later), where the person wants it: the same tools are there as the editor's own, and a model would see each twice. There a write is asked about by the protocol's own question to the person.
 */
import * as vscode from "vscode";
import type { Settings } from "../platform/settings";

/** As the manifest has it. */
const PROVIDER = "beken";

/** What editors have that are newer than the oldest this extension runs in. */
interface NewerEditor {
  readonly McpStdioServerDefinition?: new (
    label: string,
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    version: string,
  ) => unknown;
  readonly lm: {
    registerMcpServerDefinitionProvider?(
      id: string,
      provider: {
        readonly onDidChangeMcpServerDefinitions: vscode.Event<void>;
        provideMcpServerDefinitions(): readonly unknown[];
      },
    ): vscode.Disposable;
  };
}

export function offerMcpServer(
  extension: vscode.Uri,
  version: string,
  settings: Pick<Settings, "offerMcpServer" | "onDidChange">,
): vscode.Disposable {
  // The version before has functions of the same names that are not for us to call.
  const [major = 0, minor = 0] = vscode.version.split(".").map(Number);
  const isNewer = major > 1 || minor >= 101;
  const { McpStdioServerDefinition, lm } = vscode as unknown as NewerEditor;
  if (!isNewer || McpStdioServerDefinition === undefined || lm.registerMcpServerDefinitionProvider === undefined)
    return new vscode.Disposable(() => undefined);
  const program = vscode.Uri.joinPath(extension, "dist", "cli", "main.js").fsPath;
  const changed = new vscode.EventEmitter<void>();
  const offered = lm.registerMcpServerDefinitionProvider(PROVIDER, {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions: () => {
      if (!settings.offerMcpServer) return [];
      // The editor's own program is Node as well, when it is told so.
      const environment = { ELECTRON_RUN_AS_NODE: "1" };
      return [new McpStdioServerDefinition("Beken Flasher", process.execPath, [program, "mcp"], environment, version)];
    },
  });
  const listening = settings.onDidChange((names) => names.has("offerMcpServer") && changed.fire());
  return vscode.Disposable.from(offered, listening, changed);
}

/**
 * The command line in the editor's terminals: `beken-flasher` is found there, and runs on the editor's own Node, so that nothing
 * has to be installed. Terminals outside of the editor, and the person's own settings of their shell, are left alone.
 */
import type * as vscode from "vscode";
import { t } from "../text/l10n";
import { Owner } from "./disposables";
import type { Settings } from "./settings";

/** Where the build puts what a shell starts, below the extension's folder. */
const SHIMS = "dist/cli/bin";
/** Read by the shims; without it they take the `node` of the PATH. */
const NODE = "BEKEN_FLASHER_NODE";

export class TerminalCommand extends Owner {
  constructor(
    private readonly context: Pick<vscode.ExtensionContext, "asAbsolutePath" | "environmentVariableCollection">,
    private readonly settings: Settings,
  ) {
    super();
    this.register(settings.onDidChange((names) => names.has("terminalCommand") && this.apply()));
    this.apply();
  }

  private apply(): void {
    const variables = this.context.environmentVariableCollection;
    // Where the extension is may be another place after its next update.
    variables.persistent = false;
    variables.clear();
    if (!this.settings.terminalCommand) return;
    variables.description = t("adds the command {0}", "beken-flasher");
    variables.prepend("PATH", `${this.context.asAbsolutePath(SHIMS)}${process.platform === "win32" ? ";" : ":"}`);
    variables.replace(NODE, process.execPath);
  }
}

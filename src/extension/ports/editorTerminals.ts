/** The editor's terminals, with what runs in them as far as the editor tells. */
import * as vscode from "vscode";
import { Owner, disposableFrom } from "../platform/disposables";
import type { ExtensionTerminal } from "./eclipseMonitor";
import type { EditorTerminal } from "./terminalMonitors";

export class EditorTerminals extends Owner {
  private readonly commands = new Map<vscode.Terminal, vscode.TerminalShellExecution>();
  private readonly tasks = new Map<vscode.TaskExecution, number>();

  constructor() {
    super();
    const { window, tasks } = vscode;
    for (const listener of [
      window.onDidStartTerminalShellExecution(({ terminal, execution }) => this.commands.set(terminal, execution)),
      window.onDidEndTerminalShellExecution(({ terminal, execution }) => {
        if (this.commands.get(terminal) === execution) this.commands.delete(terminal);
      }),
      window.onDidCloseTerminal((terminal) => this.commands.delete(terminal)),
      tasks.onDidStartTaskProcess(({ execution, processId }) => this.tasks.set(execution, processId)),
      tasks.onDidEndTaskProcess(({ execution }) => this.tasks.delete(execution)),
    ])
      this.register(listener);
    this.register(disposableFrom(() => this.commands.clear()));
  }

  async all(): Promise<readonly EditorTerminal[]> {
    return await Promise.all(vscode.window.terminals.map((terminal) => this.asNow(terminal)));
  }

  /** Those whose text comes from an extension. */
  get ofExtensions(): readonly ExtensionTerminal[] {
    const own = vscode.window.terminals.filter(
      ({ creationOptions, exitStatus }) => "pty" in creationOptions && exitStatus === undefined,
    );
    return own.map((terminal) => ({ name: terminal.name, close: () => terminal.dispose() }));
  }

  private async asNow(terminal: vscode.Terminal): Promise<EditorTerminal> {
    const pid = await terminal.processId;
    const { commands } = this;
    return {
      name: terminal.name,
      pid,
      get typed() {
        return commands.get(terminal)?.commandLine.value;
      },
      get isOpen() {
        return terminal.exitStatus === undefined;
      },
      task: this.taskIn(terminal, pid),
      press: (keys) => terminal.sendText(keys, false),
      run: (command) => {
        if (terminal.shellIntegration === undefined) terminal.sendText(command);
        else terminal.shellIntegration.executeCommand(command);
      },
    };
  }

  /** By its process; one that began before this extension, by its name. */
  private taskIn({ name }: vscode.Terminal, pid: number | undefined): EditorTerminal["task"] {
    const known = [...this.tasks].find(([, process]) => process === pid)?.[0];
    const execution =
      known ?? vscode.tasks.taskExecutions.find((one) => !this.tasks.has(one) && one.task.name === name);
    if (execution === undefined) return undefined;
    const { task } = execution;
    const again = async (): Promise<void> => void (await vscode.tasks.executeTask(task));
    // Of tasks.json: what it depends on is not told, and would run before it.
    const isAlone = task.source !== "Workspace";
    return { end: () => execution.terminate(), ...(isAlone && { again }) };
  }
}

/** A monitor in the terminal of a task: ends when the editor ends it, or, where that is asked for, with the verdict as its exit code. */
import * as vscode from "vscode";
import type { BootVerdict } from "../../core/index";
import { TASK_EXIT } from "./jobTerminal";

export class MonitorTerminal implements vscode.Pseudoterminal {
  private readonly closes = new vscode.EventEmitter<number>();
  readonly onDidClose = this.closes.event;
  readonly onDidWrite: vscode.Event<string>;

  constructor(
    private readonly monitor: vscode.Pseudoterminal,
    private readonly untilVerdict: boolean,
  ) {
    this.onDidWrite = monitor.onDidWrite;
  }

  open(size: vscode.TerminalDimensions | undefined): void {
    this.monitor.open(size);
  }

  close(): void {
    this.monitor.close();
  }

  handleInput(keys: string): void {
    this.monitor.handleInput?.(keys);
  }

  /** Silence is no answer: it may be early. */
  judge({ kind }: BootVerdict): void {
    if (!this.untilVerdict || kind === "silence") return;
    this.monitor.close();
    this.closes.fire(kind === "running" ? TASK_EXIT.done : TASK_EXIT.failed);
  }
}

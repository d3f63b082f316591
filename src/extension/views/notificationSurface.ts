/** The editor as notifications use it: its messages, its progress, and the commands behind their buttons. */
import * as vscode from "vscode";
import { jobArgument } from "../jobs/jobArgument";
import { reveal } from "../platform/firmwareFiles";
import { fail, inform, warn } from "../platform/shownMessages";
import { messageText } from "../text/plainText";
import type { NotificationSurface } from "./notifications";

export const editorSurface: NotificationSurface = {
  inform,
  warn,
  fail,
  progress(what, work) {
    const location = vscode.ProgressLocation.Notification;
    const title = messageText(what);
    void vscode.window.withProgress({ location, title, cancellable: true }, (progress, token) =>
      work({
        report: (message, increment) => progress.report({ message: messageText(message), increment }),
        onCancel: (cancel) => void token.onCancellationRequested(cancel),
      }),
    );
  },
  async run(command, argument) {
    await vscode.commands.executeCommand(command, argument);
  },
  reveal,
  argumentFor: jobArgument,
};

/** Messages of the editor with nothing in them but text: the only place that shows any. */
import * as vscode from "vscode";
import { messageText } from "../text/plainText";

type Shown = Thenable<string | undefined>;

export function inform(text: string, ...buttons: readonly string[]): Shown {
  return vscode.window.showInformationMessage(messageText(text), ...buttons);
}

export function warn(text: string, ...buttons: readonly string[]): Shown {
  return vscode.window.showWarningMessage(messageText(text), ...buttons);
}

export function fail(text: string, ...buttons: readonly string[]): Shown {
  return vscode.window.showErrorMessage(messageText(text), ...buttons);
}

/** A dialog that is answered before anything else is done. */
export function ask(isGrave: boolean, title: string, detail: string, ...buttons: readonly string[]): Shown {
  const { showInformationMessage, showWarningMessage } = vscode.window;
  const options = { modal: true, detail: messageText(detail) };
  return (isGrave ? showWarningMessage : showInformationMessage)(messageText(title), options, ...buttons);
}

/** In the status bar for as long as `work` takes. */
export function whileBusy<T>(text: string, work: () => Thenable<T>): Thenable<T> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: messageText(text) }, work);
}

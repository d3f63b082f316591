/** Context keys for `when` clauses, written only when they change. Knows names and types, not what they stand for. */
import * as vscode from "vscode";
import type { ContextKey, ContextTypes } from "./contributions";

const current = new Map<ContextKey, string>();

export type SetContext = <K extends ContextKey>(key: K, value: ContextTypes[K]) => void;

export const setContext: SetContext = (key, value) => {
  const text = JSON.stringify(value);
  if (current.get(key) === text) return;
  current.set(key, text);
  void vscode.commands.executeCommand("setContext", key, value);
};

/** A new start of the extension must set everything again. */
export function forgetContext(): void {
  current.clear();
}

/** Context keys for `when` clauses, written only when they change. Knows names and types, not what they stand for. */
import * as vscode from "vscode";
import type { ContextKey, ContextTypes } from "./contributions";

const current = new Map<ContextKey, string>();

export function setContext<K extends ContextKey>(key: K, value: ContextTypes[K]): void {
  const text = JSON.stringify(value);
  if (current.get(key) === text) return;
  current.set(key, text);
  void vscode.commands.executeCommand("setContext", key, value);
}

/** The last value that was set; undefined before the first. */
export function contextValue<K extends ContextKey>(key: K): ContextTypes[K] | undefined {
  const text = current.get(key);
  return text === undefined ? undefined : (JSON.parse(text) as ContextTypes[K]);
}

/** A new start of the extension must set everything again. */
export function forgetContext(): void {
  current.clear();
}

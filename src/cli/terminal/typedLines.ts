/** Lines that a person types while a log runs, with the history that the terminal's line editor has; Ctrl-] leaves. */
import { createInterface } from "node:readline";

const LEAVE = "\u001d";

/**
 * Calls `send` with each line; nothing is asked for where standard input is no terminal.
 * @returns ends it
 */
export function readTypedLines(send: (line: string) => void, leave: () => void): () => void {
  if (process.stdin.isTTY !== true) return () => undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr, prompt: "", historySize: 100 });
  lines.on("line", send);
  // The line editor takes Ctrl-C as well, and would end alone.
  lines.on("SIGINT", leave);
  const onKey = (_: string, key: { readonly sequence?: string } | undefined): void => {
    if (key?.sequence === LEAVE) leave();
  };
  process.stdin.on("keypress", onKey);
  return () => {
    process.stdin.off("keypress", onKey);
    lines.close();
  };
}

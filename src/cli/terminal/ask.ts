/** Questions at a terminal. Whether a person is there to answer is for output.ts to say. */
import { createInterface } from "node:readline/promises";
import { visible } from "../../core/index";
import { interrupted } from "./interrupt";

/** What was typed; undefined after Ctrl-C, and when the terminal is gone. */
export async function askLine(question: string): Promise<string | undefined> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(visible(question), { signal: interrupted });
  } catch {
    return undefined;
  } finally {
    terminal.close();
  }
}

/** Anything but a clear yes is a no. */
export async function askYesNo(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(((await askLine(`${question} [y/N] `)) ?? "").trim());
}

/** The command line at a terminal, as a person has it: what it shows, and answers typed to its questions. Linux and macOS. */
import { homeFolder, stateFolder } from "./cli";

export interface Shown {
  readonly code: number;
  /** Both streams, as they came to the screen. */
  readonly text: string;
}

/** @param answers to questions, by what they end with */
export async function atTerminal(
  args: readonly string[],
  answers: readonly (readonly [question: string, answer: string])[] = [],
): Promise<Shown> {
  // An optional package: only who has pseudo-terminals comes here.
  const { spawn } = await import("@lydell/node-pty");
  const environment: Record<string, string> = {
    ...(process.env as Record<string, string>),
    NO_COLOR: "1",
    XDG_STATE_HOME: stateFolder,
    HOME: homeFolder,
  };
  delete environment.BEKEN_BACKUPS;
  const terminal = spawn(process.execPath, ["dist/cli.js", ...args], { cols: 200, rows: 60, env: environment });
  const open = [...answers];
  let text = "";
  let from = 0;
  terminal.onData((shown) => {
    text += shown;
    const [next] = open;
    if (next === undefined || !text.slice(from).includes(next[0])) return;
    open.shift();
    from = text.length;
    terminal.write(`${next[1]}\r`);
  });
  return await new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve({ code: exitCode, text })));
}

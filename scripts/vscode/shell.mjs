// Runs the commands that prepare test machinery, keeping their output for the error. Knows nothing of what they do.
import { spawn } from "node:child_process";

/** Lines of a failed command's output worth showing. */
const TAIL_LINES = 30;

/** Resolves with the exit code and all output, standard error included; never rejects. */
export function attempt(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk) => (output += chunk);
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    child.on("error", (error) => resolve({ code: undefined, output: String(error) }));
    child.on("close", (code) => resolve({ code: code ?? undefined, output }));
  });
}

/** Resolves with the output; rejects with the end of it when the command fails. */
export async function run(command, args, options = {}) {
  const { code, output } = await attempt(command, args, options);
  if (code === 0) return output;
  const tail = output.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
  throw new Error(`${[command, ...args].join(" ")} failed (${code ?? "not started"}):\n${tail}`);
}

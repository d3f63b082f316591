// A simulated chip in a process of its own, run by the built command line. Knows nothing of who talks to it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Resolves with the process and the port it listens on; rejects when it ends without one. `args` are those of `simulate`. */
export async function simulated(args) {
  const chip = spawn(process.execPath, ["dist/cli.js", "simulate", ...args, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(chip, "exit").then(() => Promise.reject(new Error("the simulated chip did not start")));
  const [line] = await Promise.race([once(createInterface({ input: chip.stdout }), "line"), ended]);
  ended.catch(() => undefined);
  return { chip, port: JSON.parse(line).port };
}

// `npm run demo`: a simulated BK7231T on a pseudo-terminal at real pace, and a genuine build flashed to it by the ordinary command line.
// Needs dist/cli.js. Ends with the exit code of the flash job.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const CLI = "dist/cli.js";
const BUILD = "examples/esphome/.esphome/build/bedroom-bulb/.pioenvs/bedroom-bulb/image_bk7231t_app.0x011000.rbl";
/** Windows has no pseudo-terminals that can be opened as serial ports. */
const LISTEN = process.platform === "win32" ? "tcp:0" : "pty";
const END_WITHIN_MS = 3_000;

function runCli(args, stdio) {
  return spawn(process.execPath, [CLI, ...args], { stdio });
}

/** The port named by the first line the simulator prints; undefined when it ended without one. */
async function portOf(simulator) {
  for await (const line of createInterface({ input: simulator.stdout })) {
    const event = JSON.parse(line);
    if (event.type === "listening") return event.port;
    console.error(line);
  }
  return undefined;
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGINT");
  const limit = setTimeout(() => child.kill("SIGKILL"), END_WITHIN_MS);
  await ended;
  clearTimeout(limit);
}

// Ctrl-C reaches the flash job through the terminal; it ends by itself and says what it left.
process.on("SIGINT", () => undefined);

const simulator = runCli(
  ["simulate", "--chip", "bk7231t", "--firmware", "libretiny", "--listen", LISTEN, "--pace", "real", "--json"],
  ["ignore", "pipe", "inherit"],
);
const port = await portOf(simulator);
if (port === undefined) {
  console.error("The simulated chip did not start.");
  process.exitCode = 1;
} else {
  simulator.stdout.resume();
  console.log(`A simulated BK7231T listens on ${port}. Flashing ${BUILD.split("/").at(-1)}:\n`);
  const [code] = await once(runCli(["flash", BUILD, "--port", port, "--no-backup"], "inherit"), "exit");
  await end(simulator);
  process.exitCode = code ?? 1;
}

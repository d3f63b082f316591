// `npm start`: builds, puts a simulated chip on a port of this machine, and opens VS Code with the extension on examples/:
// the desktop one where there is one, else code-server, whose address is printed. Ctrl-C ends everything.
import { clearInterval, setInterval } from "node:timers";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import "./plainErrors.mjs";
import { simulated } from "./simulated.mjs";
import { cacheFolder } from "./vscode/cache.mjs";
import { installCodeServer } from "./vscode/codeServer.mjs";
import { DESKTOP_FLAGS, findDesktop } from "./vscode/desktop.mjs";
import { freePort, serve } from "./vscode/serve.mjs";
import { run } from "./vscode/shell.mjs";
import { unpackExtension } from "./vscode/unpacked.mjs";

/** Says that it still works, so that nobody takes it for stuck. */
async function audibly(work) {
  const began = performance.now();
  const telling = setInterval(() => {
    console.log(`  still at it, ${Math.round((performance.now() - began) / 1000)} s ...`);
  }, 10_000);
  try {
    return await work;
  } finally {
    clearInterval(telling);
  }
}

const CHIP = "bk7231t";
const PORT = 8_123;

console.log("Building the extension ...");
await run(process.execPath, ["esbuild.js"]);
console.log("Starting a simulated chip ...");
// At real pace, with its power cycled by itself. A port of this machine works on every platform.
const { chip, port } = await simulated(["--chip", CHIP, "--listen", `tcp:${await freePort()}`, "--pace", "real"]);
const folder = resolve("examples");
const profile = cacheFolder("start");
const extension = join(profile, "extension");
unpackExtension(extension);
// Marked as what it is, so that it is not taken for a chip on a wire.
const settings = { "beken.extraPorts": [`practice:${port}`] };
const interrupted = once(process, "SIGINT");
try {
  console.log("Looking for a desktop VS Code ...");
  const desktop = await audibly(findDesktop());
  if (desktop !== undefined) {
    mkdirSync(join(profile, "User"), { recursive: true });
    writeFileSync(join(profile, "User", "settings.json"), JSON.stringify(settings, undefined, 2));
    const flags = ["--extensionDevelopmentPath", extension, "--user-data-dir", profile, "--new-window", "--wait"];
    const editor = spawn(desktop, [folder, ...flags, ...DESKTOP_FLAGS], { stdio: "inherit" });
    console.log(`VS Code opens on examples/ with a practice device at ${port}.`);
    await Promise.race([once(editor, "exit"), interrupted]);
    editor.kill();
  } else {
    console.log("No desktop VS Code here, so code-server; its first installation takes some minutes ...");
    const server = await audibly(installCodeServer("floor"));
    console.log("Starting code-server ...");
    const folders = { dataDir: join(profile, "data"), extensionsDir: join(profile, "extensions") };
    const served = await serve(server, { ...folders, folder, settings, port: PORT });
    const url = served.url(folder, [
      ["extensionDevelopmentPath", served.remote(extension)],
      ["skipWelcome", "true"],
    ]);
    console.log(
      `VS Code ${server.vscode} on examples/ with the extension, and a practice device at ${port}:\n\n  ${url}\n`,
    );
    console.log("Open it in a browser; Ctrl-C ends it.");
    await interrupted;
    await served.stop();
  }
} finally {
  chip.kill("SIGINT");
  rmSync(profile, { recursive: true, force: true });
}

// Runs test/host inside an extension host: in a desktop VS Code where one can be had, else in code-server, opened by a
// browser. The suite hands its results out through a file, for an extension host has no exit code of its own.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runTests } from "@vscode/test-electron";
import { chromium } from "playwright-core";
import { findChromium } from "./browser.mjs";
import { BROWSER_FLAGS } from "./browserFlags.mjs";
import { installCodeServer } from "./codeServer.mjs";
import { DESKTOP_FLAGS, findDesktop } from "./desktop.mjs";
import { serve } from "./serve.mjs";
import { unpackExtension } from "./unpacked.mjs";

/** Longer than any test may take: an editor in which no other test begins hangs. */
const TEST_BEGINS_WITHIN_MS = 4 * 60_000;

async function inDesktop(executable, { suite, extension, folder, temp, env }) {
  await runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: extension,
    extensionTestsPath: suite,
    extensionTestsEnv: env,
    launchArgs: [folder, "--disable-workspace-trust", "--user-data-dir", join(temp, "data"), ...DESKTOP_FLAGS],
  });
}

async function inCodeServer({ suite, extension, folder, temp, env, results }) {
  const [executablePath, server] = await Promise.all([findChromium(), installCodeServer("floor")]);
  const served = await serve(server, {
    folder,
    dataDir: join(temp, "data"),
    extensionsDir: join(temp, "extensions"),
    env,
  });
  const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
  try {
    const page = await browser.newPage();
    await page.goto(
      served.url(folder, [
        ["extensionDevelopmentPath", served.remote(extension)],
        ["extensionTestsPath", served.remote(suite)],
        ["skipWelcome", "true"],
      ]),
    );
    let running = "before the first test";
    let since = Date.now();
    while (!existsSync(results)) {
      const title = existsSync(`${results}.now`) ? readFileSync(`${results}.now`, "utf8") : running;
      if (title !== running) [running, since] = [title, Date.now()];
      const log = readFileSync(served.log, "utf8");
      const ended = log.includes("Extension Host Process exited") && !existsSync(results);
      if (ended || Date.now() - since > TEST_BEGINS_WITHIN_MS)
        throw new Error(`no results from ${suite}, which ended or hangs in "${running}":\n${log.slice(-3_000)}`);
      await new Promise((done) => setTimeout(done, 200));
    }
  } finally {
    await browser.close();
    await served.stop();
  }
}

/**
 * @param suite the bundled module with `run()`
 * @param more environment of the extension host
 * Resolves with what the suite wrote: of tests, their counts and what they printed; rejects when nothing came.
 */
export async function runHostSuite(suite, more = {}) {
  const temp = mkdtempSync(join(tmpdir(), "beken-host-"));
  const folder = join(temp, "examples");
  const results = join(temp, "results.json");
  cpSync("examples", folder, { recursive: true });
  const extension = join(temp, "extension");
  unpackExtension(extension);
  const job = {
    suite: resolve(suite),
    extension,
    folder,
    temp,
    results,
    env: { ...more, BEKEN_HOST_RESULTS: results },
  };
  try {
    const desktop = await findDesktop();
    if (desktop === undefined) await inCodeServer(job);
    // A failed test also ends the editor with an error: the results tell more.
    else
      await inDesktop(desktop, job).catch((error) => {
        if (!existsSync(results)) throw error;
      });
    return JSON.parse(readFileSync(results, "utf8"));
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

// How long the extension takes to activate where its host is a browser's worker: the workbench of an editor, opened a few times. Expects a build.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { findChromium } from "./browser.mjs";
import { BROWSER_FLAGS } from "./browserFlags.mjs";
import { installCodeServer } from "./codeServer.mjs";
import { serve } from "./serve.mjs";
import { unpackForBrowser } from "./unpacked.mjs";

const OPENINGS = 3;
const WITHIN_MS = 60_000;
/** Asked of every worker, of which one is the extension host: what `activate` has left there. */
const ACTIVATION = `performance.getEntriesByName("beken-flasher.activation")[0]?.duration`;

/** @returns for each opening, in ms */
export async function activationsInBrowser(release) {
  const folder = mkdtempSync(join(tmpdir(), "beken-activation-"));
  const [dataDir, extensionsDir, work] = ["data", "extensions", "work"].map((name) => join(folder, name));
  for (const each of [dataDir, extensionsDir, work]) mkdirSync(each);
  unpackForBrowser(join(extensionsDir, "beken-flasher.beken-flasher"));
  const served = await serve(await installCodeServer(release), { dataDir, extensionsDir, folder: work });
  const browser = await chromium.launch({ executablePath: await findChromium(), args: BROWSER_FLAGS });
  try {
    const found = [];
    while (found.length < OPENINGS) found.push(await oneOpening(browser, served.url(work)));
    return found;
  } finally {
    await browser.close();
    await served.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function oneOpening(browser, url) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(url);
    const deadline = Date.now() + WITHIN_MS;
    for (;;) {
      const told = await Promise.all(
        page.workers().map((worker) => worker.evaluate(ACTIVATION).catch(() => undefined)),
      );
      const ms = told.find((duration) => duration !== undefined);
      if (ms !== undefined) return ms;
      if (Date.now() > deadline) throw new Error("the extension was not activated in the browser");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } finally {
    await context.close();
  }
}

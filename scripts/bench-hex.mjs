// `npm run bench:hex`: opens a file of 16 MiB on the viewer's page in a browser, scrolls through its bytes, and prints how long the first
// takes and how many frames a second the second has.
import { rmSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { bundleTests } from "./test-bundle.mjs";
import { findChromium } from "./vscode/browser.mjs";
import { BROWSER_FLAGS } from "./vscode/browserFlags.mjs";
import { run } from "./vscode/shell.mjs";

const out = join("out", `bench-hex-${process.pid}`);
await run(process.execPath, ["esbuild.js", "--production"]);
await bundleTests(["test/bench/hexView.ts"], out);
const { measureHexView } = (await import(pathToFileURL(join(out, "test", "bench", "hexView.js")).href)).default;
const browser = await chromium.launch({ executablePath: await findChromium(), args: BROWSER_FLAGS });
try {
  const { lookMs, drawMs, scrolls } = await measureHexView(browser);
  console.log(`${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
  console.log(`16 MiB: looked through in ${lookMs.toFixed(0)} ms, its bytes drawn ${drawMs.toFixed(0)} ms later`);
  for (const { rowsAFrame, framesASecond, slowMs, workMs } of scrolls)
    console.log(
      `${String(rowsAFrame).padStart(5)} rows a frame: ${framesASecond.toFixed(1)} frames a second, 95 of 100 within ${slowMs.toFixed(1)} ms, ${workMs.toFixed(1)} ms of work each`,
    );
} finally {
  await browser.close();
  rmSync(out, { recursive: true, force: true });
}

// A look at the extension as a person sees it: `node scripts/vscode/try.mjs [OPTIONS]` builds it, opens examples/ with it,
// runs a command and takes a screenshot. For work on the extension; the tests do not use it.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { simulated } from "../simulated.mjs";
import { findChromium } from "./browser.mjs";
import { BROWSER_FLAGS, THEMES } from "./browserFlags.mjs";
import { installCodeServer } from "./codeServer.mjs";
import { serve } from "./serve.mjs";
import { run } from "./shell.mjs";
import { unpackExtension } from "./unpacked.mjs";

const USAGE = `node scripts/vscode/try.mjs [--command ID|TITLE]... [--press KEY]... [--type TEXT] [--open FILE] [--device CHIP]
  [--theme light|dark|hc-black|hc-light] [--locale zh-cn] [--wait SECONDS] [--shot FILE.png] [--extension DIR] [--no-build] [--keep]
  Steps run in the order given. --open FILE is relative to examples/; --device starts a simulated chip on a pty and adds it to
  beken.extraPorts; --wait before the screenshot (default 3); --keep leaves it running with its address printed.`;

const { values, tokens } = parseArgs({
  tokens: true,
  options: {
    command: { type: "string", multiple: true },
    press: { type: "string", multiple: true },
    click: { type: "string", multiple: true },
    type: { type: "string", multiple: true },
    pause: { type: "string", multiple: true },
    open: { type: "string", multiple: true },
    device: { type: "string", multiple: true, default: [] },
    theme: { type: "string", default: "dark" },
    wait: { type: "string", default: "3" },
    shot: { type: "string", default: "out/try.png" },
    extension: { type: "string" },
    "no-build": { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

if (!values["no-build"]) console.log(await run(process.execPath, ["esbuild.js"]));
const server = await installCodeServer("floor");
const executablePath = await findChromium();
const temp = mkdtempSync(join(tmpdir(), "beken-try-"));
const folder = join(temp, "examples");
cpSync("examples", folder, { recursive: true });

const extension = resolve(values.extension ?? join(temp, "extension"));
if (values.extension === undefined) unpackExtension(extension);

const devices = [];
const extraPorts = [];
for (const chip of values.device) {
  const { chip: child, port } = await simulated(["--chip", chip, "--listen", "pty", "--pace", "real"]);
  devices.push(child);
  extraPorts.push(port);
  console.log(`${chip} on ${port}`);
}

const settings = { "workbench.colorTheme": THEMES[values.theme], "beken.extraPorts": extraPorts };
const served = await serve(server, {
  folder,
  dataDir: join(temp, "data"),
  extensionsDir: join(temp, "extensions"),
  settings,
});
const url = served.url(folder, [
  ["extensionDevelopmentPath", served.remote(extension)],
  ["skipWelcome", "true"],
]);
const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });

/** The palette lists titles, so an id is looked up in the manifest. */
function titleOf(command) {
  const manifest = JSON.parse(readFileSync(join(extension, "package.json"), "utf8"));
  const nlsFile = join(extension, "package.nls.json");
  const nls = existsSync(nlsFile) ? JSON.parse(readFileSync(nlsFile, "utf8")) : {};
  const text = (value = "") => value.replace(/^%(.*)%$/, (_, key) => nls[key]?.message ?? nls[key] ?? key);
  const found = (manifest.contributes?.commands ?? []).find((entry) => entry.command === command);
  return found === undefined
    ? command
    : `${found.category === undefined ? "" : `${text(found.category)}: `}${text(found.title)}`;
}

async function end() {
  await browser.close().catch(() => undefined);
  await served.stop();
  for (const device of devices) device.kill("SIGINT");
  rmSync(temp, { recursive: true, force: true });
}

try {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.on("console", (message) => {
    if (message.type() === "error" && /beken/i.test(message.text()))
      console.log(`[page] ${message.text().slice(0, 2_000)}`);
  });
  await page.goto(url);
  await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor({ timeout: 60_000 });
  const type = (text) => page.keyboard.type(text, { delay: 10 });
  const steps = {
    command: async (text) => {
      await page.keyboard.press("F1");
      await page.locator(".quick-input-widget input").first().waitFor();
      await type(titleOf(text));
      await page.locator(".quick-input-list .monaco-list-row").first().waitFor();
      await page.waitForTimeout(300);
      await page.keyboard.press("Enter");
      await page.waitForTimeout(500);
    },
    open: async (file) => {
      await page.keyboard.press("Control+P");
      await type(file);
      await page.waitForTimeout(1_000);
      await page.keyboard.press("Enter");
      await page.waitForTimeout(500);
    },
    press: (key) => page.keyboard.press(key),
    click: (selector) => page.locator(selector).first().click(),
    type,
    pause: (seconds) => page.waitForTimeout(Number(seconds) * 1_000),
  };
  for (const token of tokens) if (token.kind === "option" && steps[token.name]) await steps[token.name](token.value);
  await page.waitForTimeout(Number(values.wait) * 1_000);
  mkdirSync(dirname(values.shot), { recursive: true });
  await page.screenshot({ path: values.shot });
  console.log(`screenshot: ${resolve(values.shot)}`);
  if (values.keep) {
    console.log(`${url}\nCtrl-C ends it.`);
    await new Promise((resolve) => process.once("SIGINT", resolve));
  }
} finally {
  const printed = readFileSync(served.log, "utf8")
    .split("\n")
    .filter((line) => /beken/i.test(line) && /err/i.test(line));
  if (printed.length > 0) console.log(printed.slice(-20).join("\n"));
  await end();
}

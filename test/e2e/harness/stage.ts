/**
 * Puts a test on stage: one code-server for the tests of a file, and for every test a copy of examples/, devices, settings
 * and a browser window of its own. What fails prints what the window said, and leaves a picture and the server's log in
 * test-results/failures.
 */
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { findChromium } from "../../../scripts/vscode/browser.mjs";
import { BROWSER_FLAGS, THEMES, type ThemeName } from "../../../scripts/vscode/browserFlags.mjs";
import { installCodeServer, type ReleaseName } from "../../../scripts/vscode/codeServer.mjs";
import { installVsix, serve, type Served } from "../../../scripts/vscode/serve.mjs";
import { unpackExtension, unpackForBrowser } from "../../../scripts/vscode/unpacked.mjs";
import type { Device } from "./device";
import { Workbench } from "./workbench";

const FAILURES = join("test-results", "failures");
const UNPACKED = "extension";
const EXTENSION_ID = "beken-flasher.beken-flasher";
export const VIEWPORT = { width: 1440, height: 960 };

export interface StageOptions {
  readonly release?: ReleaseName;
  /** Where the extension runs: beside the server, or in a worker of the browser, as where there is no server at all. */
  readonly host?: "server" | "worker";
  /** Installs this package, as people do, instead of loading what is built in the working tree. */
  readonly vsix?: string;
}

export interface OpenOptions {
  readonly devices?: readonly Device[];
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A folder of the copy of examples/ to open instead of the whole; made without any build where there is none. */
  readonly folder?: string;
  /** Called with the page before it loads anything, and where it will be. */
  readonly prepare?: (page: Page, origin: string) => Promise<void>;
  /** A theme to keep; without one the workbench follows the system, which is dark at first. */
  readonly theme?: ThemeName;
  /**
   * What the editor is told that it speaks, as its language packs tell it. Without a pack its own texts stay English; this
   * extension's texts, which it brings itself, are in that language.
   */
  readonly language?: string;
}

export interface Scene {
  readonly workbench: Workbench;
  /** The folder that is open. */
  readonly folder: string;
  /** Where the extension keeps what outlives a window. */
  readonly storage: string;
}

/** Adds to an error's message, and to the copy of it that begins its stack: reporters print that one. */
function tell(error: Error, more: string): void {
  const { message, stack = "" } = error;
  error.message = `${message}\n${more}`;
  error.stack = stack.includes(message) ? stack.replace(message, () => error.message) : `${error.message}\n${stack}`;
}

/** To be called inside `describe`: registers what starts and ends the stage around its tests. */
export function useStage(options: StageOptions = {}): { open(options?: OpenOptions): Promise<Scene> } {
  let temp: string;
  let served: Served | undefined;
  let browser: Browser | undefined;
  let scenes = 0;
  let workbench: Workbench | undefined;
  let context: BrowserContext | undefined;
  const devices: Device[] = [];

  before(async function () {
    this.timeout(5 * 60_000);
    temp = mkdtempSync(join(tmpdir(), "beken-e2e-"));
    const [executablePath, server] = await Promise.all([findChromium(), installCodeServer(options.release ?? "floor")]);
    const folders = { dataDir: join(temp, "data"), extensionsDir: join(temp, "extensions") };
    mkdirSync(folders.dataDir);
    mkdirSync(folders.extensionsDir);
    if (options.vsix !== undefined) await installVsix(server, resolve(options.vsix), folders);
    // Newer editors give a worker no extension that is under development on their server: it is installed.
    else if (options.host === "worker") unpackForBrowser(join(folders.extensionsDir, EXTENSION_ID));
    else unpackExtension(join(temp, UNPACKED));
    served = await serve(server, { ...folders, folder: temp });
    browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
  });

  afterEach(async function () {
    const test = this.currentTest;
    if (test?.state === "failed" && workbench !== undefined && served !== undefined) {
      mkdirSync(FAILURES, { recursive: true });
      const name = join(FAILURES, test.fullTitle().replace(/\W+/g, "-"));
      await workbench.page.screenshot({ path: `${name}.png` }).catch(() => undefined);
      // Read when all tests have run: machines that keep no pictures still tell what the window said.
      if (test.err !== undefined) tell(test.err, `The window said:\n${await workbench.texts().catch(String)}`);
      copyFileSync(served.log, `${name}.log`);
      const logs = join(temp, "data", "logs");
      for (const entry of readdirSync(logs, { recursive: true, encoding: "utf8" }))
        if (entry.endsWith("Beken Flasher.log"))
          cpSync(join(logs, entry), `${name}.beken/${entry.replaceAll("/", "-")}`);
    }
    workbench = undefined;
    await context?.close();
    context = undefined;
    await Promise.all(devices.splice(0).map((device) => device.dispose()));
  });

  after(async () => {
    await browser?.close();
    await served?.stop();
    rmSync(temp, { recursive: true, force: true });
  });

  return {
    async open(wanted = {}) {
      if (served === undefined || browser === undefined) throw new Error("the stage is not set");
      const stage = served;
      const copy = join(temp, `workspace-${++scenes}`, "examples");
      cpSync("examples", copy, { recursive: true });
      const folder = wanted.folder === undefined ? copy : join(copy, wanted.folder);
      if (!existsSync(folder)) {
        mkdirSync(folder);
        writeFileSync(join(folder, "notes.txt"), "");
      }
      devices.push(...(wanted.devices ?? []));
      const theme =
        wanted.theme === undefined
          ? { "window.autoDetectColorScheme": true }
          : { "workbench.colorTheme": THEMES[wanted.theme] };
      stage.writeSettings({
        ...theme,
        "beken.extraPorts": devices.map(({ port }) => port),
        // Tests that are about it turn it on: it costs every other flash a reading of the whole chip.
        "beken.backUpBeforeFirstWrite": false,
        // Five seconds of each flash; a test that is about it turns it on.
        "beken.checkAfterFlash": false,
        ...wanted.settings,
      });
      context = await browser.newContext({ viewport: VIEWPORT, locale: "en-US", colorScheme: "dark" });
      if (wanted.language !== undefined)
        await context.addInitScript(`globalThis._VSCODE_NLS_LANGUAGE = ${JSON.stringify(wanted.language)};`);
      const page = await context.newPage();
      await wanted.prepare?.(page, new URL(stage.url(folder)).origin);
      const payload: (readonly [string, string])[] = [["skipWelcome", "true"]];
      if (options.vsix === undefined && options.host !== "worker")
        payload.push(["extensionDevelopmentPath", stage.remote(join(temp, UNPACKED))]);
      await page.goto(stage.url(folder, payload));
      workbench = new Workbench(page);
      await workbench.ready();
      return { workbench, folder, storage: join(temp, "data", "User", "globalStorage", EXTENSION_ID) };
    },
  };
}

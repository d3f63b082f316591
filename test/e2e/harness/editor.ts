/**
 * One code-server, a browser, and a window in it that tests use one after the other, each with settings and devices of its own. A window
 * costs ten seconds of a processor: one that wants the same folder and language as the test before is put in order instead.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { findChromium } from "../../../scripts/vscode/browser.mjs";
import { BROWSER_FLAGS, THEMES, type ThemeName } from "../../../scripts/vscode/browserFlags.mjs";
import { installCodeServer, type ReleaseName } from "../../../scripts/vscode/codeServer.mjs";
import { installVsix, serve, type Served } from "../../../scripts/vscode/serve.mjs";
import { unpackExtension, unpackForBrowser } from "../../../scripts/vscode/unpacked.mjs";
import type { Device } from "./device";
import { until } from "./until";
import { Workbench } from "./workbench";

const UNPACKED = "extension";
const EXTENSION_ID = "beken-flasher.beken-flasher";
export const VIEWPORT = { width: 1440, height: 960 };

export interface EditorOptions {
  readonly release?: ReleaseName;
  /** Where the extension runs: beside the server, or in a worker of the browser, as where there is no server at all. */
  readonly host?: "server" | "worker";
  /** Installs this package, as people do, instead of loading what is built in the working tree. */
  readonly vsix?: string;
}

export interface OpenOptions {
  readonly devices?: readonly Device[];
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A window that no test has used: for what is about the first start of one. */
  readonly fresh?: boolean;
  /** A folder of the copy of examples/ to open instead of the whole; made without any build where there is none. */
  readonly folder?: string;
  /** Called with the page of a fresh window before it loads anything, and where it will be. */
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

/** The key that {@link TIDY} is bound to; the editor and this extension leave it alone. */
const TIDY_KEY = "Control+Alt+F9";
/** Before the key is pressed once more, which may have come while something was in front. */
const TIDY_WITHIN_MS = 3_000;
/** Leaves nothing of what a test has opened. */
const TIDY = [
  "workbench.action.closeAllEditors",
  "workbench.action.closePanel",
  "notifications.clearAll",
  "workbench.view.explorer",
  "workbench.files.action.collapseExplorerFolders",
];

interface OpenWindow {
  readonly workbench: Workbench;
  readonly context: BrowserContext;
  readonly folder: string;
  /** Tests that want the same may follow each other in it. */
  readonly kind: string;
  devices: readonly Device[];
}

export class Editor {
  private scenes = 0;
  private window: OpenWindow | undefined;

  private constructor(
    private readonly options: EditorOptions,
    private readonly temp: string,
    private readonly served: Served,
    private readonly browser: Browser,
  ) {}

  static async start(options: EditorOptions): Promise<Editor> {
    const temp = mkdtempSync(join(tmpdir(), "beken-e2e-"));
    const [executablePath, server] = await Promise.all([findChromium(), installCodeServer(options.release ?? "floor")]);
    const folders = { dataDir: join(temp, "data"), extensionsDir: join(temp, "extensions") };
    mkdirSync(join(folders.dataDir, "User"), { recursive: true });
    mkdirSync(folders.extensionsDir);
    const tidy = { key: TIDY_KEY.toLowerCase().replace("control", "ctrl"), command: "runCommands" };
    writeFileSync(
      join(folders.dataDir, "User", "keybindings.json"),
      JSON.stringify([{ ...tidy, args: { commands: TIDY } }]),
    );
    if (options.vsix !== undefined) await installVsix(server, resolve(options.vsix), folders);
    // Newer editors give a worker no extension that is under development on their server: it is installed.
    else if (options.host === "worker") unpackForBrowser(join(folders.extensionsDir, EXTENSION_ID));
    else unpackExtension(join(temp, UNPACKED));
    const served = await serve(server, { ...folders, folder: temp });
    const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
    return new Editor(options, temp, served, browser);
  }

  async stop(): Promise<void> {
    await this.close();
    await this.browser.close();
    await this.served.stop();
    rmSync(this.temp, { recursive: true, force: true });
  }

  /** The window and the devices in it. */
  async close(): Promise<void> {
    const { context, devices } = this.window ?? { devices: [] };
    this.window = undefined;
    await context?.close();
    await Promise.all(devices.map((device) => device.dispose()));
  }

  /** Leaves what the window and the logs say in files whose names begin with `name`. @returns what the window says */
  async record(name: string): Promise<string | undefined> {
    cpSync(this.served.log, `${name}.log`);
    const logs = join(this.temp, "data", "logs");
    for (const entry of readdirSync(logs, { recursive: true, encoding: "utf8" }))
      if (entry.endsWith("Beken Flasher.log")) cpSync(join(logs, entry), `${name}.beken/${entry.replaceAll("/", "-")}`);
    if (this.window === undefined) return undefined;
    const { workbench } = this.window;
    await workbench.page.screenshot({ path: `${name}.png` }).catch(() => undefined);
    return await workbench.texts().catch(String);
  }

  async open(wanted: OpenOptions = {}): Promise<Scene> {
    const kind = JSON.stringify([wanted.folder, wanted.language]);
    const isFresh = wanted.fresh === true || wanted.prepare !== undefined || this.window?.kind !== kind;
    if (isFresh) await this.close();
    const devices = wanted.devices ?? [];
    // When the window's title says so, it has all these settings.
    const name = `scene ${++this.scenes}`;
    this.served.writeSettings({
      // The system is dark at first: what theme that is a window takes up while it is open.
      "window.autoDetectColorScheme": true,
      "workbench.preferredDarkColorTheme": THEMES[wanted.theme ?? "dark"],
      "window.title": name,
      "beken.extraPorts": devices.map(({ port }) => port),
      // Tests that are about it turn it on: it costs every other flash a reading of the whole chip.
      "beken.backUpBeforeFirstWrite": false,
      // Five seconds of each flash; a test that is about it turns it on.
      "beken.checkAfterFlash": false,
      ...wanted.settings,
    });
    const window = this.window ?? (await this.openWindow(kind, wanted));
    const before = window.devices;
    // Those of the test before end when the window has let go of them, so that no port is called like one of theirs.
    window.devices = [...before, ...devices];
    if (!isFresh) await putInOrder(window, name);
    await Promise.all(before.map((device) => device.dispose()));
    window.devices = devices;
    const { workbench, folder } = window;
    await workbench.showsTheme(wanted.theme ?? "dark");
    return { workbench, folder, storage: join(this.temp, "data", "User", "globalStorage", EXTENSION_ID) };
  }

  private async openWindow(kind: string, wanted: OpenOptions): Promise<OpenWindow> {
    const { served, temp } = this;
    const copy = join(temp, `workspace-${this.scenes}`, "examples");
    cpSync("examples", copy, { recursive: true });
    const folder = wanted.folder === undefined ? copy : join(copy, wanted.folder);
    if (!existsSync(folder)) {
      mkdirSync(folder);
      writeFileSync(join(folder, "notes.txt"), "");
    }
    const context = await this.browser.newContext({ viewport: VIEWPORT, locale: "en-US", colorScheme: "dark" });
    if (wanted.language !== undefined)
      await context.addInitScript(`globalThis._VSCODE_NLS_LANGUAGE = ${JSON.stringify(wanted.language)};`);
    const page = await context.newPage();
    const workbench = new Workbench(page);
    this.window = { workbench, context, folder, kind, devices: [] };
    await wanted.prepare?.(page, new URL(served.url(folder)).origin);
    const payload: (readonly [string, string])[] = [["skipWelcome", "true"]];
    if (this.options.vsix === undefined && this.options.host !== "worker")
      payload.push(["extensionDevelopmentPath", served.remote(join(temp, UNPACKED))]);
    await page.goto(served.url(folder, payload));
    await workbench.ready();
    return this.window;
  }
}

/** The window as a test finds it that begins in it: with new settings and devices, and nothing left of the test before. */
async function putInOrder({ workbench }: OpenWindow, name: string): Promise<void> {
  const { page } = workbench;
  await until(`the window to have the settings of ${name}`, async () => (await page.title()).includes(name));
  await page.setViewportSize(VIEWPORT);
  await page.emulateMedia({ colorScheme: "dark" });
  await until("nothing to be left of the test before", async () => {
    await workbench.refuse();
    if (await workbench.isBusy()) return false;
    await page.keyboard.press(TIDY_KEY);
    return await until("the window to be tidy", () => workbench.isTidy(), TIDY_WITHIN_MS);
  });
}

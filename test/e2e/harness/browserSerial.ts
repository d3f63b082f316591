/**
 * A serial port for a browser that has none: the window's chooser, the port in the extension host's worker, and the chip in a page that
 * stays when the workbench is loaded anew, as a chip on a desk does.
 */
import { buildSync } from "esbuild";
import type { Page } from "playwright-core";
import { CHOSEN } from "./browserWire";

/** In the window: the chooser, answered at once. */
const CHOOSER = `Object.defineProperty(navigator, "serial", { value: {
  requestPort: () => {
    new BroadcastChannel(${JSON.stringify(CHOSEN)}).postMessage("chosen");
    return Promise.resolve({ getInfo: () => ({ usbVendorId: 0x10c4, usbProductId: 0xea60 }) });
  },
  getPorts: () => Promise.resolve([]),
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
} });`;

function script(entry: string): string {
  const built = buildSync({
    entryPoints: [`test/e2e/harness/${entry}.ts`],
    bundle: true,
    write: false,
    platform: "browser",
    target: "es2022",
    format: "iife",
    inject: ["src/extension/platform/immediate.ts"],
  });
  return built.outputFiles[0]?.text ?? "";
}

/** Evaluated in every worker, of which one is the extension host: it is called so. */
const PORT = `if (/extensionhost/i.test(self.name)) { ${script("browserPort")} }`;
const CHIP = script("browserChip");

export class BrowserSerial {
  private desk: Page | undefined;

  /**
   * To be called before the page loads.
   * @param origin where the workbench is: pages that speak to each other are of one
   */
  async prepare(page: Page, origin: string): Promise<void> {
    this.desk = await page.context().newPage();
    await this.desk.goto(`${origin}/healthz`);
    await this.desk.evaluate(CHIP);
    await page.addInitScript(CHOOSER);
    // A worker that ended before it could be asked is not the extension host.
    page.on("worker", (worker) => void worker.evaluate(PORT).catch(() => undefined));
    await page.bringToFront();
  }

  /** What the chip's flash holds from `address` on. */
  async flash(address: number, length: number): Promise<Uint8Array> {
    const bytes = await this.ask<number[]>(`Array.from(testChip.chip.flash.subarray(${address}, ${address + length}))`);
    return Uint8Array.from(bytes);
  }

  /** The wire falls silent when so many bytes more have gone to the chip. */
  async holdAfter(bytes: number): Promise<void> {
    await this.ask(`testChip.holdsAfter = testChip.received + ${bytes}`);
  }

  async isHeld(): Promise<boolean> {
    return await this.ask<boolean>("testChip.received > testChip.holdsAfter");
  }

  async goOn(): Promise<void> {
    await this.ask("testChip.holdsAfter = Infinity");
  }

  private async ask<T>(expression: string): Promise<T> {
    if (this.desk === undefined) throw new Error("there is no chip yet");
    return await this.desk.evaluate<T>(expression);
  }
}

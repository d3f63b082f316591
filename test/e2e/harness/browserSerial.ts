/** A serial port for a browser that has none: the window's chooser, and the port in the extension host's worker. */
import { buildSync } from "esbuild";
import type { Page, Worker } from "playwright-core";
import { until } from "./until";

/** In the window: the chooser, answered at once. */
const CHOOSER = `Object.defineProperty(navigator, "serial", { value: {
  requestPort: () => {
    new BroadcastChannel("chosen-port").postMessage("chosen");
    return Promise.resolve({ getInfo: () => ({ usbVendorId: 0x10c4, usbProductId: 0xea60 }) });
  },
  getPorts: () => Promise.resolve([]),
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
} });`;

const built = buildSync({
  entryPoints: ["test/e2e/harness/browserChip.ts"],
  bundle: true,
  write: false,
  platform: "browser",
  target: "es2022",
  format: "iife",
  inject: ["src/extension/platform/immediate.ts"],
});
/** Evaluated in every worker, of which one is the extension host: it is called so. */
const PORT = `(() => {
  if (!/extensionhost/i.test(self.name)) return self.name;
  ${built.outputFiles[0]?.text ?? ""}
  return true;
})()`;

export class BrowserSerial {
  private host: Worker | undefined;
  private readonly others: string[] = [];

  /** To be called before the page loads. */
  async prepare(page: Page): Promise<void> {
    await page.addInitScript(CHOOSER);
    page.on("worker", (worker) => {
      worker.evaluate<boolean | string>(PORT).then(
        (isHost) => {
          if (isHost === true) this.host = worker;
          else this.others.push(String(isHost));
        },
        // A worker that ended before it could be asked.
        (error: unknown) => this.others.push(String(error)),
      );
    });
  }

  /** What the chip's flash holds from `address` on. */
  async flash(address: number, length: number): Promise<Uint8Array> {
    const host = await until(`the extension host among ${this.others.join(", ")}`, () => this.host);
    const bytes = await host.evaluate<number[]>(
      `Array.from(globalThis.testChip.flash.subarray(${address}, ${address + length}))`,
    );
    return Uint8Array.from(bytes);
  }
}

/**
 * How long a file of 16 MiB takes until its bytes are on the viewer's page, and how smoothly they scroll: the extension's own side and its
 * built page, in a browser without the editor. Started by scripts/bench-hex.mjs, which brings the browser.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { imageOf } from "../../src/core/index";
import { contentOf } from "../../src/extension/imageViewer/dumpContent";
import { DumpExplorer } from "../../src/extension/imageViewer/dumpExplorer";
import { PROTOCOL_VERSION, isFromImageViewer } from "../../src/shared/messages";
import { tuyaDump } from "../unit/passport/sampleDump";
import { imageScenes } from "../unit/webview/scenes";

const SIZE = 0x1000000;
const FRAMES = 300;
/** Rows that pass by from one frame to the next: slow reading, a turn of the wheel, a drag of the bar. */
const SPEEDS = [1, 30, 3000] as const;
const ROW_PX = 20;

export interface HexFigures {
  /** Ms until everything is known that the page is told. */
  readonly lookMs: number;
  /** Ms from then until bytes are drawn. */
  readonly drawMs: number;
  readonly scrolls: readonly {
    readonly rowsAFrame: number;
    readonly framesASecond: number;
    /** Ms between two frames, of which one in twenty takes longer. */
    readonly slowMs: number;
    /** Ms in which the page itself worked, for each frame. */
    readonly workMs: number;
  }[];
}

/** A flash of 2 MiB, and what no pattern is in behind it. */
function largeFile(): Uint8Array {
  const bytes = new Uint8Array(SIZE);
  let state = 1;
  for (let at = 0; at < SIZE; at++) {
    state = (Math.imul(state, 0x41c64e6d) + 12345) >>> 0;
    bytes[at] = state >>> 24;
  }
  bytes.set(tuyaDump());
  return bytes;
}

export async function measureHexView(browser: Browser): Promise<HexFigures> {
  const file = { name: "kitchen.bin", bytes: largeFile() };
  const scene = (await imageScenes())["imageDump"];
  const began = performance.now();
  const explorer = new DumpExplorer({ changed: () => undefined, breathe: () => Promise.resolve(), hexEditor: false });
  explorer.show(contentOf(file, imageOf(file)));
  const message = { type: "image", version: PROTOCOL_VERSION, revision: 1, state: { ...scene, dump: explorer.view } };
  const lookMs = performance.now() - began;

  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  const built = (name: string): string => readFileSync(join("dist", "webview", "imageViewer", name), "utf8");
  await page.setContent(
    `<!DOCTYPE html><html lang="en"><head><style>${built("main.css")}</style></head><body></body></html>`,
  );
  await page.exposeFunction("askHost", (asked: unknown) =>
    isFromImageViewer(asked) && asked.type === "bytes"
      ? { type: "bytes", version: PROTOCOL_VERSION, ...explorer.bytes(asked.start, asked.length) }
      : undefined,
  );
  await page.evaluate(`
    window.acquireVsCodeApi = () => ({
      postMessage: (asked) => void window.askHost(asked).then((answer) => {
        if (answer) window.dispatchEvent(new MessageEvent("message", { data: answer }));
      }),
      getState: () => undefined,
      setState: () => undefined,
    });`);
  await page.addScriptTag({ content: built("main.js") });
  const drawMs = await page.evaluate<number>(`new Promise((resolve) => {
    const began = performance.now();
    window.dispatchEvent(new MessageEvent("message", { data: ${JSON.stringify(message)} }));
    const look = () => {
      const byte = document.querySelector(".hex-row .hex-byte");
      if (byte && /[0-9A-F·]{2}/.test(byte.textContent)) resolve(performance.now() - began);
      else requestAnimationFrame(look);
    };
    look();
  })`);
  const scrolls: HexFigures["scrolls"][number][] = [];
  for (const rowsAFrame of SPEEDS) {
    const { times, work } = await page.evaluate<{
      readonly times: readonly number[];
      readonly work: number;
    }>(`new Promise((resolve) => {
      const scroller = document.querySelector(".hex-scroll");
      scroller.scrollTop = 0;
      const times = [];
      let work = 0;
      let last = performance.now();
      const step = (now) => {
        times.push(now - last);
        last = now;
        if (times.length > ${FRAMES}) return resolve({ times: times.slice(1), work });
        const began = performance.now();
        scroller.scrollTop += ${rowsAFrame * ROW_PX};
        scroller.dispatchEvent(new Event("scroll"));
        // What the page draws on a scroll it draws in the tasks right behind.
        Promise.resolve().then(() => { void scroller.offsetHeight; work += performance.now() - began; });
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    })`);
    const sorted = [...times].sort((a, b) => a - b);
    scrolls.push({
      rowsAFrame,
      framesASecond: (1000 * times.length) / times.reduce((sum, each) => sum + each, 0),
      slowMs: sorted[Math.floor(0.95 * sorted.length)] ?? 0,
      workMs: work / times.length,
    });
  }
  await page.close();
  return { lookMs, drawMs, scrolls };
}

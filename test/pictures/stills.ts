/**
 * The pages of the extension in a browser, without the editor: each in a state, a theme, a language and a width, and what is
 * wrong with it as it stands there.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { PROTOCOL_VERSION, type DashboardState, type ImageViewerState } from "../../src/shared/messages";
import type { RoundPageState } from "../../src/shared/roundMessages";
import { localise, type Strings } from "../../src/shared/strings";
import { textsOf } from "../languages";
import { roundScenes } from "../unit/webview/roundScenes";
import { imageScenes, scenes } from "../unit/webview/scenes";
import { pseudo } from "./pseudoLocale";
import themes from "./themes.json";

export type ThemeName = keyof typeof themes;
export const THEME_NAMES = Object.keys(themes) as ThemeName[];

export interface Language {
  /** BCP 47. */
  readonly locale: string;
  readonly strings: Strings;
}

const chinese = textsOf("zh-cn");

export const LANGUAGES: Readonly<Record<"english" | "long" | "chinese", Language>> = {
  english: { locale: "en", strings: localise((text) => text) },
  long: { locale: "de", strings: localise(pseudo) },
  chinese: { locale: "zh-cn", strings: localise((text) => chinese[text] ?? text) },
};

/** A state of a page, by name. */
export interface Still {
  readonly name: string;
  readonly page: "dashboard" | "imageViewer" | "round";
  readonly state: DashboardState | ImageViewerState | RoundPageState;
}

export async function allStills(): Promise<readonly Still[]> {
  const still =
    (page: Still["page"]) =>
    ([name, state]: [string, Still["state"]]): Still => ({ name, page, state });
  return [
    ...Object.entries(scenes).map(still("dashboard")),
    ...Object.entries(roundScenes).map(still("round")),
    ...Object.entries(await imageScenes()).map(still("imageViewer")),
  ];
}

/** The narrowest that an editor gets beside another one, and an everyday one; in CSS pixels. */
export const NARROW = 300;
export const USUAL = 1000;

/** What the host's messages are called. */
const MESSAGES = { dashboard: "state", imageViewer: "image", round: "round" } satisfies Record<Still["page"], string>;

/** A page that takes one state after the other; scripts and styles are those that were built. */
export class Studio {
  private readonly pages = new Map<string, Page>();
  private revision = 0;

  constructor(private readonly browser: Browser) {}

  async show({ page: name, state }: Still, theme: ThemeName, language: Language, width: number): Promise<Page> {
    const page = await this.pageFor(name, theme);
    await page.setViewportSize({ width, height: 900 });
    const message = {
      type: MESSAGES[name],
      version: PROTOCOL_VERSION,
      revision: ++this.revision,
      state: { ...state, ...language },
    };
    await page.evaluate(
      `window.dispatchEvent(new MessageEvent("message", { data: ${JSON.stringify(message)} })); window.scrollTo(0, 0)`,
    );
    await page.waitForFunction(`document.documentElement.lang === ${JSON.stringify(language.locale)}`);
    // Longer than the shortest time between two repaints.
    await page.waitForTimeout(120);
    return page;
  }

  private async pageFor(name: Still["page"], theme: ThemeName): Promise<Page> {
    const key = `${name} ${theme}`;
    const known = this.pages.get(key);
    if (known !== undefined) return known;
    const page = await this.browser.newPage({ reducedMotion: "reduce" });
    const built = (file: string): string => readFileSync(join("dist", "webview", name, file), "utf8");
    const variables = Object.entries(themes[theme].variables).map(([variable, value]) => `${variable}: ${value};`);
    const id = `vscode-${theme === "hc-black" ? "high-contrast" : theme === "hc-light" ? "high-contrast-light" : theme}`;
    await page.setContent(
      `<!DOCTYPE html><html lang="x"><head><meta charset="utf-8"><title>x</title><style>:root { ${variables.join(" ")} }
      ${built("main.css")}</style></head><body class="${themes[theme].class}" data-vscode-theme-kind="${id}"></body></html>`,
    );
    await page.evaluate(
      "globalThis.acquireVsCodeApi = () => ({ postMessage() {}, getState() { return undefined; }, setState() {} }); 0",
    );
    await page.addScriptTag({ content: built("main.js") });
    this.pages.set(key, page);
    return page;
  }
}

/**
 * Texts that cannot be read whole, those that are folded away too: cut off by what they are in, or beyond the edge of the page or of their drawing. What
 * scrolls by itself is not cut.
 */
export async function cutTexts(page: Page): Promise<readonly string[]> {
  return await page.evaluate<readonly string[]>(FIND_CUT);
}

/** Runs in the page, which this program has no types of. */
const FIND_CUT = `(() => {
  const styleOf = (element) => getComputedStyle(element);
  const hidden = ".visually-hidden";
  const folded = [...document.querySelectorAll("details:not([open])")];
  for (const details of folded) details.open = true;
  const inScroller = (element) => {
    for (let up = element.parentElement; up !== null && up !== document.documentElement; up = up.parentElement)
      if (/auto|scroll/.test(styleOf(up).overflowX)) return true;
    return false;
  };
  const textOf = (element) =>
    [...element.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ textContent }) => textContent).join("").trim();
  const isCut = (element) => {
    const drawing = element.closest("svg");
    if (drawing !== null) {
      if (!(element instanceof SVGTextElement) || drawing.viewBox.baseVal === null) return false;
      const { x, width } = drawing.viewBox.baseVal;
      const box = element.getBBox();
      return width > 0 && (box.x < x - 1 || box.x + box.width > x + width + 1);
    }
    if (/hidden|clip/.test(styleOf(element).overflowX) && element.scrollWidth > element.clientWidth + 1) return true;
    const range = document.createRange();
    range.selectNodeContents(element);
    const { left, right } = range.getBoundingClientRect();
    return (right > document.documentElement.clientWidth + 1 || left < -1) && !inScroller(element);
  };
  const cut = [...document.querySelectorAll("main *")]
    .filter((element) => textOf(element) !== "" && element.closest(hidden) === null && isCut(element))
    .map(textOf);
  for (const details of folded) details.open = false;
  return cut;
})()`;

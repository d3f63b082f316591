/**
 * `npm run pictures`: a picture of every state of both pages in every theme, narrow, in Chinese and in the long pseudo-locale,
 * on one HTML page that a reviewer can leaf through. `npm run pictures -- readme` makes those of README.md anew.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { findChromium } from "../../scripts/vscode/browser.mjs";
import { BROWSER_FLAGS } from "../../scripts/vscode/browserFlags.mjs";
import {
  LANGUAGES,
  NARROW,
  Studio,
  THEME_NAMES,
  USUAL,
  allStills,
  cutTexts,
  type Language,
  type ThemeName,
} from "./stills";

const OUT = join("test-results", "pictures");

interface Shot {
  readonly title: string;
  readonly theme: ThemeName;
  readonly language: Language;
  readonly width: number;
}

const { english, long, chinese } = LANGUAGES;
const SHOTS: readonly Shot[] = [
  ...THEME_NAMES.map((theme): Shot => ({ title: theme, theme, language: english, width: USUAL })),
  { title: `${NARROW} px`, theme: "dark", language: english, width: NARROW },
  { title: "Chinese", theme: "light", language: chinese, width: USUAL },
  { title: `Chinese, ${NARROW} px`, theme: "dark", language: chinese, width: NARROW },
  { title: "40 % longer", theme: "light", language: long, width: USUAL },
  { title: `40 % longer, ${NARROW} px`, theme: "dark", language: long, width: NARROW },
];

/** What README.md shows: states by name, as high as their first look is, in CSS pixels. */
const README_PICTURES: readonly { readonly still: string; readonly theme: ThemeName; readonly height: number }[] = [
  { still: "done", theme: "dark", height: 760 },
  { still: "approval", theme: "dark", height: 760 },
  { still: "imageRbl", theme: "dark", height: 760 },
];
const README_FOLDER = join("docs", "pictures");

const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

async function readmePictures(): Promise<void> {
  const browser = await chromium.launch({ executablePath: await findChromium(), args: BROWSER_FLAGS });
  try {
    const studio = new Studio(browser);
    const stills = await allStills();
    for (const { still: name, theme, height } of README_PICTURES) {
      const still = stills.find((still) => still.name === name);
      if (still === undefined) throw new Error(`no state is called ${name}`);
      const page = await studio.show(still, theme, english, USUAL);
      const path = join(README_FOLDER, `${name}.png`);
      await page.screenshot({ path, clip: { x: 0, y: 0, width: USUAL, height }, animations: "disabled" });
      process.stdout.write(`${path}\n`);
    }
  } finally {
    await browser.close();
  }
}

async function main(only: string | undefined): Promise<void> {
  if (only === "readme") return await readmePictures();
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const browser = await chromium.launch({ executablePath: await findChromium(), args: BROWSER_FLAGS });
  const sections: string[] = [];
  try {
    const studio = new Studio(browser);
    const stills = (await allStills()).filter(({ name }) => only === undefined || name.includes(only));
    for (const still of stills) {
      const figures: string[] = [];
      for (const [at, { title, theme, language, width }] of SHOTS.entries()) {
        const page = await studio.show(still, theme, language, width);
        const file = `${still.name}-${at}.png`;
        await page.screenshot({ path: join(OUT, file), fullPage: true, animations: "disabled" });
        const cut = await cutTexts(page);
        const note = cut.length === 0 ? "" : `<strong>cut: ${escaped(cut.join("; "))}</strong>`;
        figures.push(
          `<figure><a href="${file}"><img loading="lazy" src="${file}" alt=""></a><figcaption>${title} ${note}</figcaption></figure>`,
        );
      }
      sections.push(`<section id="${still.name}"><h2>${still.name}</h2><div>${figures.join("")}</div></section>`);
      process.stdout.write(`${still.name}\n`);
    }
    const links = stills.map(({ name }) => `<a href="#${name}">${name}</a>`);
    writeFileSync(join(OUT, "index.html"), sheet(links, sections));
    process.stdout.write(
      `\n${stills.length} states, ${stills.length * SHOTS.length} pictures: ${resolve(OUT, "index.html")}\n`,
    );
  } finally {
    await browser.close();
  }
}

function sheet(links: readonly string[], sections: readonly string[]): string {
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Every state of the pages</title><style>
body { font: 14px sans-serif; margin: 1em; background: #777; color: #fff }
nav { columns: 5; margin-bottom: 2em } nav a { display: block; color: #fff }
section > div { display: flex; flex-wrap: wrap; gap: 1em; align-items: start }
figure { margin: 0 } img { max-width: 480px; max-height: 900px; border: 1px solid #000 } strong { color: #ff8 }
</style></head><body><h1>Every state of the pages</h1><nav>${links.join("")}</nav>${sections.join("\n")}</body></html>`;
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});

/** Every state of both pages in a browser, without an editor: nothing that axe-core finds, no text cut, all of it told in order. */
import assert from "node:assert/strict";
import { chromium, type Browser } from "playwright-core";
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
  type Still,
  type ThemeName,
} from "../pictures/stills";
import { assertAccessible } from "./harness/flasher";

const LIMIT_MS = 4 * 60_000;

describe("every state of the pages", function () {
  this.timeout(LIMIT_MS);
  let browser: Browser;
  let studio: Studio;
  let stills: readonly Still[];
  before(async () => {
    browser = await chromium.launch({ executablePath: await findChromium(), args: BROWSER_FLAGS });
    studio = new Studio(browser);
    stills = await allStills();
  });
  after(() => browser.close());

  it("has nothing that axe-core finds, one theme after the other", async () => {
    for (const [at, still] of stills.entries()) {
      const theme = THEME_NAMES[at % THEME_NAMES.length] as ThemeName;
      const page = await studio.show(still, theme, LANGUAGES.english, USUAL);
      await assertAccessible(page.mainFrame(), `${still.name}, ${theme}`);
    }
  });

  it("cuts no text at 300 px, in the language of the sources, in Chinese, and where texts are 40 % longer", async () => {
    const cut: string[] = [];
    for (const still of stills)
      for (const [name, language] of Object.entries(LANGUAGES)) {
        const page = await studio.show(still, "dark", language, NARROW);
        for (const text of await cutTexts(page)) cut.push(`${still.name}, ${name}: ${text}`);
      }
    assert.deepEqual(cut, []);
  });

  it("tells a screen reader what is asked before what else there is, and turns nothing for who wants no motion", async () => {
    const still = stills.find(({ name }) => name === "approval");
    assert.ok(still);
    const page = await studio.show(still, "dark", LANGUAGES.english, USUAL);
    const tree = await page.locator("main").ariaSnapshot();
    const places = ['heading "What will happen"', 'button "Flash Now"', 'button "Cancel"', 'heading "History"'].map(
      (part) => tree.indexOf(part),
    );
    assert.ok(
      places.every((place, i) => place >= 0 && (i === 0 || place > (places[i - 1] ?? 0))),
      `${places.join()}\n${tree}`,
    );
    assert.match(await page.locator("[role=status]").innerText(), /Waiting for your approval/);
    // An end: what happened, what it means, the next step and its button, what else there is, and the details closed.
    for (const [name, happened, means, button] of [
      ["done", "Flash image_bk7231t_app", "verified by its own checksum", "Open Serial Monitor"],
      ["failedVerify", "does not hold what the file says", "partly written", "Try Again"],
      ["refused", "The file is for another chip", "not touched", "Try Again"],
      ["imageOta", "for updates over the air only", "Over-the-air container", "Open image_bk7231t_app"],
    ] as const) {
      const end = stills.find((each) => each.name === name);
      assert.ok(end, name);
      const shown = await studio.show(end, "dark", LANGUAGES.english, USUAL);
      const told = await shown.locator("[data-main]").locator("xpath=ancestor::section").ariaSnapshot();
      const lines = told.split("\n");
      const at = (what: RegExp): number => lines.findIndex((line) => what.test(line));
      const order = [
        at(new RegExp(`heading ".*${happened}`)),
        at(new RegExp(`paragraph: .*${means}`)),
        at(/heading "Next"/),
        at(new RegExp(`button ".*${button}`)),
      ];
      assert.ok(
        order.every((place, i) => place >= 0 && (i === 0 || place > (order[i - 1] ?? 0))),
        `${name}: ${order.join()}\n${told}`,
      );
      assert.equal(
        at(/heading "Next"/),
        lines.findLastIndex((line) => /heading "Next"/.test(line)),
        name,
      );
      assert.doesNotMatch(told, /Error code/, "details are closed");
      // By keyboard the next step's button is the first that is reached.
      await shown.locator("[data-main]").focus();
      await shown.keyboard.press("Tab");
      const reached = await shown.evaluate<string>("document.activeElement?.closest('.next-step')?.textContent ?? ''");
      assert.match(reached, new RegExp(button), `${name}: the next step by Tab`);
    }
    const running = stills.find(({ name }) => name === "linkingPerson");
    assert.ok(running);
    await studio.show(running, "dark", LANGUAGES.english, USUAL);
    const moving = await page.evaluate<number>(
      "document.getAnimations().filter(({ playState }) => playState === 'running').length",
    );
    assert.equal(moving, 0);
  });
});

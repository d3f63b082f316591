/**
 * The workbench as a person uses it: explorer, palette, quick picks, trees, status bar, notifications, dialogs, editors and
 * webviews, found by what they say. Knows nothing of this extension.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Frame, Locator, Page } from "playwright-core";
import { PATIENCE_MS, START_MS, until } from "./until";

const SCREENSHOTS = join("test-results", "screenshots");

/** The class the workbench carries in each theme. */
const THEME_CLASSES = { light: "vs", dark: "vs-dark", "hc-black": "hc-black", "hc-light": "hc-light" } as const;

export type EverydayTheme = "light" | "dark";

/** Rows carry their text, and after a comma what else there is to say, as their accessible name. */
function named(text: string): string {
  return `[aria-label=${JSON.stringify(text)}], [aria-label^=${JSON.stringify(`${text},`)}]`;
}

/** Long enough for a busy editor to read a folder; without a proposal by then there is none. */
const PROPOSED_MS = 15_000;

export class Workbench {
  /** Clicks that a test made once more because the editor, busy, had not taken them: a person would have seen, and waited. */
  clicksRepeated = 0;

  constructor(readonly page: Page) {
    page.setDefaultTimeout(PATIENCE_MS);
  }

  /** The window is there, and the explorer has its files. */
  async ready(): Promise<void> {
    await this.page.locator(".explorer-folders-view .monaco-list-row").first().waitFor({ timeout: START_MS });
  }

  /**
   * The window anew, by the command: it stores which editors are open before it goes, which a browser's own reload may cut
   * short. What it restores may take as long as at its first start.
   */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent("load", { timeout: START_MS });
    await this.palette("Developer: Reload Window");
    await loaded;
    await this.ready();
  }

  // ---- Themes and pictures

  /** The workbench follows the system here, so this is the system changing. */
  async setTheme(theme: EverydayTheme): Promise<void> {
    await this.page.emulateMedia({ colorScheme: theme });
    await this.showsTheme(theme);
  }

  async showsTheme(theme: keyof typeof THEME_CLASSES): Promise<void> {
    await this.page.locator(`.monaco-workbench.${THEME_CLASSES[theme]}`).waitFor();
  }

  /** A picture in light and in dark, which stays. */
  async pictures(name: string): Promise<void> {
    for (const theme of ["light", "dark"] as const) {
      await this.setTheme(theme);
      await this.picture(`${name}-${theme}`);
    }
  }

  async picture(name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), animations: "disabled" });
  }

  /** What the window says, a line for each part of it, earlier notifications too: for machines whose pictures nobody sees. */
  async texts(): Promise<string> {
    await this.page
      .locator("#status\\.notifications")
      .click({ timeout: 2_000 })
      .catch(() => undefined);
    const parts = {
      dialog: this.dialog(),
      "quick input": this.page.locator(".quick-input-widget:visible"),
      menu: this.menuEntries(),
      notification: this.page.locator(".notifications-center .notification-list-item"),
      "status bar": this.page.locator(".statusbar-item:visible"),
      "tree row": this.page.locator(".pane .monaco-list-row:visible"),
    };
    const focus = await this.page
      .evaluate("document.activeElement?.outerHTML.slice(0, 160) ?? 'nothing'")
      .catch(String);
    const lines = [`    focus: ${String(focus)}`];
    for (const [name, part] of Object.entries(parts))
      for (const text of await part.allInnerTexts()) lines.push(`    ${name}: ${text.replace(/\s+/g, " ").trim()}`);
    return lines.join("\n");
  }

  // ---- Palette and quick input

  /** Runs the command of this title, such as "Beken: Flash File...", from the palette by a click. */
  async palette(title: string): Promise<void> {
    await this.#findInPalette(title, (row, timeout) => row.click({ timeout }));
  }

  /** The same without the mouse. */
  async paletteByKeyboard(title: string): Promise<void> {
    await this.#findInPalette(title, async (row, timeout) => {
      await row.and(this.page.locator(".focused")).waitFor({ timeout });
      await this.page.keyboard.press("Enter");
    });
  }

  /**
   * The palette lists what there is when it opens, so while extensions are still being loaded it is opened again, each time
   * with more patience: a busy machine may take seconds to list all commands.
   */
  async #findInPalette(title: string, run: (row: Locator, timeout: number) => Promise<void>): Promise<void> {
    const row = this.quickRows()
      .and(this.page.locator(named(title)))
      .first();
    let timeout = 1_000;
    await until(`"${title}" in the palette`, async () => {
      timeout *= 2;
      await this.page.keyboard.press("F1");
      try {
        // A key that comes while a page is being put in front goes nowhere: it is pressed again.
        await this.quickInput().waitFor({ timeout });
        await this.quickInput().fill(`>${title}`, { timeout });
        await run(row, timeout);
        return true;
      } catch {
        // Only where it is the palette's: pages in front have a use of their own for this key.
        if (await this.quickInput().isVisible()) await this.page.keyboard.press("Escape");
        return false;
      }
    });
  }

  quickInput(): Locator {
    return this.page.locator(".quick-input-widget:visible input.input:visible").first();
  }

  quickRows(): Locator {
    return this.page.locator(".quick-input-widget:visible .quick-input-list .monaco-list-row");
  }

  /** Chooses the first row with this text in an open quick pick. */
  async pick(text: string | RegExp): Promise<void> {
    await this.quickRows().filter({ hasText: text }).first().click();
  }

  /**
   * Answers the question of an input box, once it is this one that is asked: typed earlier, the answer would go to the
   * question before it, or nowhere. As people do, once more where the box put its own words over it: the dialog for files
   * does while it is still listing a folder.
   * @param question what its prompt says
   */
  async answer(question: string | RegExp, text: string): Promise<void> {
    const widget = this.page.locator(".quick-input-widget:visible").filter({ hasText: question });
    await widget.waitFor();
    const input = widget.locator("input.input:visible").first();
    // The dialog that asks where to save proposes a name once it has read the folder, over whatever was typed by then.
    if (text.startsWith("/"))
      await until(
        "a name to be proposed",
        async () => /[^/]$/.test(await input.inputValue({ timeout: 2_000 })),
        PROPOSED_MS,
      ).catch(() => undefined);
    await until(`the answer to ${String(question)} to be taken`, async () => {
      if (!(await widget.isVisible())) return true;
      // The proposal came between two looks, and made a path of both: no is the answer.
      if (await widget.getByText("Would you like to create it?").isVisible()) await this.page.keyboard.press("Escape");
      await input.fill(text, { timeout: 2_000 });
      // A dialog for files puts a proposal of its own there once it has read the folder; until then it is busy.
      await widget.locator(".monaco-progress-container.active").waitFor({ state: "hidden", timeout: 10_000 });
      if ((await input.inputValue({ timeout: 2_000 })) !== text) return false;
      await input.press("Enter", { timeout: 2_000 });
      await widget.waitFor({ state: "hidden", timeout: 2_000 });
      return true;
    });
  }

  // ---- Explorer

  /** Opens the folders on the way and returns the row of the last name. */
  async explorerRow(path: string): Promise<Locator> {
    const names = path.split("/");
    const rows = this.page.locator(".explorer-folders-view .monaco-list-row");
    let row = rows.first();
    for (const [depth, name] of names.entries()) {
      row = rows
        .and(this.page.locator(`[aria-level="${depth + 1}"]`))
        .and(this.page.locator(named(name)))
        .first();
      await row.waitFor();
      if (depth < names.length - 1 && (await row.getAttribute("aria-expanded")) === "false") {
        await row.click();
        await row.and(this.page.locator('[aria-expanded="true"]')).waitFor();
      }
    }
    return row;
  }

  async openFile(path: string): Promise<void> {
    await (await this.explorerRow(path)).dblclick();
  }

  /** Right-click in the explorer, then this entry of the menu. */
  async explorerMenu(path: string, entry: string): Promise<void> {
    await (await this.explorerRow(path)).click({ button: "right" });
    await this.menu(entry);
  }

  /** Chooses from the open context menu; once more where it took the click for the end of the one that opened it. */
  async menu(entry: string): Promise<void> {
    const found = this.menuEntries().filter({
      has: this.page.locator(`.action-label[aria-label=${JSON.stringify(entry)}]`),
    });
    await found.waitFor();
    let wasClicked = false;
    await until(`the menu to take ${entry}`, async () => {
      if (!(await found.isVisible())) return true;
      if (wasClicked) this.clicksRepeated++;
      wasClicked = false;
      await found.click({ timeout: 2_000 });
      wasClicked = true;
      await found.waitFor({ state: "hidden", timeout: 2_000 });
      return true;
    });
  }

  menuEntries(): Locator {
    return this.page.locator(".monaco-menu .action-item:not(.disabled)");
  }

  /** Drags what is under `from` over `onto`, a place of a page, with Shift held: only so does the editor let a page see it. */
  async dragIntoPage(from: Locator, onto: Locator): Promise<void> {
    const middle = async (of: Locator): Promise<readonly [number, number]> => {
      const box = await of.boundingBox();
      if (box === null) throw new Error("there is nothing to drag, or nowhere to");
      return [box.x + box.width / 2, box.y + box.height / 2];
    };
    await onto.scrollIntoViewIfNeeded();
    const [start, end] = [await middle(from), await middle(onto)];
    const { mouse, keyboard } = this.page;
    await mouse.move(...start);
    await mouse.down();
    await keyboard.down("Shift");
    await mouse.move(...end, { steps: 12 });
    await mouse.move(end[0] + 3, end[1] + 3, { steps: 3 });
    await mouse.up();
    await keyboard.up("Shift");
  }

  // ---- Views

  async openContainer(title: string): Promise<void> {
    const tab = this.page.locator(`.activitybar .action-item:has(.action-label[aria-label^=${JSON.stringify(title)}])`);
    await tab.waitFor();
    if ((await tab.getAttribute("aria-selected")) !== "true") await tab.click();
  }

  view(title: string): Locator {
    return this.page.locator(`.pane:has(> .pane-header[aria-label^=${JSON.stringify(title)}])`);
  }

  /** The first row of the view with this text. */
  treeRow(view: string, text: string | RegExp): Locator {
    return this.view(view).locator(".monaco-list-row").filter({ hasText: text }).first();
  }

  /** One of the icons that a tree row shows under the pointer; once more where the row has moved away from under it. */
  async treeAction(view: string, row: string | RegExp, action: string | RegExp): Promise<void> {
    const found = this.treeRow(view, row);
    const icon = found
      .getByRole("button", { name: action })
      .or(found.locator(".action-label").and(this.page.getByLabel(action)))
      .first();
    await until(`${String(action)} on ${String(row)}`, async () => {
      await found.hover();
      await icon.click({ timeout: 2_000 });
      return true;
    });
  }

  async treeMenu(view: string, row: string | RegExp, entry: string): Promise<void> {
    await this.treeRow(view, row).click({ button: "right" });
    await this.menu(entry);
  }

  // ---- Status bar, notifications, dialogs

  statusItem(text: string | RegExp): Locator {
    return this.page.locator(".statusbar-item:visible").filter({ hasText: text }).first();
  }

  notification(text: string | RegExp): Locator {
    return this.page
      .locator(".notifications-toasts .notification-list-item, .notifications-center .notification-list-item")
      .filter({ hasText: text })
      .first();
  }

  async notificationButton(text: string | RegExp, button: string | RegExp): Promise<void> {
    await this.notification(text).getByRole("button", { name: button }).first().click();
  }

  dialog(): Locator {
    return this.page.locator(".monaco-dialog-box");
  }

  async dialogButton(button: string | RegExp): Promise<void> {
    await this.dialog().getByRole("button", { name: button }).first().click();
  }

  // ---- Between tests

  /** Says no to what is asked, in dialogs, boxes and menus. */
  async refuse(): Promise<void> {
    const asks = this.dialog().or(this.page.locator(".quick-input-widget:visible")).or(this.menuEntries());
    if ((await asks.count()) > 0) await this.page.keyboard.press("Escape");
  }

  /** Something is said to be running: a progress notification, a turning icon. */
  async isBusy(): Promise<boolean> {
    const busy = ".statusbar-item .codicon-modifier-spin, .notification-list-item .monaco-progress-container.active";
    return (await this.page.locator(busy).count()) > 0;
  }

  /** Nothing is open or asked but the explorer. */
  async isTidy(): Promise<boolean> {
    const open = ".tabs-container .tab, .notification-list-item, .monaco-dialog-box, .quick-input-widget:visible";
    if ((await this.page.locator(open).count()) > 0) return false;
    return await this.page.locator(".explorer-folders-view .monaco-list-row").first().isVisible();
  }

  // ---- Editors and webviews

  editorTab(title: string | RegExp): Locator {
    return this.page.locator(".tabs-container .tab").filter({ hasText: title }).first();
  }

  /** The document inside the webview that has `selector`: the inner of its two nested frames. */
  async webview(selector: string, deadlineMs = PATIENCE_MS): Promise<Frame> {
    const find = async (): Promise<Frame | undefined> => {
      for (const frame of this.page.frames()) {
        if (frame.parentFrame()?.parentFrame() !== this.page.mainFrame() || frame.isDetached()) continue;
        if (await frame.locator(selector).first().isVisible()) return frame;
      }
      return undefined;
    };
    return await until(`a webview with ${selector}`, find, deadlineMs);
  }
}

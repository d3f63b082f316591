/** What people do with this extension over and over: the steps several tests share, in its own words. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import type { Frame, Locator } from "playwright-core";
import type { Device } from "./device";
import { until } from "./until";
import type { Workbench } from "./workbench";

export const DEVICES = "Devices";
export const FIRMWARE = "Firmware";

/** Flashing takes as long as the chip takes. */
const JOB_MS = 180_000;
/** A chip that was given power again and is still not linked after this long was missed. */
const CATCH_MS = 10_000;

/** The first right-click on a file that starts a flash job. */
export async function flashFromExplorer(workbench: Workbench, path: string): Promise<void> {
  await workbench.explorerMenu(path, "Flash to Device");
}

/** Reads the plan in the dialog, and says yes. */
export async function confirmPlan(workbench: Workbench): Promise<void> {
  await workbench.dialog().waitFor();
  await workbench.dialogButton("Flash");
}

/**
 * Somebody who watches the dashboard and cuts the chip's power whenever it asks for that, until `sign` is there: once more
 * when the chip was not caught, which listens for milliseconds only.
 */
export async function attend({ chip }: Device, dashboard: Frame, sign: Locator): Promise<void> {
  const asked = dashboard.locator(".card-linking .do-now.urgent");
  await until(
    "what somebody attends to",
    async () => {
      if (await sign.isVisible()) return true;
      if (!(await asked.isVisible())) return false;
      chip.powerCycle();
      await asked.waitFor({ state: "hidden", timeout: CATCH_MS }).catch(() => undefined);
      return false;
    },
    JOB_MS,
  );
}

/** The message of a flash that is verified, with nothing left that looks busy. */
export async function untilVerified(workbench: Workbench, fileName: string): Promise<void> {
  await workbench
    .notification(`${fileName} is on the`)
    .filter({ hasText: "verified on the chip" })
    .waitFor({ timeout: JOB_MS });
}

/**
 * The page is no dead end: it asks for hands, or has exactly one button that stands out, and an end names its next step in words.
 */
export async function assertLeadsOn(dashboard: Frame, state: string): Promise<void> {
  const said = await dashboard.evaluate<{ readonly hands: string; readonly primary: number; readonly next: string[] }>(
    `({
      hands: document.querySelector(".do-now-text")?.textContent ?? "",
      primary: document.querySelectorAll('vscode-button[appearance="primary"]').length,
      next: [...document.querySelectorAll(".card-outcome .next-step-text")].map(({ textContent }) => textContent),
    })`,
  );
  const isEnd = (await dashboard.locator(".card-outcome").count()) > 0;
  assert.ok(said.hands !== "" || said.primary === 1, `${state}: ${JSON.stringify(said)}`);
  assert.equal(said.next.filter((text) => text.trim() !== "").length, isEnd ? 1 : 0, `${state}: ${said.next.join()}`);
}

/** No progress notification, no turning icon: nowhere is anything said to be running. */
export async function assertQuiet(workbench: Workbench): Promise<void> {
  await until("everything to look idle", async () => !(await workbench.isBusy()));
  assert.equal(await workbench.isBusy(), false);
}

export async function openDevices(workbench: Workbench): Promise<void> {
  await workbench.openContainer("Beken Flasher");
  await workbench.view(DEVICES).waitFor();
}

/** Selects the port as the status bar lets people do it. */
export async function selectPort(workbench: Workbench, port: string): Promise<void> {
  await workbench.statusItem(/Select Beken Port|\/dev\/pts|rfc2217:/).click();
  await workbench.pick(port);
  await workbench.statusItem(port).waitFor();
}

/** The dashboard's document, opened from the palette unless it is open. */
export async function openDashboard(workbench: Workbench): Promise<Frame> {
  await workbench.palette("Beken: Open Dashboard");
  return await workbench.webview(".card-history");
}

/** A button of a webview, by the stable name of what it does. */
export function action(frame: Frame, name: string): Locator {
  return frame.locator(`[data-action="${name}"]`);
}

const AXE = readFileSync(join("node_modules", "axe-core", "axe.min.js"), "utf8");

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** What a theme can change; names, roles and order of the same page are the same in every theme. */
const THEME_RULES = '{ type: "rule", values: ["color-contrast", "link-in-text-block"] }';

/**
 * No violation that axe-core finds in the theme that is on, contrast included.
 * @param again the same page was judged in another theme already: only what a theme can change is looked at
 */
export async function assertAccessible(frame: Frame, state: string, again = false): Promise<void> {
  // Colours that are still fading would be measured half way.
  await until("transitions to end", () =>
    frame.evaluate(
      "document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getTiming().iterations === Infinity)",
    ),
  );
  await frame.evaluate(`${AXE}; 0`);
  // Where a rule holds is not asked: finding a selector for each element that passes is most of the time it takes.
  const { violations } = await frame.evaluate<AxeResult>(
    `axe.run(document, { resultTypes: ["violations"]${again ? `, runOnly: ${THEME_RULES}` : ""} })`,
  );
  const found = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map((node) => `  ${node.html}\n  ${node.failureSummary ?? ""}`).join("\n")}`,
  );
  assert.deepEqual(found, [], `accessibility: ${state}`);
}

/** A picture and a verdict in light and in dark, of a page that follows the workbench's theme. */
export async function judge(workbench: Workbench, frame: Frame, state: string): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await workbench.setTheme(theme);
    await until(`the page to be ${theme}`, () => frame.evaluate(`document.body.classList.contains("vscode-${theme}")`));
    await workbench.picture(`${state}-${theme}`);
    // What no theme changes is held for every state by pages.test.ts, without an editor.
    await assertAccessible(frame, `${state}, ${theme}`, true);
  }
}

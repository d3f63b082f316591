/** The dashboard in each of its states, in the themes, judged by axe-core, and worked by keyboard alone. */
import assert from "node:assert/strict";
import type { Frame } from "playwright-core";
import type { WireState } from "../../src/core/jobs/events";
import { APP_AT, BULB } from "./harness/builds";
import { PATIENT, assertFlash, startDevice } from "./harness/device";
import { action, assertAccessible, assertQuiet, attend, judge, openDashboard, selectPort } from "./harness/flasher";
import { VIEWPORT } from "./harness/editor";
import { useStage } from "./harness/stage";
import { startWire, type Wiring } from "./harness/wire";
import { START_MS, until } from "./harness/until";

const JOB_MS = 180_000;

/** In this order, for a pause of ten seconds or an echo is what tells that wires were changed. */
const WIRINGS: readonly (readonly [wiring: Wiring, wire: WireState, says: RegExp])[] = [
  ["dead", "silence", /cut its 3\.3 V|Check in this order: 3\.3 V .* GND .* RX and TX .* CEN/],
  ["log", "log-text", /ESPHome 2026\.8\.0 is running and prints on this wire|The firmware still starts/],
  ["joined", "echo", /joined or swapped|Still only an echo/],
  ["other part", "other-speed", /sends at 38400 baud instead of 115200/],
  ["joined", "echo", /joined or swapped|Still only an echo/],
  ["held", "held", /only while RTS or DTR is asserted/],
];

describe("dashboard", () => {
  const stage = useStage();

  it("says what to wire and do while it waits for the chip, by what is on the wire, and what the chip is once it answers", async () => {
    const { wire, device } = await startWire();
    const { workbench } = await stage.open({ devices: [device], settings: PATIENT });
    await selectPort(workbench, device.port);
    const dashboard = await openDashboard(workbench);
    await judge(workbench, dashboard, "dashboard-idle");
    await action(dashboard, "showChipInfo").click();
    await dashboard.locator(".card-linking .do-now.urgent").waitFor();
    await dashboard.locator(".card-wiring svg").waitFor();
    await judge(workbench, dashboard, "dashboard-waiting");
    for (const [wiring, wireState, says] of WIRINGS) {
      wire.wiring = wiring;
      await dashboard.locator(`.wire-says-${wireState}`).waitFor();
      await dashboard.locator(".do-now-text").filter({ hasText: says }).waitFor();
      // A line that is level has no height, and counts as hidden.
      await dashboard.locator(`.card-wiring .look-at-${wireState}`).waitFor({ state: "attached" });
      await workbench.picture(`wire-${wiring.replace(" ", "-")}-dark`);
    }
    wire.wiring = "chip";
    await attend(device, dashboard, dashboard.locator(".card-outcome.tone-good"));
    await dashboard.locator(".card-chip").filter({ hasText: "BK7231T" }).waitFor();
    await judge(workbench, dashboard, "dashboard-chip-info");
  });

  it("shows the plan, the running flash sector by sector, and what was done", async () => {
    const device = await startDevice("bk7231t", { pace: "real" });
    const { workbench } = await stage.open({ devices: [device], settings: { "beken.baudRate": "460800" } });
    await selectPort(workbench, device.port);
    const dashboard = await openDashboard(workbench);
    // Somebody reads further down, on a small screen, when it asks.
    await workbench.page.setViewportSize({ width: 1440, height: 480 });
    await until("the page to be scrolled", async () => {
      await dashboard.evaluate("window.scrollTo(0, document.body.scrollHeight)");
      return Number(await dashboard.evaluate("window.scrollY")) > 100;
    });
    await workbench.palette("Beken: Flash File...");
    await workbench.pick(BULB.device);
    await dashboard.locator(".card-plan").waitFor();
    assert.equal(await workbench.dialog().count(), 0, "the plan is asked about once, in the dashboard");
    await until("the question to have the focus", () =>
      dashboard.evaluate("document.activeElement === document.querySelector('.card-plan [data-main]')"),
    );
    await until("question and answer to be in view", () =>
      dashboard.evaluate(
        "['.card-plan [data-main]', '[data-action=approve]'].every((part) => {" +
          " const { top, bottom } = document.querySelector(part).getBoundingClientRect();" +
          " return top >= 0 && bottom <= window.innerHeight; })",
      ),
    );
    await workbench.picture("dashboard-plan-small-screen-dark");
    await workbench.page.setViewportSize(VIEWPORT);
    await judge(workbench, dashboard, "dashboard-plan");
    await action(dashboard, "approve").click();
    await dashboard.locator(".card-running").waitFor();
    await dashboard.locator(".card-map").waitFor();
    await until("a third to be done", async () =>
      /^[3-9]\d%$/.test((await dashboard.locator(".card-running .percent").textContent()) ?? ""),
    );
    await judge(workbench, dashboard, "dashboard-running");
    await dashboard.locator(".card-outcome.tone-good").waitFor({ timeout: JOB_MS });
    await dashboard.locator(".card-history td").filter({ hasText: BULB.device }).first().waitFor();
    await judge(workbench, dashboard, "dashboard-done");
    assertFlash(device, APP_AT, BULB.crc.bytes, "the application");
    await assertQuiet(workbench);
  });

  it("tells what failed, what was seen and what to do, and starts again from there", async () => {
    const device = await startDevice("bk7231t", { person: "manual" });
    device.chip.powerOff();
    const { workbench } = await stage.open({ devices: [device], settings: { "beken.linkTimeout": 15 } });
    await selectPort(workbench, device.port);
    const dashboard = await openDashboard(workbench);
    await action(dashboard, "showChipInfo").click();
    await dashboard.locator(".card-outcome.tone-bad").waitFor({ timeout: JOB_MS });
    await dashboard.locator(".card-outcome .steps li").first().waitFor();
    await judge(workbench, dashboard, "dashboard-failed");
    await action(dashboard, "retry").click();
    await dashboard.locator(".card-linking").waitFor();
    // Once more where a busy machine was not there while the chip listened.
    await attend(device, dashboard, dashboard.locator(".card-outcome.tone-good"));
  });

  it("is all there again after it was hidden, and after the window was reloaded", async () => {
    const device = await startDevice("bk7231t");
    const { workbench } = await stage.open({ devices: [device] });
    await selectPort(workbench, device.port);
    const first = await openDashboard(workbench);
    await action(first, "showChipInfo").click();
    await first.locator(".card-outcome.tone-good").waitFor({ timeout: JOB_MS });
    await workbench.openFile("esphome/hall-plug.yaml");
    await workbench.editorTab("Beken Flasher").click();
    const second = await workbench.webview(".card-history");
    await second.locator(".card-outcome.tone-good").waitFor();
    await workbench.reload();
    const third = await workbench.webview(".card-history", START_MS);
    await third.locator(".card").filter({ hasText: device.port }).first().waitFor();
    await third.locator(".card-history td").filter({ hasText: "Show chip info" }).first().waitFor();
    await workbench.pictures("dashboard-reloaded");
  });

  it("is usable by keyboard alone, from the first key to the flashed chip", async () => {
    const device = await startDevice("bk7231t");
    const { workbench } = await stage.open({ devices: [device], settings: { "beken.rebootAfterFlash": false } });
    const { page } = workbench;
    const keys = async (...names: readonly string[]): Promise<void> => {
      for (const name of names) await page.keyboard.press(name);
    };
    /** Tab until what matches `selector` has the focus; the way a screen reader user gets there. */
    const tabTo = async (frame: Frame, selector: string): Promise<void> => {
      for (let presses = 0; presses < 40; presses++) {
        if (await frame.evaluate(`document.activeElement?.closest(${JSON.stringify(selector)}) != null`)) return;
        await keys("Tab");
      }
      assert.fail(`${selector} is not reached by Tab`);
    };
    await workbench.paletteByKeyboard("Beken: Select Port...");
    await workbench.quickRows().filter({ hasText: device.port }).first().waitFor();
    await page.keyboard.type(device.port);
    await keys("Enter");
    await workbench.statusItem(device.port).waitFor();
    await workbench.paletteByKeyboard("Beken: Open Dashboard");
    const dashboard = await workbench.webview(".card-idle");
    await until("the dashboard to have the focus", () => dashboard.evaluate("document.hasFocus()"));
    await tabTo(dashboard, '[data-action="flashFile"]');
    await keys("Enter");
    await workbench.quickRows().filter({ hasText: BULB.device }).first().waitFor();
    await page.keyboard.type(BULB.device);
    await keys("Enter");
    await dashboard.locator(".card-plan").waitFor();
    await until("the dashboard to have the focus again", () => dashboard.evaluate("document.hasFocus()"));
    await tabTo(dashboard, '[data-action="approve"]');
    await workbench.picture("dashboard-keyboard-dark");
    await keys("Enter");
    await dashboard.locator(".card-outcome.tone-good").waitFor({ timeout: JOB_MS });
    assertFlash(device, APP_AT, BULB.crc.bytes, "the application");
    // The map is one stop; inside it the arrows go from sector to sector.
    await tabTo(dashboard, "[role='gridcell']");
    const cell = (): Promise<unknown> => dashboard.evaluate("document.activeElement.getAttribute('aria-label')");
    const before = await cell();
    await keys("ArrowRight");
    const after = await cell();
    assert.notEqual(after, before);
  });

  for (const theme of ["hc-black", "hc-light"] as const) {
    it(`is accessible in ${theme}`, async () => {
      const device = await startDevice("bk7231t", { person: "manual" });
      const { workbench } = await stage.open({ devices: [device], theme, settings: PATIENT });
      await selectPort(workbench, device.port);
      const dashboard = await openDashboard(workbench);
      await workbench.palette("Beken: Flash File...");
      await workbench.pick(BULB.device);
      await dashboard.locator(".card-linking .do-now.urgent").waitFor();
      const [track, filled] = await dashboard.evaluate<readonly string[]>(
        "['.bar', '.bar-fill'].map((part) => getComputedStyle(document.querySelector(part)).backgroundColor)",
      );
      assert.notEqual(track, filled, "how far it is can be seen");
      await workbench.picture(`dashboard-waiting-${theme}`);
      await attend(device, dashboard, dashboard.locator(".card-plan"));
      await workbench.picture(`dashboard-plan-${theme}`);
      await assertAccessible(dashboard, `plan, ${theme}`);
      await action(dashboard, "approve").click();
      await dashboard.locator(".card-outcome.tone-good").waitFor({ timeout: JOB_MS });
      await workbench.picture(`dashboard-done-${theme}`);
      await assertAccessible(dashboard, `done, ${theme}`);
    });
  }
});

describe("image viewer", () => {
  const stage = useStage();

  it("opens an RBL with its header, checks and ranges, and flashes it from there", async () => {
    const device = await startDevice("bk7231t");
    const { workbench } = await stage.open({ devices: [device] });
    await selectPort(workbench, device.port);
    await workbench.openFile(BULB.rbl.path);
    const viewer = await workbench.webview(".card-checks");
    await viewer.locator(".card-ranges").waitFor();
    await viewer.locator(".card-summary").filter({ hasText: "BK7231T" }).waitFor();
    await judge(workbench, viewer, "image-viewer");
    await action(viewer, "flash").click();
    await workbench.dialog().waitFor();
    await workbench.dialogButton("Flash");
    await workbench.notification("verified on the chip").waitFor({ timeout: JOB_MS });
    assertFlash(device, APP_AT, BULB.rbl.bytes, "the application");
  });

  it("says of an over-the-air file what it is for, and opens the right one instead", async () => {
    const { workbench } = await stage.open();
    await workbench.openFile(BULB.ota.path);
    const viewer = await workbench.webview(".card-summary.tone-bad");
    await workbench.pictures("image-viewer-ota");
    assert.equal(await action(viewer, "flash").count(), 0, "nothing to flash");
    await action(viewer, "openInstead").click();
    const other = await workbench.webview(".card-summary.tone-neutral");
    await action(other, "flash").waitFor();
  });
});

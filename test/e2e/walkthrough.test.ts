/** The five steps of the walkthrough, done by a newcomer without hardware: a practice device, and a click for each step. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { assertQuiet } from "./harness/flasher";
import { useStage } from "./harness/stage";
import { until } from "./harness/until";
import type { Workbench } from "./harness/workbench";

const JOB_MS = 180_000;
const STEPS = ["See a port", "See the chip", "Save a backup", "Flash firmware", "See it verified"] as const;

const step = ({ page }: Workbench, title: string): Locator =>
  page.locator(".getting-started-step").filter({ hasText: title });

/** Opens a step, presses its button, and waits for the tick. */
async function doStep(workbench: Workbench, title: string, button: string): Promise<void> {
  const found = step(workbench, title);
  if (!((await found.getAttribute("class")) ?? "").includes("expanded")) await found.click();
  await found.getByRole("button", { name: button }).click();
}

async function ticked(workbench: Workbench, title: string): Promise<void> {
  await step(workbench, title).locator(".codicon.complete").waitFor({ timeout: JOB_MS });
}

/** The last two steps, with what is offered under this name. */
async function flashAndVerify(workbench: Workbench, offered: string): Promise<void> {
  // The walkthrough takes the focus to its next step a moment after the tick, which closes what has just opened.
  await until(`${offered} to be offered`, async () => {
    await doStep(workbench, "Flash firmware", "Flash a File");
    await workbench.quickRows().filter({ hasText: offered }).first().click({ timeout: 2_000 });
    return true;
  });
  await workbench.dialog().waitFor();
  await workbench.dialogButton("Flash");
  await workbench.notification("verified on the chip").waitFor({ timeout: JOB_MS });
  await ticked(workbench, "Flash firmware");
  await ticked(workbench, "See it verified");
}

describe("walkthrough", () => {
  const stage = useStage();
  let backups: string;
  before(() => {
    backups = mkdtempSync(join(tmpdir(), "beken-backups-"));
  });
  after(() => rmSync(backups, { recursive: true, force: true }));

  it("takes a newcomer through all five steps on a practice device", async () => {
    const { workbench } = await stage.open({ fresh: true, settings: { "beken.backupFolder": backups } });
    await workbench.palette("Beken: Open First Flash Walkthrough");
    await step(workbench, "See a port").waitFor();
    await workbench.pictures("walkthrough-start");
    assert.equal(await workbench.page.locator(".getting-started-step .codicon.complete").count(), 0);

    await doStep(workbench, "See a port", "Start Practice Device");
    await ticked(workbench, "See a port");
    await doStep(workbench, "See the chip", "Show Chip Info");
    await ticked(workbench, "See the chip");
    await doStep(workbench, "Save a backup", "Back Up Flash");
    await ticked(workbench, "Save a backup");
    const saved = readdirSync(backups).filter((name) => name.endsWith(".bin"));
    assert.deepEqual(
      saved.map((name) => statSync(join(backups, name)).size),
      [0x200000],
      "the whole flash in one file",
    );

    await flashAndVerify(workbench, "Bedroom Bulb");
    await assertQuiet(workbench);
    await workbench.pictures("walkthrough-done");
    const done = workbench.page.locator(".getting-started-step .codicon.complete");
    await until("all steps to be ticked", async () => (await done.count()) === STEPS.length);
  });

  it("has something to flash on a practice device where there is no project", async () => {
    const { workbench } = await stage.open({ fresh: true, folder: "nothing-yet" });
    // The editor's own walkthrough is in front, with a step of it chosen.
    await workbench.palette("Help: Welcome");
    const chosen = workbench.page.locator(".getting-started-step.expanded").first();
    await until("a step of the editor's own walkthrough", async () => {
      if (await chosen.isVisible()) return true;
      await workbench.page.locator(".getting-started-category:enabled").first().click({ timeout: 2_000 });
      return false;
    });
    assert.equal(await workbench.statusItem("Select Beken Port").count(), 0, "nothing here is about these chips");
    await workbench.palette("Beken: Open First Flash Walkthrough");
    await step(workbench, "See a port").waitFor();
    await doStep(workbench, "See a port", "Start Practice Device");
    await ticked(workbench, "See a port");
    await flashAndVerify(workbench, "Practice firmware");
    await workbench.pictures("walkthrough-no-project");
  });
});

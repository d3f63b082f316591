/** The boot code is only ever replaced by somebody who types the chip's name, and a copy of it stays: by clicks and keys. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertFlash, startDevice } from "./harness/device";
import { assertQuiet, selectPort } from "./harness/flasher";
import { useStage } from "./harness/stage";
import type { Workbench } from "./harness/workbench";

const JOB_MS = 180_000;
const BOOT_END = 0x11000;
/** A place in the boot code that is gone, and one behind it. */
const LOST = { start: 0x2000, length: 0x1000 };
const CHANGED = 0x150000;
const QUESTION = "Replace the boot code of the BK7231N";

async function restore(workbench: Workbench, name: string): Promise<void> {
  await workbench.palette("Beken: Restore Backup...");
  await workbench.pick(name);
}

async function untilRestored(workbench: Workbench): Promise<void> {
  const done = workbench.notification("is back on the chip");
  await done.waitFor({ timeout: JOB_MS });
  await assertQuiet(workbench);
  await workbench.palette("Notifications: Clear All Notifications");
  await done.waitFor({ state: "hidden" });
}

describe("boot code", () => {
  const stage = useStage();
  let backups: string;
  before(() => {
    backups = mkdtempSync(join(tmpdir(), "beken-backups-"));
  });
  after(() => rmSync(backups, { recursive: true, force: true }));

  it("stays when the question is dismissed, and is restored, with a copy kept, once the chip's name is typed", async () => {
    const device = await startDevice("bk7231n");
    const whole = device.chip.flash.slice();
    const { workbench } = await stage.open({ devices: [device], settings: { "beken.backupFolder": backups } });
    await selectPort(workbench, device.port);
    await workbench.palette("Beken: Back Up Flash...");
    await workbench.notification("Backup saved").waitFor({ timeout: JOB_MS });
    const [name] = readdirSync(backups).filter((file) => file.endsWith(".bin"));
    assert.ok(name !== undefined);
    device.chip.flash.fill(0xff, LOST.start, LOST.start + LOST.length);
    device.chip.flash.fill(0x00, CHANGED, CHANGED + 0x1000);
    const damaged = device.chip.flash.slice(0, BOOT_END);

    await restore(workbench, name);
    const box = workbench.page.locator(".quick-input-widget:visible").filter({ hasText: QUESTION });
    await box.waitFor({ timeout: JOB_MS });
    await workbench.statusItem("Waiting for your approval").waitFor();
    await workbench.pictures("boot-code-question");
    await workbench.quickInput().fill("BK7231T");
    await box.filter({ hasText: "Type BK7231N exactly" }).waitFor();
    await workbench.page.keyboard.press("Escape");
    // The damaged boot code would stay, and nothing would start.
    await workbench.dialog().filter({ hasText: "does not start" }).waitFor({ timeout: JOB_MS });
    await workbench.dialogButton("Write All the Same");
    await untilRestored(workbench);
    assertFlash(device, 0, damaged, "the boot code, which nobody typed for");
    assertFlash(device, BOOT_END, whole.subarray(BOOT_END), "all behind it");

    await restore(workbench, name);
    await box.waitFor({ timeout: JOB_MS });
    await workbench.answer(QUESTION, "BK7231N");
    await workbench.dialog().filter({ hasText: "the boot code, 0x000000" }).waitFor({ timeout: JOB_MS });
    await workbench.pictures("boot-code-confirm");
    await workbench.dialogButton(/Restore|Flash/);
    await untilRestored(workbench);
    assertFlash(device, 0, whole, "the whole flash");
    const [copy] = readdirSync(backups).filter((file) => file.startsWith("bootloader-bk7231n-"));
    assert.ok(copy !== undefined && readFileSync(join(backups, copy)).equals(damaged), "the copy of what was there");
  });
});

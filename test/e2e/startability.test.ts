/** A chip that would not start: said before anything is written, and brought back over the same wires, by clicks and keys. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { APP_AT, PLUG } from "./harness/builds";
import { assertFlash, startDevice } from "./harness/device";
import {
  action,
  assertQuiet,
  flashFromExplorer,
  judge,
  openDashboard,
  selectPort,
  untilVerified,
} from "./harness/flasher";
import { useStage } from "./harness/stage";

const JOB_MS = 180_000;
const QUESTION = "Replace the boot code of the BK7231N";

describe("a chip without boot code", () => {
  const stage = useStage();
  let backups: string;
  before(() => {
    backups = mkdtempSync(join(tmpdir(), "beken-backups-"));
  });
  after(() => rmSync(backups, { recursive: true, force: true }));

  it("is told by plan and message, is not written without a yes to that, and gets its boot code back from a backup", async () => {
    const device = await startDevice("bk7231n");
    const boot = device.chip.flash.slice(0, APP_AT);
    const { workbench } = await stage.open({ devices: [device], settings: { "beken.backupFolder": backups } });
    await selectPort(workbench, device.port);
    await workbench.palette("Beken: Back Up Flash...");
    await workbench.notification("Backup saved").waitFor({ timeout: JOB_MS });
    const [name] = readdirSync(backups).filter((file) => file.endsWith(".bin"));
    assert.ok(name !== undefined);
    await workbench.palette("Notifications: Clear All Notifications");
    device.chip.flash.fill(0xff, 0, APP_AT);
    // What was read of it over the link that is still open counts no more.
    device.chip.powerOff();
    device.chip.powerOn();
    const broken = device.chip.flash.slice();

    await flashFromExplorer(workbench, PLUG.rbl.path);
    const dialog = workbench.dialog().filter({ hasText: "Afterwards the device does not start" });
    await dialog.waitFor({ timeout: JOB_MS });
    await workbench.pictures("start-confirm");
    await workbench.dialogButton("Cancel");
    const refused = workbench.notification("would not start afterwards");
    await refused.waitFor({ timeout: JOB_MS });
    await workbench.pictures("start-refused");
    assertFlash(device, 0, broken, "the flash, which nobody agreed to write");

    await workbench.notificationButton("would not start afterwards", "Bring Back Boot Code");
    await workbench.pick(name);
    await workbench.answer(QUESTION, "BK7231N");
    await workbench.dialog().filter({ hasText: "the boot code, 0x000000" }).waitFor({ timeout: JOB_MS });
    await workbench.pictures("start-bring-back");
    await workbench.dialogButton("Flash");
    await workbench.notification("is on the BK7231N").waitFor({ timeout: JOB_MS });
    assertFlash(device, 0, boot, "the boot code");
    assertFlash(device, APP_AT, broken.subarray(APP_AT), "all behind it");
    await assertQuiet(workbench);
    await workbench.palette("Notifications: Clear All Notifications");

    await flashFromExplorer(workbench, PLUG.rbl.path);
    await workbench.dialog().waitFor({ timeout: JOB_MS });
    assert.doesNotMatch(await workbench.dialog().innerText(), /start/);
    await workbench.dialogButton("Flash");
    await untilVerified(workbench, PLUG.rbl.name);
  });

  it("shows both on the dashboard, and says after a write all the same what it lacks", async () => {
    const device = await startDevice("bk7231n");
    device.chip.flash.fill(0xff, 0, APP_AT);
    const settings = { "beken.backUpBeforeFirstWrite": false };
    const { workbench } = await stage.open({ devices: [device], settings });
    await selectPort(workbench, device.port);
    const frame = await openDashboard(workbench);
    await flashFromExplorer(workbench, PLUG.rbl.path);
    await frame.locator(".card .start-line").waitFor({ timeout: JOB_MS });
    await judge(workbench, frame, "start-plan");
    await action(frame, "approve").click();
    await action(frame, "bringBackBootCode").waitFor({ timeout: JOB_MS });
    assert.doesNotMatch(await frame.locator("body").innerText(), /starts its new firmware|told to start/);
    await judge(workbench, frame, "start-outcome");
    assertFlash(device, APP_AT, PLUG.crc.bytes, "the application");
  });
});

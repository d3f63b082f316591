/** Backup, verify, erase and restore as a person does them, each judged by the simulated chip's flash. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertFlash, startDevice } from "./harness/device";
import { DEVICES, assertQuiet, openDevices } from "./harness/flasher";
import { useStage } from "./harness/stage";

const JOB_MS = 180_000;
const ERASED = { start: 0x1e4000, length: 0x2000 };

describe("backup", () => {
  const stage = useStage();
  let backups: string;
  before(() => {
    backups = mkdtempSync(join(tmpdir(), "beken-backups-"));
  });
  after(() => rmSync(backups, { recursive: true, force: true }));

  it("is saved from the device's row, and brings back what an erase took away", async () => {
    const device = await startDevice("bk7231t");
    // Something to lose.
    device.chip.flash.fill(0x5a, ERASED.start, ERASED.start + ERASED.length);
    const before = device.chip.flash.slice();
    const { workbench } = await stage.open({ devices: [device], settings: { "beken.backupFolder": backups } });
    await openDevices(workbench);
    await workbench.treeAction(DEVICES, device.port, "Back Up Flash");
    await workbench.notification("Backup saved").waitFor({ timeout: JOB_MS });
    await workbench.pictures("backup-saved");
    const [name] = readdirSync(backups).filter((file) => file.endsWith(".bin"));
    assert.ok(name !== undefined);
    assert.ok(readFileSync(join(backups, name)).equals(before), "the file is the flash");

    await workbench.palette("Beken: Erase Range...");
    await workbench.answer("Start address", `0x${ERASED.start.toString(16)}`);
    await workbench.answer("Length in bytes", `0x${ERASED.length.toString(16)}`);
    await workbench.dialog().waitFor({ timeout: JOB_MS });
    await workbench.pictures("erase-confirm");
    await workbench.dialogButton("Erase");
    await workbench.notification(/erased in/).waitFor({ timeout: JOB_MS });
    const blank = device.chip.flash.subarray(ERASED.start, ERASED.start + ERASED.length);
    assert.ok(
      blank.every((byte) => byte === 0xff),
      "the range is blank",
    );

    await workbench.palette("Beken: Restore Backup...");
    await workbench.pictures("restore-pick");
    await workbench.pick(name);
    await workbench.dialog().waitFor({ timeout: JOB_MS });
    await workbench.pictures("restore-confirm");
    await workbench.dialogButton(/Restore|Flash/);
    await workbench.notification("is back on the chip").waitFor({ timeout: JOB_MS });
    assertFlash(device, 0, before, "the whole flash");
    await assertQuiet(workbench);
    await workbench.pictures("restore-done");
  });
});

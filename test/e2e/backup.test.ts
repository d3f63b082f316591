/** Backup, verify, erase and restore as a person does them, each judged by the simulated chip's flash. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertFlash, startDevice } from "./harness/device";
import { encodeStorage } from "../unit/passport/encoder";
import { DEVICES, action, assertQuiet, judge, openDevices, selectPort } from "./harness/flasher";
import { useStage } from "./harness/stage";
import { until } from "./harness/until";

const JOB_MS = 180_000;
/** Of a Tuya device, paired with a network. */
const STORAGE = encodeStorage({
  values: {
    gw_di: '{"id":"vdevid1234567890ab","swv":"1.1.12","pk":"keyproduct000001"}',
    gw_wsm: '{"nc_tp":0,"ssid":"KitchenNetwork","passwd":"kitchen-password"}',
    user_param_key: "{rl1_pin:26,rl1_lv:1,bt1_pin:8,bt1_lv:0,module:WB3S,crc:5,}",
  },
  blocks: 16,
});
const STORAGE_AT = 0x1ee000;
const CHANGED_AT = 0x1e5000;
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

  it("tells what the device is, is looked through and held against the chip, and becomes a configuration", async () => {
    const device = await startDevice("bk7231t");
    device.chip.flash.fill(0xff, STORAGE_AT);
    device.chip.flash.set(STORAGE.bytes, STORAGE_AT);
    const own = join(backups, "explored");
    const { workbench } = await stage.open({ devices: [device], settings: { "beken.backupFolder": own } });
    await selectPort(workbench, device.port);
    await openDevices(workbench);
    await workbench.treeAction(DEVICES, device.port, "Back Up Flash");
    await workbench.notification("Backup saved").waitFor({ timeout: JOB_MS });
    await workbench.treeRow("Backups", "WB3S").click();
    const viewer = await workbench.webview(".card-passport");
    await viewer.locator(".card-passport tr").filter({ hasText: "WB3S" }).first().waitFor();
    await viewer.locator(".part-map .part").first().waitFor();
    await judge(workbench, viewer, "backup-explored");
    assert.equal((await viewer.locator("body").innerText()).includes("KitchenNetwork"), false);

    await action(viewer, "findAs").selectOption("hex");
    await action(viewer, "query").fill("54 4C 56");
    await action(viewer, "find").click();
    await viewer.locator(".search-status").filter({ hasText: "Place 1 of" }).waitFor();

    device.chip.flash[CHANGED_AT] = 0;
    await action(viewer, "compareChip").click();
    await viewer
      .locator(".card-compare td")
      .filter({ hasText: /0x1E5000/i })
      .first()
      .waitFor({ timeout: JOB_MS });

    await viewer
      .locator(".card-parts button.link")
      .filter({ hasText: /^tuya$/ })
      .click();
    await action(viewer, "partDecrypt").click();
    await workbench.dialogButton("Save All the Same");
    const part = join(own, "settings.bin");
    await workbench.answer(/^Save 0x/, part);
    await until("the part to be saved", () => Promise.resolve(existsSync(part)));
    assert.ok(readFileSync(part).includes("{rl1_pin:26"));

    await action(viewer, "createProject").click();
    const yaml = join(own, "lamp.yaml");
    await workbench.answer("Create ESPHome Project", yaml);
    await workbench.editorTab("lamp.yaml").waitFor();
    const text = readFileSync(yaml, "utf8");
    assert.match(text, /\nbk72xx:\n {2}board: wb3s\n/);
    assert.match(text, /pin: P26\n/);
    assert.equal(text.includes("KitchenNetwork"), false);
    await workbench.pictures("backup-configuration");
  });
});

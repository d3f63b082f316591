/** The flash job by every way a person can start it, on simulated chips behind pseudo-terminals, compared byte for byte. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import { APP_AT, BULB, PLUG } from "./harness/builds";
import { UNHURRIED, assertFlash, startDevice } from "./harness/device";
import {
  DEVICES,
  FIRMWARE,
  action,
  assertQuiet,
  confirmPlan,
  flashFromExplorer,
  openDashboard,
  openDevices,
  selectPort,
  untilVerified,
} from "./harness/flasher";
import { useStage } from "./harness/stage";
import { until } from "./harness/until";
import type { Workbench } from "./harness/workbench";

/** How often somebody has had to press a button of the mouse in the window, and in a page in it, since. */
async function countClicks(workbench: Workbench, inside?: Frame): Promise<() => Promise<number>> {
  const before = workbench.clicksRepeated;
  const frames = [workbench.page, ...(inside === undefined ? [] : [inside])];
  for (const frame of frames)
    await frame.evaluate(
      "globalThis.clicksSeen = 0; window.addEventListener('pointerdown', () => globalThis.clicksSeen++, true); 0",
    );
  return async () => {
    let clicks = before - workbench.clicksRepeated;
    for (const frame of frames) clicks += await frame.evaluate<number>("globalThis.clicksSeen");
    return clicks;
  };
}

describe("flashing", () => {
  const stage = useStage();

  it("goes from a right-click on an RBL to verified in two decisions, with a backup made first by itself", async () => {
    const device = await startDevice("bk7231t");
    const before = device.chip.flash.slice();
    const settings = { "beken.backUpBeforeFirstWrite": true };
    const { workbench, storage } = await stage.open({ devices: [device], settings });
    const folders = await workbench.explorerRow(BULB.rbl.path);
    await folders.waitFor();
    const clicks = await countClicks(workbench);
    await flashFromExplorer(workbench, BULB.rbl.path);
    await workbench.dialog().filter({ hasText: "First a backup" }).waitFor();
    await workbench.pictures("flash-confirm");
    await confirmPlan(workbench);
    await untilVerified(workbench, BULB.rbl.name);
    assert.ok((await clicks()) <= 3, `${await clicks()} clicks`);
    await workbench.statusItem(/pts.*BK7231T/).waitFor();
    await assertQuiet(workbench);
    await workbench.pictures("flash-done");
    assertFlash(device, APP_AT, BULB.rbl.bytes, "the application");
    assertFlash(device, 0, before.subarray(0, APP_AT), "the bootloader");
    const end = APP_AT + BULB.rbl.bytes.length;
    assertFlash(device, end, before.subarray(end), "what lies behind");
    const [backup] = readdirSync(join(storage, "backups")).filter((name) => name.endsWith(".bin"));
    assert.ok(backup !== undefined && readFileSync(join(storage, "backups", backup)).equals(before), "the backup");
  });

  it("flashes a build chosen from the palette, a UF2 as LibreTiny lays it out", async () => {
    const device = await startDevice("bk7231t");
    const { workbench } = await stage.open({ devices: [device] });
    await workbench.palette("Beken: Flash File...");
    await workbench.quickRows().filter({ hasText: BULB.device }).first().waitFor();
    await workbench.pictures("palette-pick-build");
    await workbench.pick(BULB.device);
    await confirmPlan(workbench);
    await untilVerified(workbench, "firmware.uf2");
    assertFlash(device, APP_AT, BULB.crc.bytes, "the application");
    assertFlash(device, BULB.headerAt, BULB.header.bytes, "the RBL header at the end of its partition");
  });

  it("flashes from the device's row in the tree", async () => {
    const device = await startDevice("bk7231t");
    const { workbench } = await stage.open({ devices: [device] });
    await openDevices(workbench);
    await workbench.treeAction(DEVICES, device.port, "Flash File");
    await workbench.pick(BULB.device);
    await confirmPlan(workbench);
    await untilVerified(workbench, "firmware.uf2");
    await workbench.treeRow(DEVICES, /Chip.*BK7231T/).waitFor();
    await assertQuiet(workbench);
    await workbench.pictures("tree-device");
    assertFlash(device, APP_AT, BULB.crc.bytes, "the application");
  });

  it("asks in the status bar which of two ports to use, and uses that one from then on", async () => {
    const first = await startDevice("bk7231n");
    const second = await startDevice("bk7231t");
    const untouched = first.chip.flash.slice();
    const { workbench } = await stage.open({ devices: [first, second] });
    await workbench.statusItem("Select Beken Port").click();
    await workbench.quickRows().filter({ hasText: second.port }).first().waitFor();
    await workbench.pictures("status-bar-picker");
    await workbench.pick(second.port);
    await workbench.statusItem(second.port).waitFor();
    await flashFromExplorer(workbench, BULB.rbl.path);
    await confirmPlan(workbench);
    await untilVerified(workbench, BULB.rbl.name);
    assertFlash(second, APP_AT, BULB.rbl.bytes, "the application");
    assertFlash(first, 0, untouched, "the other device");
  });

  it("takes a UF2 that is dropped on the dashboard to verified in no more than three clicks, a stranger's too", async () => {
    const device = await startDevice("bk7231t");
    const { workbench } = await stage.open({ devices: [device] });
    await selectPort(workbench, device.port);
    const dashboard = await openDashboard(workbench);
    const zone = dashboard.locator(".drop-zone");
    await zone.waitFor();
    const row = await workbench.explorerRow(BULB.uf2.path);
    const clicks = await countClicks(workbench, dashboard);
    let drags = 0;
    await until("the file to be dropped", async () => {
      if (await action(dashboard, "approve").isVisible()) return true;
      if (!(await zone.isVisible())) return false;
      if (drags++ > 0) workbench.clicksRepeated++;
      await workbench.dragIntoPage(row, zone);
      return await action(dashboard, "approve")
        .waitFor({ timeout: 5_000 })
        .then(() => true);
    });
    assert.match((await dashboard.locator(".card-plan").textContent()) ?? "", /firmware\.uf2/);
    await action(dashboard, "refuse").click();
    assert.ok((await clicks()) <= 3, `${await clicks()} clicks`);
    await dashboard.locator(".card-outcome").waitFor();
    // From outside of the editor come bytes without an address.
    const before = await clicks();
    await dashboard.evaluate(
      `(() => {
        const bytes = Uint8Array.from(atob(${JSON.stringify(Buffer.from(BULB.uf2.bytes).toString("base64"))}), (c) => c.charCodeAt(0));
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([bytes], "stranger.uf2"));
        for (const type of ["dragover", "drop"])
          document.body.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, shiftKey: true, dataTransfer }));
      })()`,
    );
    await action(dashboard, "approve").click();
    await dashboard.locator(".card-outcome.tone-good").filter({ hasText: "stranger.uf2" }).waitFor();
    // The drag itself is one more, which no synthetic drop has.
    assert.ok((await clicks()) - before + 1 <= 3);
    assertFlash(device, APP_AT, BULB.crc.bytes, "the application");
  });

  it("refuses a build for another chip before anything is erased, and says why", async () => {
    const device = await startDevice("bk7231t");
    const before = device.chip.flash.slice();
    const { workbench } = await stage.open({ devices: [device] });
    await flashFromExplorer(workbench, PLUG.rbl.path);
    await workbench.notification("The file was built for another chip").waitFor();
    await assertQuiet(workbench);
    await workbench.pictures("wrong-chip-refused");
    assert.equal(await workbench.dialog().count(), 0, "nothing to confirm");
    assertFlash(device, 0, before, "the whole flash");
  });

  it("refuses an over-the-air file and offers the one for serial", async () => {
    const device = await startDevice("bk7231t");
    const { workbench } = await stage.open({ devices: [device] });
    await flashFromExplorer(workbench, BULB.ota.path);
    await workbench.notification(BULB.ota.name).waitFor();
    await workbench.pictures("ota-refused");
    await workbench.notificationButton(BULB.ota.name, /^Use /);
    await confirmPlan(workbench);
    await untilVerified(workbench, "");
    assertFlash(device, APP_AT, BULB.crc.bytes, "the application");
  });

  it("stops half way where the notification says so, tells that the flash is partly written, and can go on", async () => {
    const device = await startDevice("bk7231t", { pace: "real" });
    const before = device.chip.flash.slice();
    const { workbench } = await stage.open({ devices: [device], settings: UNHURRIED });
    await flashFromExplorer(workbench, BULB.rbl.path);
    await confirmPlan(workbench);
    await workbench.statusItem(/Write \d+%/).waitFor();
    await workbench.pictures("flash-running");
    await workbench.notificationButton(/Flash .*\.rbl/, "Cancel");
    await workbench.notification("partly written").waitFor();
    await assertQuiet(workbench);
    await workbench.pictures("cancelled-half-way");
    assert.notDeepEqual(device.chip.flash.subarray(APP_AT), before.subarray(APP_AT), "some of it was written");
    assertFlash(device, 0, before.subarray(0, APP_AT), "the bootloader");
    await workbench.notificationButton("partly written", "Flash Again");
    await workbench.dialog().waitFor();
  });

  it("says that the device is gone when it is unplugged half way, and leaves nothing turning", async () => {
    const device = await startDevice("bk7231t", { pace: "real" });
    const before = device.chip.flash.slice(0, APP_AT);
    const { workbench } = await stage.open({ devices: [device], settings: { ...UNHURRIED, "beken.linkTimeout": 10 } });
    await flashFromExplorer(workbench, BULB.rbl.path);
    await confirmPlan(workbench);
    await workbench.statusItem(/Write \d+%/).waitFor();
    await device.unplug();
    await workbench.statusItem(/Plug the adapter in again/).waitFor();
    await workbench.notification("vanished while it was in use").filter({ hasText: "partly written" }).waitFor();
    await assertQuiet(workbench);
    await workbench.pictures("unplugged-half-way");
    assertFlash(device, 0, before, "the bootloader");
  });

  it("flashes two devices at once", async () => {
    const bulb = await startDevice("bk7231t", { pace: "real" });
    const plug = await startDevice("bk7231n", { pace: "real" });
    const { workbench } = await stage.open({ devices: [bulb, plug], settings: UNHURRIED });
    await openDevices(workbench);
    for (const [device, build] of [
      [bulb, BULB],
      [plug, PLUG],
    ] as const) {
      await workbench.treeAction(DEVICES, device.port, "Flash File");
      await workbench.pick(build.device);
      await confirmPlan(workbench);
    }
    await workbench.statusItem(/\(\+1\)/).waitFor();
    await workbench.pictures("two-devices");
    await untilVerified(workbench, "firmware.uf2");
    await workbench.notification("on the BK7231T").waitFor({ timeout: 90_000 });
    await workbench.notification("on the BK7231N").waitFor({ timeout: 90_000 });
    assertFlash(bulb, APP_AT, BULB.crc.bytes, "the bulb's application");
    assertFlash(plug, APP_AT, PLUG.crc.bytes, "the plug's application");
  });
});

describe("builds", () => {
  const stage = useStage();

  it("of ESPHome and PlatformIO are found by themselves, each with the one file to flash", async () => {
    const device = await startDevice("bk7231t");
    const { workbench } = await stage.open({ devices: [device] });
    await openDevices(workbench);
    for (const name of [BULB.device, PLUG.device, "C8133U Bulb", "generic-bk7231t"]) {
      await workbench.treeRow(FIRMWARE, name).waitFor();
    }
    await workbench.treeRow(FIRMWARE, BULB.device).click();
    await workbench.treeRow(FIRMWARE, /recommended/).waitFor();
    await workbench.treeRow(FIRMWARE, "image_bk7231t_app.ota.ug.bin").waitFor();
    await workbench.pictures("builds-esphome");
  });

  it("are offered for flashing the moment they are made", async () => {
    const device = await startDevice("bk7231t");
    const { workbench, folder } = await stage.open({ devices: [device], folder: "platformio" });
    await openDevices(workbench);
    await workbench.treeRow(FIRMWARE, "generic-bk7231t").waitFor();
    await selectPort(workbench, device.port);
    // As the compiler does: the same files, written anew.
    const build = join(folder, ".pio", "build", "generic-bk7231t");
    for (const name of readdirSync(build)) writeFileSync(join(build, name), readFileSync(join(build, name)));
    const offer = "generic-bk7231t (BK7231T) was built";
    await workbench.notification(offer).waitFor();
    await workbench.pictures("build-offered");
    await workbench.notificationButton(offer, "Flash");
    await confirmPlan(workbench);
    await untilVerified(workbench, "firmware.uf2");
    const crc = readFileSync("examples/platformio/.pio/build/generic-bk7231t/image_bk7231t_app.0x011000.crc");
    assertFlash(device, APP_AT, crc, "the application");
  });

  it("are flashed from their row in a PlatformIO workspace", async () => {
    const device = await startDevice("bk7231t");
    const { workbench } = await stage.open({ devices: [device], folder: "platformio" });
    await openDevices(workbench);
    await workbench.treeRow(FIRMWARE, "generic-bk7231t").waitFor();
    await workbench.pictures("builds-platformio");
    await workbench.treeAction(FIRMWARE, "generic-bk7231t", "Flash This Build");
    await confirmPlan(workbench);
    await untilVerified(workbench, "firmware.uf2");
    const crc = readFileSync("examples/platformio/.pio/build/generic-bk7231t/image_bk7231t_app.0x011000.crc");
    assertFlash(device, APP_AT, crc, "the application");
  });
});

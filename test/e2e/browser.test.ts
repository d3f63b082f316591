/** Without a server and without Node: the extension in a worker of the browser, on the browser's own port and on a practice device. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BrowserSerial } from "./harness/browserSerial";
import { APP_AT, BULB } from "./harness/builds";
import {
  DEVICES,
  FIRMWARE,
  assertQuiet,
  confirmPlan,
  flashFromExplorer,
  openDevices,
  untilVerified,
} from "./harness/flasher";
import { useStage } from "./harness/stage";
import { until } from "./harness/until";

const JOB_MS = 180_000;
const PORT = "usb-10c4-ea60";
/** Of the file, which compresses little: well before its end. */
const HALF_WAY = BULB.rbl.bytes.length / 2;

for (const release of ["floor", "newest"] as const)
  describe(`in a browser, ${release} editor`, () => {
    const stage = useStage({ release, host: "worker" });

    it("flashes, resumes and copies a chip on a port that the browser's chooser gave it, byte for byte; then a practice device", async () => {
      const serial = new BrowserSerial();
      const { workbench, folder } = await stage.open({ prepare: (page, origin) => serial.prepare(page, origin) });
      await openDevices(workbench);
      await workbench.palette("Beken: Select Port...");
      await workbench.quickRows().filter({ hasText: "Connect an Adapter..." }).waitFor();
      assert.equal(
        await workbench.quickRows().filter({ hasText: "Add Port..." }).count(),
        0,
        "no ports by name in a browser",
      );
      await workbench.pictures(`browser-ports-${release}`);
      await workbench.pick("Connect an Adapter...");
      await workbench.statusItem(PORT).waitFor();

      await workbench.openContainer("Explorer");
      await serial.holdAfter(HALF_WAY);
      await flashFromExplorer(workbench, BULB.rbl.path);
      await confirmPlan(workbench);
      await until("half of the file to be sent", () => serial.isHeld(), JOB_MS);
      assert.notDeepEqual(await serial.flash(APP_AT, BULB.rbl.bytes.length), BULB.rbl.bytes);
      await workbench.page.reload();
      await workbench.ready();
      await serial.goOn();
      const offer = "was interrupted: the device may not start";
      await workbench.notification(offer).waitFor();
      await workbench.pictures(`browser-interrupted-${release}`);
      await workbench.notificationButton(offer, "Resume");
      await confirmPlan(workbench);
      await untilVerified(workbench, BULB.rbl.name);
      assert.deepEqual(await serial.flash(APP_AT, BULB.rbl.bytes.length), BULB.rbl.bytes, "byte for byte");
      await assertQuiet(workbench);
      await workbench.pictures(`browser-flashed-${release}`);

      await openDevices(workbench);
      await workbench.treeAction(DEVICES, PORT, "Back Up Flash");
      const copy = join(folder, "copy.bin");
      await workbench.answer("Save Backup", copy);
      await workbench.notification("Backup saved").waitFor({ timeout: JOB_MS });
      assert.deepEqual(new Uint8Array(readFileSync(copy)), await serial.flash(0, 0x200000), "the file is the flash");

      // Practice firmware is offered where there is no build.
      for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
      await workbench.palette("Beken: Refresh Builds");
      await workbench.view(FIRMWARE).getByText("No build of ESPHome").waitFor();
      await workbench.palette("Beken: Start Practice Device");
      await workbench.pick("BK7231T with Tuya firmware");
      await workbench.treeRow(DEVICES, "Practice device").waitFor();
      await workbench.palette("Beken: Open Serial Monitor");
      await workbench.page.getByText("Log of Practice device").first().waitFor();
      await workbench.palette("Beken: Flash File...");
      await workbench.pick("Practice firmware");
      await workbench.dialog().waitFor({ timeout: JOB_MS });
      await workbench.dialogButton("Flash");
      await workbench.treeRow(DEVICES, /ESPHome .*runs/).waitFor({ timeout: JOB_MS });
      await workbench.pictures(`browser-practice-${release}`);
    });
  });

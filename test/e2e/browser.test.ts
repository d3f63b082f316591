/** Without a server and without Node: the extension in a worker of the browser, on a practice device and on the browser's own port. */
import assert from "node:assert/strict";
import { BrowserSerial } from "./harness/browserSerial";
import { APP_AT, BULB } from "./harness/builds";
import { DEVICES, assertQuiet, confirmPlan, flashFromExplorer, openDevices, untilVerified } from "./harness/flasher";
import { useStage } from "./harness/stage";

const JOB_MS = 180_000;

describe("in a browser", () => {
  const stage = useStage({ host: "worker" });

  it("flashes a port that the browser's chooser gave it, byte for byte", async () => {
    const serial = new BrowserSerial();
    const { workbench } = await stage.open({ prepare: (page) => serial.prepare(page) });
    await openDevices(workbench);
    await workbench.palette("Beken: Select Port...");
    await workbench.quickRows().filter({ hasText: "Connect an Adapter..." }).waitFor();
    assert.equal(
      await workbench.quickRows().filter({ hasText: "Add Port..." }).count(),
      0,
      "no ports by name in a browser",
    );
    await workbench.pictures("browser-ports");
    await workbench.pick("Connect an Adapter...");
    await workbench.statusItem("usb-10c4-ea60").waitFor();
    await workbench.openContainer("Explorer");
    await flashFromExplorer(workbench, BULB.rbl.path);
    await confirmPlan(workbench);
    await untilVerified(workbench, BULB.rbl.name);
    assert.deepEqual(await serial.flash(APP_AT, BULB.rbl.bytes.length), BULB.rbl.bytes, "byte for byte");
    await assertQuiet(workbench);
    await workbench.pictures("browser-flashed");
  });

  it("flashes a practice device, and sees it run", async () => {
    const { workbench } = await stage.open({ folder: "nothing-yet", settings: { "beken.extraPorts": [] } });
    await openDevices(workbench);
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
    await workbench.pictures("browser-practice");
  });
});

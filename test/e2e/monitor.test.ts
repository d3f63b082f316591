/** After the flash: the log of a practice device in a terminal, and in the tree what it says. */
import { DEVICES, assertQuiet, openDevices } from "./harness/flasher";
import { useStage } from "./harness/stage";

const JOB_MS = 180_000;

describe("serial monitor", () => {
  const stage = useStage();

  it("shows a device's log, and in the tree that its firmware runs, once it is flashed", async () => {
    const { workbench } = await stage.open({ folder: "nothing-yet", settings: { "beken.extraPorts": [] } });
    await openDevices(workbench);
    await workbench.palette("Beken: Start Practice Device");
    await workbench.pick("BK7231T with Tuya firmware");
    await workbench.treeRow(DEVICES, "Practice device").waitFor();
    await workbench.palette("Beken: Open Serial Monitor");
    await workbench.page.getByText("Log of Practice device").first().waitFor();
    await workbench.pictures("monitor-listening");

    await workbench.palette("Beken: Flash File...");
    await workbench.pick("Practice firmware");
    await workbench.dialog().waitFor({ timeout: JOB_MS });
    await workbench.dialogButton("Flash");
    await workbench.notification("verified on the chip").waitFor({ timeout: JOB_MS });
    await workbench.treeRow(DEVICES, /ESPHome .*runs/).waitFor({ timeout: JOB_MS });
    await assertQuiet(workbench);
    await workbench.pictures("monitor-running");
  });
});

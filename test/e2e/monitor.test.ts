/** After the flash: the log of a practice device in a terminal, in the tree what it says; and a round that begins with the same device. */
import { DEVICES, action, assertAccessible, assertQuiet, openDevices } from "./harness/flasher";
import { useStage } from "./harness/stage";

const JOB_MS = 180_000;

describe("serial monitor", () => {
  const stage = useStage();

  it("shows a device's log, and in the tree that its firmware runs, once it is flashed; and it is one of many", async () => {
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

    await workbench.palette("Beken: Flash Devices One After Another...");
    await workbench.pick("Practice firmware");
    await workbench.answer("How many devices", "1");
    const page = await workbench.webview(".card-round-question", JOB_MS);
    await workbench.pictures("round-asks");
    await action(page, "approve").click();
    await page.locator(".count-good dd").getByText("1", { exact: true }).waitFor({ timeout: JOB_MS });
    // It was one of one: nothing is waited for any more, and the record can be opened.
    await action(page, "goOn").waitFor({ timeout: JOB_MS });
    await assertAccessible(page, "a round that is over");
    await workbench.pictures("round-over");
    await action(page, "openTable").click();
    await workbench.editorTab(/^round-.*\.csv/).waitFor();
    await assertQuiet(workbench);
  });
});

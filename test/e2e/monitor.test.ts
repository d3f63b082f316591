/** After the flash: the log of a practice device in a terminal, in the tree what it says; and a round that begins with the same device. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { buildElf } from "../unit/monitor/elfBuilder";
import { BANNER, BOOT_T, LOGGER, trap } from "../unit/monitor/logs";
import { DEVICES, action, assertAccessible, assertQuiet, openDevices } from "./harness/flasher";
import { useStage } from "./harness/stage";

const JOB_MS = 180_000;

/** Where a text stands in a terminal that is drawn as elements; all its letters are of one width. */
async function placeInTerminal(page: Page, text: string): Promise<{ readonly x: number; readonly y: number }> {
  const piece = page.locator(".xterm-rows span").filter({ hasText: text }).first();
  await piece.waitFor({ timeout: JOB_MS });
  const [whole, box] = await Promise.all([piece.textContent(), piece.boundingBox()]);
  if (whole === null || box === null) return assert.fail(`${text} is not in the terminal`);
  const letter = box.width / whole.length;
  return { x: box.x + letter * (whole.indexOf(text) + text.length / 2), y: box.y + box.height / 2 };
}

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

  it("names a crash, and a click on its line leads to the source", async () => {
    const sockets: Socket[] = [];
    const device = createServer((socket) => {
      sockets.push(socket.on("error", () => undefined));
      socket.write(BOOT_T + BANNER + LOGGER + trap("data abort", "0x00010020", "0x00010031"));
    });
    device.listen(0, "127.0.0.1");
    await once(device, "listening");
    const port = `tcp://127.0.0.1:${(device.address() as AddressInfo).port}`;
    try {
      const { workbench, folder } = await stage.open({
        folder: "crashed",
        settings: { "beken.extraPorts": [port], "terminal.integrated.gpuAcceleration": "off" },
      });
      const build = join(folder, ".esphome/build/plug");
      mkdirSync(join(build, "src"), { recursive: true });
      mkdirSync(join(build, ".pioenvs"));
      cpSync("examples/esphome/.esphome/build/hall-plug/.pioenvs/hall-plug", join(build, ".pioenvs/plug"), {
        recursive: true,
      });
      writeFileSync(join(build, "src/app.cpp"), "// line\n".repeat(40));
      const elf = buildElf({
        functions: [{ name: "read_sensor", address: 0x10020, size: 8 }],
        labels: [],
        rows: [{ address: 0x10020, line: 18 }],
        lineEnd: 0x10028,
        folder: "/config/.esphome/build/plug/src",
        file: "app.cpp",
        text: "Mar  4 2026\0 05:06:07\0",
      });
      writeFileSync(join(build, ".pioenvs/plug/raw_firmware.elf"), elf);
      await openDevices(workbench);
      await workbench.treeRow(DEVICES, port).waitFor();
      await workbench.palette("Beken: Open Serial Monitor");
      const place = await placeInTerminal(workbench.page, "app.cpp:18");
      await workbench.page.mouse.move(place.x, place.y);
      await workbench.page.keyboard.down("Control");
      await workbench.page.locator(".xterm-rows .xterm-underline-1, .xterm-rows [style*=underline]").first().waitFor();
      await workbench.page.mouse.click(place.x, place.y);
      await workbench.page.keyboard.up("Control");
      await workbench.editorTab(/^app\.cpp/).waitFor();
      await workbench.page
        .locator(".monaco-workbench .part.statusbar")
        .getByText(/Ln 18\b/)
        .waitFor();
      await assertQuiet(workbench);
    } finally {
      for (const socket of sockets) socket.destroy();
      device.close();
    }
  });
});

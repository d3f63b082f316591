/**
 * Never lose, never brick, by clicks: a chip with an old boot code, a key of its own and nobody to reset it, from first sight
 * to verified firmware; and a flash whose extension host is killed half way, taken up again.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ZERO_KEY } from "../../src/core/beken/chips/keys";
import { checkManifest, parseLedger, parseManifest } from "../../src/core/index";
import { detectImage } from "../../src/core/beken/images/detect";
import { fitToKey } from "../../src/core/beken/images/rekey";
import { startsAt } from "../../src/simulator/flash/flashImages";
import { APP_AT, BULB, PLUG } from "./harness/builds";
import { PATIENT, assertFlash, startDevice } from "./harness/device";
import {
  DEVICES,
  action,
  assertLeadsOn,
  assertQuiet,
  attend,
  confirmPlan,
  flashFromExplorer,
  judge,
  openDashboard,
  openDevices,
  selectPort,
} from "./harness/flasher";
import { useStage } from "./harness/stage";
import { START_MS, until } from "./harness/until";

const JOB_MS = 180_000;
const CALIBRATION = 0x1f3000;
/** Within the application. */
const GAP = 0x40000;

/** Keeps the frequency of each tone that the page starts. */
const HEAR = `{
  globalThis.heard = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...at) {
    globalThis.heard.push(this.frequency.value);
    return start.apply(this, at);
  };
}`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("safety", () => {
  const stage = useStage();

  it("takes a BK7231S with AliOS boot code and zero key from first sight to a verified, re-keyed flash, backed up first", async () => {
    // No reset wires, no firmware that could be asked: somebody cuts the power when the dashboard says so.
    const device = await startDevice("bk7231s", { person: "manual", pace: "real" });
    const before = device.chip.flash.slice();
    const { workbench, storage } = await stage.open({
      devices: [device],
      settings: { ...PATIENT, "beken.backUpBeforeFirstWrite": true },
    });
    const dashboard = await openDashboard(workbench);
    await selectPort(workbench, device.port);
    await dashboard.locator(".card-idle .steps li").nth(3).waitFor();
    await dashboard.locator(".card-wiring svg").waitFor();
    await judge(workbench, dashboard, "seed-first-sight");
    await assertLeadsOn(dashboard, "first sight");

    await action(dashboard, "showChipInfo").click();
    await dashboard.locator(".card-linking .do-now.urgent").waitFor();
    await dashboard.locator(".takes-long").waitFor({ timeout: JOB_MS });
    await judge(workbench, dashboard, "seed-coach");
    await assertLeadsOn(dashboard, "waiting for the chip");
    await attend(device, dashboard, dashboard.locator(".card-chip").filter({ hasText: "BK7231S" }));
    await dashboard.locator(".card-chip").filter({ hasText: "0x1F3000" }).waitFor({ timeout: JOB_MS });

    await assertLeadsOn(dashboard, "the chip");

    // The wrong board first.
    await flashFromExplorer(workbench, PLUG.rbl.path);
    await workbench.editorTab("Beken Flasher").click();
    const failed = await workbench.webview(".card-outcome", JOB_MS);
    await attend(device, failed, failed.locator(".card-outcome.tone-bad").filter({ hasText: "another chip" }));
    await assertLeadsOn(failed, "the wrong board");
    assertFlash(device, 0, before, "the whole flash");
    // Then the right one, for the wrong key.
    await flashFromExplorer(workbench, BULB.rbl.path);
    await workbench.editorTab("Beken Flasher").click();
    await attend(device, failed, action(failed, "rekey"));
    assertFlash(device, 0, before, "the whole flash");
    await judge(workbench, failed, "seed-wrong-key");
    await assertLeadsOn(failed, "the wrong key");
    await action(failed, "rekey").click();
    await attend(device, failed, failed.locator(".card-plan .backup-first"));
    assertFlash(device, 0, before, "the whole flash");
    await judge(workbench, failed, "seed-plan");
    await assertLeadsOn(failed, "the plan");
    // A no, and three that are begun and stopped while the chip is copied: each time the page says how to go on.
    await action(failed, "refuse").click();
    for (const at of ["a no", "one begun", "two begun", "three begun"]) {
      await failed.locator(".card-outcome").filter({ hasText: "Stopped" }).waitFor();
      await assertLeadsOn(failed, at);
      assertFlash(device, 0, before, "the whole flash");
      await failed.locator('.next-step vscode-button[appearance="primary"]').click();
      await attend(device, failed, action(failed, "approve"));
      await action(failed, "approve").click();
      await failed.locator(".doing").filter({ hasText: "Back up first" }).waitFor();
      if (at === "three begun") break;
      await action(failed, "cancel").click();
    }
    await workbench.pictures("seed-backing-up");
    // The reset between backup and first erase is by command, and on a machine that stands still may need another.
    await attend(device, failed, failed.locator(".card-outcome.tone-good"));
    await assertQuiet(workbench);
    await judge(workbench, failed, "seed-done");
    await assertLeadsOn(failed, "the end");

    const [application] = fitToKey(detectImage(BULB.rbl.bytes, BULB.rbl.name), {
      kind: "zero",
      coefficients: ZERO_KEY,
    }).segments;
    assert.ok(application);
    const end = APP_AT + application.data.length;
    assertFlash(device, APP_AT, application.data, "the application, for this chip's key");
    assert.ok(startsAt(device.chip.flash, ZERO_KEY, APP_AT), "the chip can fetch its vector table");
    assertFlash(device, 0, before.subarray(0, APP_AT), "the boot code");
    assertFlash(device, end, before.subarray(end), "all behind it");
    assertFlash(device, CALIBRATION, before.subarray(CALIBRATION, CALIBRATION + 0x1000), "the calibration");

    const folder = join(storage, "backups");
    const name = "bk7231s-C8478C420004.bin";
    assert.deepEqual(readdirSync(folder).sort(), [name, `${name}.json`]);
    const dump = readFileSync(join(folder, name));
    assert.ok(dump.equals(before), "the backup is the flash as it was");
    const manifest = parseManifest(readFileSync(join(folder, `${name}.json`), "utf8"), name);
    assert.equal(checkManifest(manifest, dump).verdict, "equal");
    assert.deepEqual(
      [manifest.device.chip, manifest.device.bootloader, manifest.calibration, manifest.key.kind],
      ["bk7231s", "BEFD79D6", CALIBRATION, "zero"],
    );
  });

  it("takes a flash up again whose extension host was killed half way, when it is asked to, and so a round", async () => {
    const device = await startDevice("bk7231t", { pace: "real" });
    const before = device.chip.flash.slice();
    const { workbench, storage } = await stage.open({ devices: [device] });
    await openDevices(workbench);
    await workbench.openContainer("Explorer");
    await flashFromExplorer(workbench, BULB.rbl.path);
    await confirmPlan(workbench);
    await workbench.statusItem(/Write \d+%/).waitFor({ timeout: JOB_MS });
    const journals = join(storage, "journals");
    const record = readdirSync(journals).find((file) => file.endsWith(".json"));
    assert.ok(record !== undefined);
    const { pid } = JSON.parse(readFileSync(join(journals, record), "utf8")) as { readonly pid: number };
    process.kill(pid, "SIGKILL");
    await until("the extension host to be gone", () => !isAlive(pid));
    // One of an extension under development is not started again by itself.
    await workbench.reload();

    const offer = "was interrupted: the device may not start";
    await workbench.notification(offer).waitFor({ timeout: START_MS });
    assert.notDeepEqual(device.chip.flash.subarray(APP_AT), before.subarray(APP_AT), "some of it was written");
    await openDevices(workbench);
    await workbench.treeRow(DEVICES, /Interrupted: Flash/).waitFor();
    const dashboard = await openDashboard(workbench);
    await dashboard.locator('[data-action^="resume-"]').waitFor();
    await judge(workbench, dashboard, "interrupted");
    let written = 0;
    const sectors = Math.ceil(BULB.rbl.bytes.length / 0x1000);
    device.chip.onEvent((event) => {
      if (event.type === "flash" && event.operation.kind === "program") written += event.operation.data.length;
    });
    await workbench.notificationButton(offer, "Resume");
    await dashboard.locator(".card-plan").waitFor({ timeout: JOB_MS });
    await action(dashboard, "approve").click();
    await dashboard.locator(".card-outcome.tone-good").waitFor({ timeout: JOB_MS });
    await dashboard.locator(".means").filter({ hasText: "verified by its own checksum" }).waitFor();
    assert.equal(await workbench.notification("is on the").count(), 0, "the dashboard tells it");
    await judge(workbench, dashboard, "resumed");

    assertFlash(device, APP_AT, BULB.rbl.bytes, "the application");
    const end = APP_AT + BULB.rbl.bytes.length;
    assertFlash(device, 0, before.subarray(0, APP_AT), "the boot code");
    assertFlash(device, end, before.subarray(end), "what lies behind");
    assert.ok(written < (sectors - 1) * 0x1000, "what was there was not written again");
    await until("nothing to be left to resume", () => !existsSync(journals) || readdirSync(journals).length === 0);
    await dashboard.locator('[data-action^="resume-"]').waitFor({ state: "detached" });

    // The same in a round: what the next device lacks is written, and the first page of it brings the end.
    device.chip.flash.fill(0xff, GAP, GAP + 0x10000);
    const rounds = join(storage, "rounds");
    const title = "Flash Devices One After Another";
    await workbench.openContainer("Explorer");
    await workbench.explorerMenu(BULB.rbl.path, `${title}...`);
    await workbench.answer("How many devices", "1");
    const first = await workbench.webview('[data-action="approve"]', JOB_MS);
    const lock = readdirSync(rounds).find((file) => file.endsWith(".lock"));
    assert.ok(lock !== undefined);
    const host = Number(readFileSync(join(rounds, lock), "utf8"));
    let isKilled = false;
    device.chip.onEvent((event) => {
      if (isKilled || event.type !== "flash" || event.operation.kind !== "program") return;
      isKilled = true;
      process.kill(host, "SIGKILL");
    });
    await action(first, "approve").click();
    await until("the extension host of the round to be gone", () => isKilled && !isAlive(host));
    const ledger = join(rounds, lock.slice(0, -".lock".length));
    const results = (): string[] => parseLedger(readFileSync(ledger, "utf8"), "it").entries.map(({ result }) => result);
    assert.deepEqual(results(), ["begun"]);
    await workbench.reload();
    await workbench.notification("was interrupted. Devices that are done: 0").waitFor({ timeout: START_MS });
    await workbench.notificationButton("was interrupted. Devices that are done: 0", "Go On");
    // Whoever closes the page over the question has said no.
    await workbench.webview('[data-action="approve"]', JOB_MS);
    await workbench.editorTab(title).click({ button: "middle" });
    await until("the round to be over", () => !existsSync(join(rounds, lock)));
    assert.deepEqual(results(), ["begun"]);

    await workbench.palette(`Beken: ${title}...`);
    await workbench.pick("Go On with");
    const page = await workbench.webview('[data-action="approve"]', JOB_MS);
    await action(page, "soundOn").click();
    await action(page, "soundOff").waitFor();
    await page.evaluate(HEAR);
    await action(page, "approve").click();
    await page.locator(".lane-verified, .lane-running").waitFor({ timeout: JOB_MS });
    await until("both tones to be heard", () => page.evaluate<boolean>("globalThis.heard.length === 2"));
    assert.deepEqual(await page.evaluate("globalThis.heard"), [660, 990], "a rising sound");
    await until("the round to be over", () => !existsSync(join(rounds, lock)));
    assert.match(results().join(), /^begun,(verified|running)$/);
    assertFlash(device, APP_AT, BULB.rbl.bytes, "the application, finished in the round");
  });
});

/** The dashboard's page as a person meets it: what each state shows, what its buttons and keys do. */
import { english } from "../../../src/core/base/words";
import assert from "node:assert/strict";
import { isFinished, reduceJob } from "../../../src/shared/jobState";
import { MOST_DROPPED, PROTOCOL_VERSION, type DashboardState } from "../../../src/shared/messages";
import { ENGLISH, localise } from "../../../src/shared/strings";
import { WebviewPage, type Dropped } from "./page";
import { START, plan, scenes } from "./scenes";

const scene = (name: string): DashboardState => scenes[name] ?? assert.fail(`no scene ${name}`);

describe("dashboard page", () => {
  let page: WebviewPage;
  beforeEach(() => {
    page = new WebviewPage("dashboard");
  });
  afterEach(() => {
    page.close();
    assert.deepEqual(page.errors, []);
  });

  const show = (name: string): Promise<void> => page.show(scene(name));
  const actions = (): (string | null)[] =>
    page.all("[data-action]").map((element) => element.getAttribute("data-action"));
  const press = (action: string): void => page.all(`[data-action="${action}"]`)[0]?.click();
  const heading = (): string => page.one("[data-main]").textContent;

  it("asks for the state when it is ready, and draws nothing before it comes", () => {
    assert.deepEqual(page.sent, [{ type: "ready", version: PROTOCOL_VERSION }]);
    assert.equal(page.text(), "");
  });

  it("draws every state with one main heading, and every heading names its section", async () => {
    for (const name of Object.keys(scenes)) {
      await show(name);
      assert.equal(page.all("[data-main]").length, 1, name);
      for (const section of page.all("section")) {
        const id = section.getAttribute("aria-labelledby") ?? "";
        assert.ok(page.one(`[id="${id}"]`).textContent.trim() !== "", `${name}: ${id}`);
      }
    }
  });

  it("says in plan and outcome that a device would not start, with its own button, and never that it does", async () => {
    await show("approvalNoStart");
    assert.match(page.text(".start-line"), /Afterwards the device does not start: there is no boot code/);
    assert.match(page.text(".start-line"), /No calibration was found/);
    assert.equal(page.text('[data-action="approve"]'), "Write All the Same");
    await show("doneNoStart");
    assert.equal(page.all(".card-outcome.tone-good").length, 0, "it is nothing to be pleased about");
    assert.match(page.text(".means.warning-line"), /The device does not start: there is no boot code/);
    assert.doesNotMatch(page.text("body"), /starts its new firmware|told to start/);
    press("bringBackBootCode");
    assert.deepEqual(page.sent.at(-1), {
      type: "run",
      command: "bringBackBootCode",
      portId: "/dev/ttyUSB0",
      jobId: "job-1",
    });
    await show("doneStartUnknown");
    assert.match(
      page.text(".means.warning-line"),
      /Whether the device starts is not known: the boot code cannot be read/,
    );
    assert.doesNotMatch(page.text("body"), /starts its new firmware|told to start/);
    assert.ok(!actions().includes("bringBackBootCode"));
    await show("done");
    assert.equal(page.all(".means.warning-line").length, 0);
    assert.match(page.text("body"), /told to start its new firmware/);
    assert.doesNotMatch(page.text("body"), /starts its new firmware/, "nobody saw it");
  });

  it("has on the chip's card what its flash holds, what of it is private, and whether updates will be unpacked", async () => {
    await show("infoBackedUp");
    const card = page.text(".card-chip");
    assert.match(card, /CB2S, Tuya: oem_bk7231n_plug, 1\.1\.12 \(on 2\.3\.1\), BK7231N/);
    assert.match(card, /yes, with an account of Tuya's cloud/);
    assert.match(page.text(".card-chip .warning-line"), /name and password of a Wi-Fi network in Tuya's settings/);
    assert.match(page.text(".card-chip .updates"), /LibreTiny/);
    await show("info");
    assert.doesNotMatch(page.text(".card-chip"), /Tuya's cloud|not to be given away/);
  });

  it("takes all its words from the host", async () => {
    const strings = localise(() => "@");
    for (const name of ["empty", "linkingPerson", "approval", "running"]) {
      await page.show({ ...scene(name), strings });
      const words = new Set(page.text("h1, h2:not([data-main]), h3, dt, th, [data-action], summary").split("\n"));
      assert.deepEqual([...words], ["@"], name);
    }
  });

  it("offers a port, a practice device or an address when there is none", async () => {
    await show("empty");
    assert.equal(heading(), ENGLISH.idle.noPort);
    assert.deepEqual(actions(), ["selectPort", "startPracticeDevice", "addPort", "openWalkthrough"]);
    assert.equal(page.all(".card-idle .steps li").length, 5);
    assert.equal(page.all("svg.wiring").length, 1, "what to wire is drawn before there is a port");
    press("startPracticeDevice");
    assert.deepEqual(page.sent.at(-1), { type: "run", command: "startPracticeDevice" });
  });

  it("says of a port that is gone what it is: an adapter was unplugged, a server or a practice device is not there", async () => {
    const [port] = scene("idle").ports;
    assert.ok(port);
    for (const [change, about, headed] of [
      [{}, "unplugged", ENGLISH.idle.unplugged],
      [{ id: "tcp://bridge:8888" }, "not there", ENGLISH.idle.notThere],
      [{ id: "tcp://127.0.0.1:1", practice: true }, "not there", ENGLISH.idle.notThere],
    ] as const) {
      const gone = { ...port, adapter: undefined, ...change, present: false };
      const other = { ...port, id: "COM9", label: "COM9" };
      await page.show({ ...scene("idle"), ports: [gone, other], selectedPortId: gone.id });
      assert.match(page.text('[aria-selected="true"] .tab-about'), new RegExp(`${about}$`));
      assert.equal(heading(), headed.replace("{0}", port.label));
    }
  });

  it("runs commands for the port that is shown", async () => {
    await show("idle");
    press("backUpFlash");
    assert.deepEqual(page.sent.at(-1), { type: "run", command: "backUpFlash", portId: "/dev/ttyUSB0" });
    assert.match(page.text(".latest"), /bedroom-bulb/);
  });

  it("draws the wiring with its words, for the adapter at hand", async () => {
    await show("linkingPerson");
    const drawing = page.one("svg.wiring");
    assert.equal(drawing.getAttribute("role"), "img");
    for (const label of ["CP210x", "RX1 (P10)", "TX1 (P11)", "GND", "CEN", "3.3 V"])
      assert.ok(drawing.textContent.includes(label), label);
    // The chip's 3.3 V comes from the supply, whose ground is joined; this adapter has none that would do.
    const devices = page.all("svg.wiring .device");
    const within = (y: number): number =>
      devices.findIndex((box) => {
        const top = Number(box.getAttribute("y"));
        return box.getAttribute("x") === "14" && y > top && y < top + Number(box.getAttribute("height"));
      });
    const pinsOf = (box: number): string[] =>
      page
        .all("svg.wiring .pin-name.left")
        .filter((pin) => within(Number(pin.getAttribute("y"))) === box)
        .map(({ textContent }) => textContent);
    const names = page.all("svg.wiring .device-name").map(({ textContent }) => textContent);
    assert.deepEqual(names.slice(0, 2), ["CP210x", ENGLISH.wiring.supply]);
    assert.deepEqual(
      [pinsOf(0), pinsOf(1)],
      [
        ["TX", "RX", "GND"],
        ["3.3 V", "GND"],
      ],
    );
    assert.ok(page.text(".card-wiring").includes(ENGLISH.wiring.supplyWeak));
    await show("empty");
    assert.ok(page.text(".card-wiring").includes(ENGLISH.wiring.supplyMaybe));
  });

  it("says what to do now, how long it waits and what the wire says", async () => {
    await show("linkingAutomatic");
    assert.ok(page.text(".do-now").includes(ENGLISH.linking.automatic));
    await show("linkingPerson");
    assert.ok(page.text(".do-now").includes(ENGLISH.linking.person));
    assert.ok(page.text(".card-linking").includes("6 s of 60 s"));
    assert.equal(page.one(".wire-says").textContent, ENGLISH.wire["log-text"]);
    assert.equal(page.text("[role=status]"), ENGLISH.linking.person);
    press("cancel");
    assert.deepEqual(page.sent.at(-1), { type: "cancel", jobId: "job-1" });
  });

  it("leads to the first chip step by step, and says more when it takes long, by what is heard", async () => {
    await show("newPort");
    assert.deepEqual(
      page.text(".card-idle .steps").includes(ENGLISH.idle.stepInfo) &&
        page.text(".card-idle .steps").includes(ENGLISH.idle.stepFlash),
      true,
    );
    await show("idle");
    assert.equal(page.all(".card-idle .steps").length, 0, "who has seen the chip knows how");
    await show("linkingAutomatic");
    assert.equal(page.all(".card-linking .steps").length, 0);
    await show("linkingPerson");
    assert.equal(page.all(".card-linking .steps li").length, 3);
    assert.equal(page.all(".takes-long").length, 0);
    await show("linkingNoise");
    assert.equal(page.one(".takes-long").textContent, ENGLISH.wireLong.noise);
    press("selectPort");
    assert.deepEqual(page.sent.at(-1), { type: "run", command: "selectPort", portId: "/dev/ttyUSB0" });
  });

  it("answers with the chip first, and urges no backup that is there", async () => {
    await show("info");
    assert.equal(heading(), "BK7231N on /dev/ttyUSB0");
    const cards = page.all(".cards > section").map((card) => card.getAttribute("class") ?? "");
    assert.match(cards[1] ?? "", /card-chip/, "its facts come before everything that could be done");
    assert.equal(page.all(".card-chip").length, 1);
    assert.equal(page.one('vscode-button[appearance="primary"]').getAttribute("data-action"), "backUpFlash");
    await show("infoBackedUp");
    assert.ok(!page.text(".card-outcome").includes(ENGLISH.next.info));
    assert.match(page.text(".card-outcome"), /The newest backup of this device is of Sep 14, 2026/);
    assert.equal(page.one('vscode-button[appearance="primary"]').getAttribute("data-action"), "flashFile");
  });

  it("offers no build as the latest where none is for the chip", async () => {
    await show("noBuildFits");
    assert.equal(page.all(".latest").length, 0);
    await show("idle");
    assert.equal(page.all(".latest").length, 1);
  });

  it("leads with the surest thing the wire tells, and orders no power cycle where that cannot help", async () => {
    await show("linkingEcho");
    assert.equal(page.one(".do-now-text").textContent, ENGLISH.linking.joined);
    assert.equal(page.text("[role=status]"), ENGLISH.linking.joined);
    assert.ok(!page.text(".card-linking").includes(ENGLISH.linking.person));
    assert.equal(page.all(".do-now.urgent").length, 1);
    await show("linkingSilence");
    assert.equal(page.one(".do-now-text").textContent, ENGLISH.wireLong.silence);
    assert.equal(page.text("[role=status]"), ENGLISH.wireLong.silence);
    await show("linkingPerson");
    assert.equal(page.one(".do-now-text").textContent, ENGLISH.linking.person);
  });

  it("says that a backup comes first and where it goes, shows it as work of its own, and where it is afterwards", async () => {
    await show("approvalBackup");
    const said = page.text(".backup-first");
    for (const part of ["2 MiB", "/home/me/backups", ENGLISH.plan.backupReset]) assert.ok(said.includes(part), part);
    assert.equal(page.one('[data-action="approve"]').textContent?.trim(), ENGLISH.plan.approveBackup);
    await show("backingUp");
    assert.equal(page.one(".doing").textContent, ENGLISH.phase.backup);
    assert.ok(page.text(".backup-first").includes("/home/me/backups"));
    assert.equal(page.all(".cell-erased, .cell-written").length, 0);
    await show("doneBackup");
    assert.ok(page.text(".done-list").includes("/home/me/backups/bk7231t.bin"));
    press("reveal");
    assert.deepEqual(page.sent.at(-1), { type: "reveal", jobId: "job-1" });
  });

  it("says first which jobs were interrupted, and sends what becomes of them", async () => {
    await show("interrupted");
    const [write, backup] = page.all(".cards > section");
    assert.ok(write?.textContent.includes("Flash kitchen.rbl") && write.textContent.includes("may not start"));
    assert.ok(backup?.textContent.includes("What was read is kept"));
    press("resume-11AA22BB");
    press("dismiss-33CC44DD");
    assert.deepEqual(page.sent.slice(-2), [
      { type: "resume", interruptedId: "11AA22BB" },
      { type: "dismiss", interruptedId: "33CC44DD" },
    ]);
  });

  it("has a button for finishing what was interrupted as the first thing to do, and no other", async () => {
    await page.show({ ...scene("interrupted"), latestBuild: { label: "bulb", uri: "file:///x" } });
    const primary = (): (string | null)[] =>
      page.all('[appearance="primary"]').map((element) => element.getAttribute("data-action"));
    assert.deepEqual(primary(), ["resume-11AA22BB", "resume-33CC44DD"]);
    await page.show({ ...scene("newPort"), latestBuild: { label: "bulb", uri: "file:///x" } });
    assert.deepEqual(primary(), ["flashLatestBuild"]);
    // While a job goes on, or asks, it comes first.
    await page.show({ ...scene("approval"), interrupted: scene("interrupted").interrupted });
    assert.deepEqual(primary(), ["approve"]);
    await page.show({ ...scene("done"), interrupted: scene("interrupted").interrupted });
    assert.deepEqual(primary(), ["resume-11AA22BB"]);
    // A copy that was broken off is no reason to leave the next step of what ended.
    const copies = scene("interrupted").interrupted.filter(({ kind }) => kind === "backup");
    await page.show({ ...scene("declined"), interrupted: copies });
    assert.deepEqual(primary(), ["retry"]);
    assert.equal(page.all('[data-action="resume-33CC44DD"]').length, 1);
  });

  it("has one thing to do first in every state", async () => {
    for (const name of Object.keys(scenes).filter((each) => each !== "interrupted")) {
      await show(name);
      const primary = page.all('[appearance="primary"]').map((element) => element.getAttribute("data-action"));
      assert.ok(primary.length <= 1, `${name}: ${primary.join(", ")}`);
    }
  });

  it("tells what a stopped job left undone with its end, and goes on with it from there", async () => {
    await show("stoppedMidway");
    assert.deepEqual(
      page.all(".cards > section").map((element) => element.getAttribute("class")?.split(" ")[1]),
      ["card-outcome", "card-map", "card-idle", "card-chip", "card-notes"],
    );
    const outcome = page.text(".card-outcome");
    assert.ok(outcome.includes(ENGLISH.flash["partly-written"]) && outcome.includes(ENGLISH.interrupted.goOn));
    const primary = page.all('[appearance="primary"]').map((element) => element.getAttribute("data-action"));
    assert.deepEqual(primary, ["resume-55EE66FF"]);
    press("resume-55EE66FF");
    assert.deepEqual(page.sent.at(-1), { type: "resume", interruptedId: "55EE66FF" });
  });

  it("marks what erases, keeps it apart, and approves each job by its own name", async () => {
    const erasing = (): (string | null)[] => page.all(".erases").map((element) => element.getAttribute("data-action"));
    await show("idle");
    assert.deepEqual(erasing(), ["eraseRange", "restoreBackup"]);
    const group = page.one(".erasing");
    assert.equal(group.getAttribute("role"), "group");
    assert.equal(page.text(`[id="${group.getAttribute("aria-labelledby") ?? ""}"]`), ENGLISH.idle.erasing);
    await show("approval");
    assert.deepEqual([page.text('[data-action="approve"]'), erasing()], [ENGLISH.plan.approve, []]);
    await show("restoreApproval");
    assert.deepEqual([page.text('[data-action="approve"]'), erasing()], [ENGLISH.plan.approveRestore, ["approve"]]);
    await show("eraseApproval");
    assert.deepEqual([page.text('[data-action="approve"]'), erasing()], [ENGLISH.plan.approveErase, ["approve"]]);
  });

  it("tells plan and outcome in the same words, and in figures that add up to the flash", async () => {
    await show("approval");
    assert.match(page.text(".plan-summary"), /^Up to 1\.1 MiB are erased and 668 KiB sent; .* 924 KiB are kept/);
    assert.match(page.text(".plan-summary"), /It usually takes no more than 25 s at 921600 baud\.$/);
    assert.match(page.text(".card-plan .facts"), /To erase1\.1 MiBTo send668 KiB.*Kept924 KiB/);
    assert.equal(page.all(".plan-more[open]").length, 0, "details on demand");
    await show("done");
    const lines = (): string[] => page.all(".done-list li").map(({ textContent }) => textContent);
    assert.deepEqual(lines().slice(0, 3), ["1.1 MiB erased", "668 KiB sent", "924 KiB kept"]);
    await show("donePartly");
    assert.deepEqual(lines().slice(0, 4), [
      "52 KiB of 1.1 MiB erased",
      "52 KiB sent",
      "1 MiB right already, left alone",
      "924 KiB kept",
    ]);
  });

  it("says whether updates will be unpacked, and has the lines for the next build, to be copied", async () => {
    await show("approvalAdvice");
    assert.match(page.text(".card-plan .updates-line"), /^Updates over the air will not work: wired only: /);
    assert.equal(page.all(".plan-more[open]").length, 0, "lines on demand");
    assert.equal(page.all(".plan-more .yaml-lines").length, 1);
    await show("doneAdvice");
    const lines = page.one(".card-outcome .yaml-lines").textContent.split("\n");
    assert.deepEqual(lines.slice(0, 2), ["esphome:", "  platformio_options:"]);
    assert.equal(lines.includes(`    board_build.bkcrypt_coeffs: "${"0".repeat(32)}"`), true);
    assert.equal(lines.includes("    board_flash.calibration: 0x1F3000+0x1000"), true);
    press("copyYaml");
    assert.deepEqual(page.sent.at(-1), { type: "copyYaml", jobId: "job-1" });
    press("copyEspHomeConfiguration");
    assert.deepEqual(page.sent.at(-1), {
      type: "run",
      command: "copyEspHomeConfiguration",
      portId: "/dev/ttyUSB0",
    });
    await show("done");
    assert.equal(page.all(".advice, .yaml-lines").length, 0);
  });

  it("names no rate for a practice device, whose wire has none", async () => {
    await show("backupDone");
    assert.equal(page.all(".card-chip").length, 1);
    assert.doesNotMatch(page.text(), /baud/);
    await show("done");
    assert.match(page.text(".card-chip"), /921600 baud/);
  });

  it("tells which device it shows, turns to the one that is asked for, and names the job of its buttons", async () => {
    const shows = (): unknown[] => page.sent.filter((message) => (message as { type: string }).type === "shows");
    await show("twoDevices");
    assert.deepEqual(shows(), [{ type: "shows", portId: "/dev/ttyUSB0" }]);
    await page.show({ ...scene("twoDevices"), wantedPortId: "/dev/ttyUSB1" });
    assert.deepEqual(shows().at(-1), { type: "shows", portId: "/dev/ttyUSB1" });
    await show("done");
    press("verifyFile");
    assert.deepEqual(page.sent.at(-1), {
      type: "run",
      command: "verifyFile",
      portId: "/dev/ttyUSB0",
      jobId: "job-1",
    });
  });

  it("says with the plan what the build was made for, and that the chip is another one", async () => {
    await show("approval");
    assert.equal(page.all(".built-for, .built-careful").length, 0);
    await show("otherBuild");
    assert.equal(page.text(".card-plan .built-for"), "Built for: cbu, BK7231N");
    assert.match(page.text(".card-plan .built-careful"), /the chip on the wire is BK7231T/);
  });

  it("shows the plan, what is protected and why, and sends yes and no", async () => {
    await show("approval");
    const table = page.text(".card-plan table");
    for (const text of [
      "0x011000–",
      "0x000000–0x011000",
      ENGLISH.plan.bootloader,
      ENGLISH.plan.calibration,
      ENGLISH.plan.keep,
    ]) {
      assert.ok(table.includes(text), text);
    }
    press("approve");
    press("refuse");
    assert.deepEqual(page.sent.slice(-2), [
      { type: "approve", jobId: "job-1", yes: true },
      { type: "approve", jobId: "job-1", yes: false },
    ]);
  });

  it("says whose backup is restored, and what becomes of calibration and address", async () => {
    await show("restoreApproval");
    const text = page.text(".card-plan");
    for (const part of [
      ENGLISH.backupOf.other,
      ENGLISH.calibrationAfter.kept,
      "C8:47:8C:12:34:56",
      "another device: its calibration",
      "The boot code, 0x000000–0x011000, is replaced too.",
    ]) {
      assert.ok(text.includes(part), part);
    }
  });

  it("shows phases, percent, speed and time left while it runs", async () => {
    await show("running");
    assert.equal(page.one(".percent").textContent, "58%");
    assert.equal(page.one(".card-running [role=progressbar]").getAttribute("aria-valuenow"), "58");
    assert.match(page.text(".progress-head"), /KiB\/s.*Time left/);
    assert.equal(page.one('[aria-current="step"] .phase-name').textContent, ENGLISH.phase.write);
  });

  it("has a cell for every sector, with a word for its state, and walks them by arrow keys", async () => {
    await show("running");
    const cells = page.all("[role=gridcell]");
    assert.equal(cells.length, plan.flashSize / 0x1000);
    assert.equal(page.all('[role=gridcell][tabindex="0"]').length, 1);
    const label = (): string => page.document.activeElement?.getAttribute("aria-label") ?? "";
    cells[0]?.focus();
    assert.equal(label(), "0x000000, kept, in bootloader");
    page.press("ArrowRight");
    assert.equal(label(), "0x001000, kept, in bootloader");
    page.press("ArrowDown");
    const columns = page.all("[role=row]:first-child [role=gridcell]").length;
    assert.match(
      label(),
      new RegExp(`^0x${((1 + columns) * 0x1000).toString(16).toUpperCase().padStart(6, "0")}, written, in app$`),
    );
    page.press("End", { ctrlKey: true });
    assert.match(label(), /^0x1FF000, kept, in userdata, tuya$/);
    assert.equal(page.all('[role=gridcell][tabindex="0"]').length, 1);
    assert.match(
      page.one("[role=grid]").getAttribute("aria-label") ?? "",
      /Of 512 sectors: \d+ kept, \d+ erased, \d+ written\./,
    );
    assert.match(page.text(".map-table table"), /0x000000–0x011000.*kept/);
    assert.match(page.text(".partitions"), /calibration 0x1E0000–0x1E1000/);
  });

  it("names every partition above its own cells, by its number in the list where it is too small for its name", async () => {
    await show("running");
    const columns = 32;
    const listed = page.all(".partitions li").map(({ textContent }) => textContent.split(" ").slice(0, 2));
    /** Sectors where they begin, by their numbers. */
    const begins = new Map<string, number>();
    for (const [row, element] of page.all("[role=row]").entries()) {
      assert.equal([...element.querySelectorAll(".cell")].length, columns);
      for (const band of element.querySelectorAll(".band")) {
        const [, from, span] = /--from: (\d+); --span: (\d+)/.exec(band.getAttribute("style") ?? "") ?? [];
        const [, number = "", name] = /^(\d+)(?: (.+))?$/.exec(band.textContent) ?? [];
        if (!begins.has(number)) begins.set(number, row * columns + Number(from));
        assert.ok(Number(from) + Number(span) <= columns);
        const [listedNumber, listedName] = listed[Number(number) - 1] ?? [];
        assert.deepEqual([number, name ?? listedName], [listedNumber, listedName]);
        assert.ok(name !== undefined || Number(span) < 8, `${number}: there is room for its name`);
      }
    }
    const partitions = scene("running").jobs[0]?.map?.partitions ?? [];
    assert.deepEqual(
      partitions.map((_, i) => begins.get(String(i + 1))),
      partitions.map(({ offset }) => offset / 0x1000),
    );
  });

  it("draws no map of a flash that nothing was done to", async () => {
    for (const name of ["running", "approval", "cancelled", "failedVerify"]) {
      await show(name);
      assert.equal(page.all(".card-map").length, 1, name);
    }
    for (const name of ["refused", "declined"]) {
      await show(name);
      assert.equal(page.all(".card-map").length, 0, name);
      assert.equal(page.all(".card-chip").length, 1, name);
    }
  });

  it("keeps the focus and the elements through repaints", async () => {
    await show("running");
    const stop = page.one('[data-action="cancel"]');
    stop.focus();
    const { jobs } = scene("running");
    const job = jobs[0] ?? assert.fail();
    const next = reduceJob(
      job,
      { type: "progress", phase: "write", done: 600_000, total: 684_032, address: 0x90000, length: 0x1000 },
      START + 60_000,
      english,
    );
    await page.show({ ...scene("running"), jobs: [next] });
    assert.equal(page.document.activeElement, stop);
    assert.notEqual(page.one(".percent").textContent, "58%");
  });

  it("goes on at the new heading when what had the focus is gone", async () => {
    await show("approval");
    page.one('[data-action="approve"]').focus();
    await show("running");
    assert.equal(page.document.activeElement, page.one("[data-main]"));
  });

  it("leaves the focus where it is when nobody was here", async () => {
    await show("approval");
    await show("running");
    assert.equal(page.document.activeElement, page.document.body);
  });

  it("brings what asks into view and gives it the focus, whatever had it, once for each question", async () => {
    await show("running");
    page.all("[role=gridcell]")[0]?.focus();
    await show("approval");
    assert.equal(page.document.activeElement, page.one("[data-main]"));
    assert.match(page.broughtIntoView.join("\n"), /^card card-plan [^\n]*$/);
    page.one('[data-action="approve"]').focus();
    await show("approval");
    assert.equal(page.document.activeElement, page.one('[data-action="approve"]'));
    await show("linkingPerson");
    await show("linkingNoise");
    assert.equal(page.document.activeElement, page.one("[data-main]"));
    assert.deepEqual(
      page.broughtIntoView.map((name) => name.split(" ")[1]),
      ["card-plan", "card-linking"],
    );
  });

  it("takes the focus from no other part of the window: a question has it as soon as the page does, while it asks", async () => {
    await show("approval");
    assert.equal(page.document.activeElement, page.document.body);
    assert.equal(page.broughtIntoView.length, 1);
    page.takeFocus();
    assert.equal(page.document.activeElement, page.one("[data-main]"));
    const other = new WebviewPage("dashboard");
    await other.show(scene("approval"));
    await other.show(scene("running"));
    other.takeFocus();
    assert.equal(other.document.activeElement, other.document.body);
    other.close();
  });

  it("says what was done and what comes next", async () => {
    await show("done");
    const text = page.text(".card-outcome");
    for (const part of [
      "668 KiB sent",
      ENGLISH.done.verified,
      ENGLISH.done.rebooted,
      "took 41 s",
      ENGLISH.next.flash,
    ]) {
      assert.ok(text.includes(part), part);
    }
    assert.match(page.text(".card-history"), /Back up BK7231N.*backups\//s);
    assert.ok(page.text(".card-history").includes("668 KiB sent"));
  });

  it("leads on after a flash: what to see now, which wire has the log, what it takes to watch, the next device", async () => {
    await show("done");
    const text = page.text(".card-outcome");
    for (const part of [
      "bedroom-bulb.local",
      "http://192.168.4.1",
      "TX2 (P0)",
      "Home Assistant finds it",
      "looking took 4 s",
    ])
      assert.ok(text.includes(part), part);
    press("openMonitor");
    assert.deepEqual(page.sent.at(-1), { type: "run", command: "openMonitor", portId: "/dev/ttyUSB0", jobId: "job-1" });
    press("next-device");
    assert.deepEqual(page.sent.at(-1), { type: "retry", jobId: "job-1" });
  });

  it("says where the firmware was not seen to run, and what to do about it", async () => {
    await show("doneNotSeen");
    const text = page.text(".card-outcome");
    assert.match(text, /was not seen to run/);
    assert.match(text, /Open the serial monitor/);
    assert.doesNotMatch(text, /seen running/);
  });

  it("does not say that firmware starts where the chip was not rebooted", async () => {
    await show("doneWaiting");
    const text = page.text(".card-outcome");
    assert.ok(text.includes(ENGLISH.done.waits));
    assert.ok(!text.includes(ENGLISH.next.flash));
    press("rebootDevice");
  });

  it("says what failed, what was seen and what to do, with buttons that do it", async () => {
    await show("failedVerify");
    assert.match(heading(), /does not hold what the file says/);
    assert.match(page.text(".evidence"), /CRC 5D1F0A33/);
    assert.equal(page.text(".next-step-text"), "Give the module a steady 3.3 V.");
    assert.equal(page.all(".steps li").length, 2);
    assert.equal(page.all(".map-grid .state-failed").length, 1);
    press("retry");
    assert.deepEqual(page.sent.at(-1), { type: "retry", jobId: "job-1" });
    press("selectBaudRate");
    assert.deepEqual(page.sent.at(-1), {
      type: "run",
      command: "selectBaudRate",
      portId: "/dev/ttyUSB0",
      jobId: "job-1",
    });
  });

  it("tells every end in one shape: what happened, what it means, one next step, the rest, and details folded", async () => {
    let ends = 0;
    for (const [name, { jobs, interrupted }] of Object.entries(scenes)) {
      await show(name);
      const shown = page.all(".card-outcome");
      assert.equal(shown.length, jobs[0] !== undefined && isFinished(jobs[0]) ? 1 : 0, name);
      if (shown.length === 0) continue;
      ends++;
      assert.ok(page.all(".card-outcome > .means").length >= 1, name);
      assert.notEqual(page.one(".card-outcome .next-step-text").textContent.trim(), "", name);
      // The one button of the page that stands out is the next step's.
      assert.equal(page.primary().length, 1, name);
      const own = page.primary(".next-step");
      assert.equal(own.length, interrupted.length > 0 && own.length === 0 ? 0 : 1, name);
      assert.equal(page.all(".card-outcome details[open]").length, 0, name);
      const order = page
        .all(".card-outcome > *")
        .map((part) => (part.getAttribute("class") ?? part.localName).split(" ")[0] ?? "");
      const places = ["card-head", "means", "next-step", "actions", "ending-details"].map((part) =>
        order.indexOf(part),
      );
      const there = places.filter((place) => place >= 0);
      assert.deepEqual(
        there,
        [...there].sort((a, b) => a - b),
        `${name}: ${order.join()}`,
      );
    }
    assert.ok(ends > 15, `${ends} ends`);
  });

  it("begins with the chip where nobody has seen it, as its steps do", async () => {
    const first = (): (string | null)[] =>
      page.primary(".card-idle").map((element) => element.getAttribute("data-action"));
    await show("newPort");
    assert.deepEqual(first(), ["showChipInfo"]);
    await show("idle");
    assert.deepEqual(first(), ["flashLatestBuild"]);
  });

  it("takes a file that is dropped on it, for the device that it shows", async () => {
    await show("idle");
    assert.ok(page.text(".drop-zone").includes(ENGLISH.idle.drop));
    const dropped = (data: Dropped): unknown => {
      page.drop(data);
      return page.sent.at(-1);
    };
    const list = "file:///home/me/Downloads/firmware.uf2";
    assert.deepEqual(dropped({ "text/uri-list": list }), { type: "drop", list, portId: "/dev/ttyUSB0" });
    // The editor's own list names files on other machines, too.
    const remote = "vscode-remote://ssh/home/me/firmware.uf2";
    assert.deepEqual(dropped({ "text/uri-list": list, "application/vnd.code.uri-list": remote }), {
      type: "drop",
      list: remote,
      portId: "/dev/ttyUSB0",
    });
    // From outside the editor come bytes without an address.
    page.drop({}, { name: "firmware.uf2", bytes: Uint8Array.of(1, 2, 3) });
    await page.painted();
    const file = { type: "dropFile", name: "firmware.uf2", size: 3, bytes: { 0: 1, 1: 2, 2: 3 } };
    assert.deepEqual(page.sent.at(-1), { ...file, portId: "/dev/ttyUSB0" });
    page.drop({}, { name: "huge.bin", bytes: new Uint8Array(0), size: MOST_DROPPED + 1 });
    await page.painted();
    assert.deepEqual(page.sent.at(-1), {
      type: "dropFile",
      name: "huge.bin",
      size: MOST_DROPPED + 1,
      portId: "/dev/ttyUSB0",
    });
    const before = page.sent.length;
    page.drop({ "text/plain": "no file" });
    assert.equal(page.sent.length, before);
    await show("empty");
    assert.deepEqual(dropped({ "text/uri-list": list }), { type: "drop", list });
  });

  it("shows the wires again when the chip was silent", async () => {
    await show("failedSilence");
    assert.equal(page.all("svg.wiring").length, 1);
  });

  it("never shows a spinner once a job has ended", async () => {
    for (const name of ["done", "failedVerify", "failedSilence", "cancelled", "unplugged", "backupDone"]) {
      await show(name);
      assert.equal(page.all("vscode-progress-ring").length, 0, name);
      assert.equal(page.all('[data-action="cancel"]').length, 0, name);
    }
  });

  it("says plainly what a stopped job left behind", async () => {
    await show("cancelled");
    assert.ok(page.text(".card-outcome").includes(ENGLISH.flash["partly-written"]));
    assert.match(page.text(".card-outcome .phases"), /Write.*stopped.*Verify.*not reached/s);
  });

  it("has a tab for each of several devices, chosen by click and arrow keys", async () => {
    await show("twoDevices");
    const tabs = (): (string | null)[] => page.all("[role=tab]").map((tab) => tab.getAttribute("aria-selected"));
    assert.deepEqual(tabs(), ["true", "false", "false"]);
    page.all("[role=tab]")[1]?.click();
    assert.deepEqual(tabs(), ["false", "true", "false"]);
    assert.equal(heading(), ENGLISH.linking.heading);
    page.all("[role=tab]")[1]?.focus();
    page.press("ArrowRight");
    assert.deepEqual(tabs(), ["false", "false", "true"]);
    assert.equal(page.document.activeElement?.getAttribute("aria-selected"), "true");
    assert.deepEqual(page.memory, { port: "practice" });
  });

  it("comes back to the device it showed before it was loaded again", async () => {
    const again = new WebviewPage("dashboard", { port: "practice" });
    await again.show({ ...scene("twoDevices"), jobs: [] });
    assert.equal(again.one('[aria-selected="true"] .tab-name').textContent, "Practice BK7231N");
    again.close();
  });

  it("turns to a device where a job begins", async () => {
    const both = scene("twoDevices");
    await page.show({ ...both, jobs: both.jobs.filter(({ port }) => port.id === "practice") });
    await show("twoDevices");
    assert.equal(page.one('[aria-selected="true"] .tab-name').textContent, "/dev/ttyUSB0");
  });

  it("drops snapshots that are old, of another version, or none", async () => {
    await show("running");
    const shown = page.text();
    for (const message of [
      { type: "state", version: PROTOCOL_VERSION, revision: 1, state: scene("empty") },
      { type: "state", version: PROTOCOL_VERSION + 1, revision: 9, state: scene("empty") },
      { type: "image", version: PROTOCOL_VERSION, revision: 9, state: {} },
      "nonsense",
      undefined,
    ]) {
      page.post(message);
      await page.painted();
      assert.equal(page.text(), shown);
    }
  });

  it("keeps the words it was told, and draws nothing before it was told any", async () => {
    const { strings, locale, ...rest } = scene("running");
    await page.show(rest);
    assert.equal(page.text(), "");
    await page.show({ ...rest, strings, locale });
    const shown = page.text();
    const [job] = rest.jobs;
    await page.show({ ...rest, jobs: [{ ...job, title: "the next turn" }] });
    assert.equal(heading(), "the next turn");
    await page.show(rest);
    assert.equal(page.text(), shown);
  });

  it("draws at most ten times a second, and the last word in any case", async () => {
    await show("running");
    const job = scene("running").jobs[0] ?? assert.fail();
    const texts = new Set<string>();
    const began = performance.now();
    for (let i = 0; i < 40; i++) {
      page.post({
        type: "state",
        version: PROTOCOL_VERSION,
        revision: 100 + i,
        state: { ...scene("running"), jobs: [{ ...job, title: `turn ${i}` }] },
      });
      texts.add(heading());
    }
    const allowed = 2 + (performance.now() - began) / 100;
    assert.ok(texts.size <= allowed && texts.size < 40, [...texts].join());
    await page.painted();
    assert.equal(heading(), "turn 39");
  });

  it("treats what comes from files and chips as text", async () => {
    const job = scene("done").jobs[0] ?? assert.fail();
    await page.show({ ...scene("done"), jobs: [{ ...job, title: "<img src=x onerror=alert(1)>" }] });
    assert.equal(page.all("img").length, 0);
    assert.equal(heading(), "<img src=x onerror=alert(1)>");
  });
});

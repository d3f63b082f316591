/** What people read: status lines, plans, errors, ports, in one line or a few. */
import assert from "node:assert/strict";
import {
  FLASHER_ERROR_CODES,
  FlasherError,
  english,
  words,
  type ChipIdentity,
  type ErrorContext,
  type FirmwareImage,
  type FlashPlan,
} from "../../../src/core/index";
import type { FittedBuild } from "../../../src/extension/builds/buildFits";
import { answerTo } from "../../../src/extension/commands/knownAnswers";
import { actionLabel, errorView } from "../../../src/extension/text/errorText";
import { builtForView, fileLabel, planText } from "../../../src/extension/text/planText";
import { entryLines } from "../../../src/extension/rounds/roundWords";
import { jobLine, statusText } from "../../../src/extension/text/statusText";
import type { WireState } from "../../../src/core/jobs/events";
import { newJob, reduceJob, type JobState } from "../../../src/shared/jobState";
import type { PhaseProgress } from "../../../src/shared/progress";
import { BK72XX } from "../../../src/core/beken/chips/geometry";
import { CHIPS } from "../../../src/core/beken/chips/chips";
import { roundEntry } from "../round/entry";

const port = { id: "COM5", label: "COM5" };
const job = (change: Partial<JobState> = {}): JobState => ({
  ...newJob({ id: "1", kind: "flash", title: "Flash a.uf2", port }, 0),
  ...change,
});
const linking = (needsPerson: boolean): JobState =>
  reduceJob(
    job(),
    { type: "linking", elapsedMs: 2_000, limitMs: 60_000, wire: "silence", bytesSeen: 0, needsPerson },
    1,
    english,
  );

describe("a job in one line", () => {
  it("says what to do while the chip is waited for, and how long is left", () => {
    assert.deepEqual(jobLine(linking(false)), { text: "Waiting for the chip", detail: "58 s left", share: 0 });
    assert.equal(jobLine(linking(true)).text, "Power-cycle the chip now");
  });

  it("orders no power cycle where the wire tells of something that it does not cure", () => {
    const told = (wire: WireState, elapsedMs: number): string => {
      const event = { type: "linking", elapsedMs, limitMs: 60_000, wire, bytesSeen: 9, needsPerson: true } as const;
      return jobLine(reduceJob(job(), event, 1, english)).text;
    };
    assert.deepEqual(
      [told("echo", 1_000), told("silence", 30_000), told("noise", 30_000), told("log-text", 30_000)],
      [
        "TX and RX are joined or swapped",
        "Nothing heard: check the wires",
        "Unreadable bytes: check the wires",
        "Power-cycle the chip now",
      ],
    );
  });

  it("names the phase and the share of the whole", () => {
    const writing = job({
      status: "running",
      overall: 0.437,
      phases: [{ phase: "write", done: 1, total: 2, state: "active", rounds: 1 }],
    });
    assert.equal(jobLine(writing).text, "Write 43%");
  });

  it("has words for every end", () => {
    assert.deepEqual(
      (["succeeded", "failed", "cancelled"] as const).map((status) => jobLine(job({ status })).text),
      ["Done", "Failed", "Stopped"],
    );
  });
});

describe("a round", () => {
  it("sends for the next device while it goes on, and for none once it is over", () => {
    const entry = roundEntry();
    for (const result of ["running", "verified", "not-running", "failed", "refused"] as const) {
      assert.match(entryLines({ ...entry, result }, "why", false).join(" "), /^why .*onnect the next device/, result);
      assert.deepEqual(entryLines({ ...entry, result }, "why", true), ["why"], result);
    }
  });
});

describe("the status bar", () => {
  const nothing = { port: undefined, lost: undefined, chip: undefined, job: undefined, others: 0 };
  const selected = { label: "COM5", icon: "plug" };

  it("invites to select, names port and chip, marks practice and unplugged ports", () => {
    assert.equal(statusText(nothing), "$(plug) Select Beken Port");
    assert.equal(statusText({ ...nothing, port: selected, chip: "BK7231N" }), "$(plug) COM5 \u00b7 BK7231N");
    assert.equal(
      statusText({ ...nothing, port: { label: "Practice device", icon: "beaker" } }),
      "$(beaker) Practice device",
    );
    assert.equal(
      statusText({ ...nothing, lost: { id: "COM5", label: "COM5" } }),
      "$(debug-disconnect) COM5 (unplugged)",
    );
    for (const id of ["tcp://host:8888", "rfc2217://host:4000"])
      assert.equal(statusText({ ...nothing, lost: { id, label: id } }), `$(debug-disconnect) ${id} (not there)`);
  });

  it("turns while a job runs, rings when a person is needed, and counts jobs elsewhere", () => {
    assert.equal(
      statusText({ ...nothing, port: selected, job: linking(false), others: 1 }),
      "$(sync~spin) COM5: Waiting for the chip (+1)",
    );
    assert.equal(
      statusText({ ...nothing, port: selected, job: linking(true) }),
      "$(bell) COM5: Power-cycle the chip now",
    );
  });
});

// Only what the texts read.
const chip = {
  chip: CHIPS.bk7231t,
  protocol: { name: "loader", family: "B" },
  bootloader: {},
  flash: { size: 0x200000, sizeFrom: "jedec" },
  key: { kind: "tuya", from: "efuse" },
} as unknown as ChipIdentity;
const image = {
  fileName: "firmware.uf2",
  label: words`LibreTiny UF2 for BK7231T`,
  warnings: [words`odd`],
} as unknown as FirmwareImage;

function plan(change: Partial<FlashPlan> = {}): FlashPlan {
  return {
    kind: "write",
    flashSize: 0x200000,
    geometry: BK72XX,
    writes: [{ address: 0x11000, data: new Uint8Array(0x1800), from: words`application` }],
    sectors: [{ start: 0x11000, end: 0x13000 }],
    erases: [],
    preserved: [{ start: 0x12800, end: 0x13000 }],
    protectedRanges: [
      { start: 0, end: 0x11000, why: "bootloader" },
      { start: 0x1e0000, end: 0x1e1000, why: "calibration" },
    ],
    totals: { preserve: 0x1000, erase: 0x2000, write: 0x2000, verify: 0x2000 },
    ...change,
  };
}

describe("a device that would not start", () => {
  const actions = (context: ErrorContext): readonly string[] =>
    errorView(new FlasherError("plan-would-not-start", "try", context)).actions;

  it("is offered its boot code where that is what it lacks and can be written", () => {
    assert.equal(actions({ trouble: "boot-code" })[0], "bringBackBootCode");
    assert.equal(actions({ trouble: "boot-code", lifeline: true }).includes("bringBackBootCode"), false);
    assert.equal(actions({ trouble: "application" }).includes("bringBackBootCode"), false);
  });
});

describe("a plan before the yes", () => {
  it("names file, chip and port, and says in two sentences how much is erased, sent and kept, and how long it takes", () => {
    const builtFor = { device: "Hall Plug", chip: "BK7231T", board: "wb2s" };
    const pending = (phase: "erase" | "write", total: number): PhaseProgress => ({
      phase,
      done: 0,
      total,
      state: "pending",
      rounds: 0,
    });
    const job = { phases: [pending("erase", 0x100000), pending("write", 0x100000)], baudRate: 115_200, port };
    const text = planText({ plan: plan(), chip, image, builtFor, job }, "COM5");
    assert.equal(text.title, "Flash Hall Plug (firmware.uf2) to the BK7231T on COM5?");
    assert.equal(text.button, "Flash");
    assert.deepEqual(text.lines, [
      "Up to 8 KiB are erased and 8 KiB sent; what is right already is left alone, and 2 MiB are kept, bootloader and calibration among them.",
      "It usually takes no more than 2 min at 115200 baud.",
      "Note: odd",
    ]);
    const practice = planText(
      { plan: plan(), chip, image, job: { ...job, port: { ...port, practice: true } } },
      "COM5",
    );
    assert.equal(practice.lines.length, 2, "a practice device has no wire that takes time");
    const open = planText({ plan: plan({ protectedRanges: [] }), chip, image: undefined }, "COM5");
    assert.deepEqual(open.lines, [
      "Up to 8 KiB are erased and 8 KiB sent; what is right already is left alone, and 2 MiB are kept.",
    ]);
  });

  it("warns when the build is for another chip than the one on the wire", () => {
    const builtFor = { device: "x", chip: "BK7231N", board: "cbu" };
    const careful = "Careful: the build is for BK7231N, but the chip on the wire is BK7231T.";
    assert.deepEqual(builtForView(builtFor, chip), { words: "Built for: cbu, BK7231N", careful });
    assert.equal(planText({ plan: plan(), chip, image, builtFor }, "COM5").lines[0], careful);
    assert.equal(builtForView({ device: "x", chip: undefined, board: undefined }, chip), undefined);
  });

  it("says that boot code is replaced, and which part of it", () => {
    const sectors = [
      { start: 0x2000, end: 0x3000 },
      { start: 0x10000, end: 0x20000 },
    ];
    const { lines } = planText({ plan: plan({ sectors }), chip, image: undefined }, "COM5");
    assert.equal(
      lines[0],
      "Careful: the boot code, 0x002000\u20130x011000, is replaced too. A copy of what is there is saved first.",
    );
    const above = planText({ plan: plan({ sectors: [{ start: 0x11000, end: 0x12000 }] }), chip, image }, "COM5");
    assert.ok(!above.lines.some((line) => line.includes("boot code")));
  });

  it("is grave where something is erased, the boot code changes, or file or backup are of another device", () => {
    const isGrave = (change: object): boolean => planText({ plan: plan(), chip, image, ...change }, "COM5").isGrave;
    const restore = { device: "same", calibration: "kept", warnings: [], doubts: [] };
    assert.equal(isGrave({}), false);
    assert.equal(isGrave({ restore }), false);
    assert.equal(isGrave({ restore: { ...restore, device: "other" } }), true);
    assert.equal(isGrave({ plan: plan({ kind: "erase", writes: [] }), image: undefined }), true);
    assert.equal(isGrave({ plan: plan({ sectors: [{ start: 0, end: 0x1000 }] }) }), true);
    assert.equal(isGrave({ builtFor: { device: "x", chip: "BK7231N", board: "cbu" } }), true);
  });

  it("says first that the device would not start, with a button that says so; where nothing speaks against it, nothing", () => {
    const start = {
      starts: "no",
      reasons: [{ code: "boot-code-missing", weight: "no", words: words`there is no boot code` }],
      calibration: true,
    } as const;
    const text = planText({ plan: plan({ start, asksAboutStart: true }), chip, image }, "COM5");
    assert.equal(text.lines[0], "Careful: Afterwards the device does not start: there is no boot code.");
    assert.deepEqual([text.button, text.isGrave], ["Write All the Same", true]);
    const ordinary = { starts: "yes", reasons: [], calibration: true } as const;
    assert.deepEqual(
      planText({ plan: plan({ start: ordinary }), chip, image }, "COM5"),
      planText({ plan: plan(), chip, image }, "COM5"),
    );
  });

  it("stays short however many ranges there are", () => {
    const sectors = Array.from({ length: 50 }, (_, i) => ({ start: 0x20000 + i * 0x2000, end: 0x21000 + i * 0x2000 }));
    const totals = { preserve: 0, erase: 50 * 0x1000, write: 0, verify: 50 * 0x1000 };
    const { lines } = planText(
      { plan: plan({ writes: [], sectors, kind: "erase", preserved: [], totals }), chip, image: undefined },
      "COM5",
    );
    assert.deepEqual(lines, ["200 KiB are erased and 1.8 MiB kept."]);
  });

  it("labels a file of no build by its own name", () => assert.equal(fileLabel("a.rbl", undefined), "a.rbl"));
});

describe("advice in the editor", () => {
  const CONTEXTS: readonly ErrorContext[] = [
    {},
    { lifeline: true },
    ...(["boot-code", "application", "key"] as const).flatMap((trouble) => [
      { trouble },
      { trouble, lifeline: true },
      { trouble, holdsBootCode: true },
    ]),
  ];
  const JOBS = [undefined, "flash", "erase", "restore", "verify"] as const;

  it("names no option of the command line, whatever failed, and says nothing for what it has no words for", () => {
    let told = 0;
    for (const code of FLASHER_ERROR_CODES)
      for (const context of CONTEXTS)
        for (const job of JOBS)
          for (const canRekey of [true, false]) {
            const error = new FlasherError(code, "try", context);
            error.job = job;
            const { steps } = errorView(error, [], canRekey);
            assert.ok(steps.length > 0, code);
            for (const step of steps) {
              assert.doesNotMatch(step, /command line|--[a-z]|BEKEN_|at a terminal|same command/, `${code}: ${step}`);
              assert.notEqual(step, "");
            }
            told += steps.length;
          }
    assert.ok(told > 1_000);
  });

  it("names the button that is there, and only where it is", () => {
    const error = new FlasherError("image-wrong-key", "try", {});
    assert.match(errorView(error, ["Another build fits."], true).steps[0] ?? "", /^Press Re-encrypt for This Chip/);
    assert.doesNotMatch(errorView(error, [], false).steps.join(" "), /Re-encrypt/);
  });

  it("begins with the build and the boards that fit this very chip, where they are known", async () => {
    const project = { name: "Hall Plug" };
    const fitting = {
      build: { project },
      file: { artefact: { name: "firmware.uf2" } },
      facts: "BK7231T \u00b7 Tuya key",
    };
    const best = (): Promise<FittedBuild> => Promise.resolve(fitting as FittedBuild);
    const error = new FlasherError("image-wrong-chip", "try", { file: "other.rbl" });
    error.job = "flash";
    const { steps, actions } = await answerTo(best, error, chip);
    assert.equal(steps[0], "Hall Plug (BK7231T \u00b7 Tuya key) is for this BK7231T: Flash Latest Build takes it.");
    assert.match(steps[1] ?? "", /name one of these boards: generic-bk7231t-qfn32-tuya, /);
    assert.doesNotMatch(steps[1] ?? "", /cb3s|7231n/);
    assert.deepEqual(actions, ["flashLatestBuild"]);
    const none = await answerTo(best, error, undefined);
    assert.deepEqual(none, { steps: [], actions: [] }, "nothing is known of the chip");
  });
});

describe("an error", () => {
  it("of every code has title, steps, the code as evidence, and at least one button with a label", () => {
    for (const code of FLASHER_ERROR_CODES) {
      const view = errorView(
        new FlasherError(code, "try", {
          port: "COM5",
          address: 0x11000,
          length: 16,
          expected: "a",
          actual: "b",
          file: "x.rbl",
        }),
      );
      assert.ok(view.title.length > 0 && view.steps.length > 0, code);
      assert.ok(view.evidence.includes(`Error code: ${code}`));
      assert.ok(view.actions.length > 0, code);
      for (const action of view.actions) assert.ok(actionLabel(action).length > 0);
      for (const line of [view.title, ...view.steps, ...view.evidence])
        assert.doesNotMatch(line, /\{\d\}|undefined|\n\s+at /, code);
    }
  });

  it("says who holds a busy port before the general advice", () => {
    const view = errorView(new FlasherError("port-busy", "open", { port: "COM5" }), ["minicom has it."]);
    assert.equal(view.steps[0], "minicom has it.");
    assert.ok(view.steps.length > 1);
  });
});

/** What the bench puts on its chips is what it says: flashable applications, small changes, dumps with something to skip. */
import assert from "node:assert/strict";
import { isFilledWith } from "../../../src/core/base/bytes";
import { detectImage } from "../../../src/core/index";
import { PRESETS } from "../../../src/simulator/index";
import { APP_AT, changedInThreeSectors, genuineApp, randomFlash, typicalFlash } from "../../bench/chips";
import { parseOptions } from "../../bench/options";
import { markdown, median, type Results } from "../../bench/report";

const SECTOR = 0x1000;

function sectorsWhere(a: Uint8Array, test: (start: number, end: number) => boolean): number {
  let count = 0;
  for (let start = 0; start < a.length; start += SECTOR) if (test(start, Math.min(a.length, start + SECTOR))) count++;
  return count;
}

const NOTHING: Results = {
  startedAt: "2026-11-30T12:00:00.000Z",
  command: "npm run bench",
  simulated: true,
  machine: { cpu: "a processor", cores: 2, node: "20.19.0", platform: "linux x64", load: [0, 0, 0] },
  rows: [],
  peers: [],
  carriers: [],
  coach: [],
  peersFound: [],
  peersAbsent: [],
  cpu: undefined,
};

describe("bench report", () => {
  it("has no heading with nothing below it", () => {
    const headings = (results: Partial<Results>): readonly string[] =>
      markdown({ ...NOTHING, ...results })
        .split("\n")
        .filter((line) => line.startsWith("#"));
    assert.deepEqual(headings({}), ["# Bench"]);
    assert.deepEqual(headings({ peersAbsent: ["ltchiptool"] }), ["# Bench", "## Peers"]);
    const monitor = { slow: 0.25, fast: 1.9, slowHeard: 0.5, fastHeard: 3.75 };
    const cpu = { wireMs: 90, planMs: 80, uf2Bytes: 4e6, monitor, lookMs: 4_435 };
    assert.deepEqual(headings({ cpu }), ["# Bench", "## Processor and checks"]);
    const page = markdown({ ...NOTHING, cpu });
    assert.match(page, /at 921600 baud \| 1\.90 % of a core \|\n\| the same, another extension listening \| 3\.75 %/);
    assert.match(page, /whether the application runs \| 4\.43 s \|/);
  });
});

describe("bench content", () => {
  it("has a genuine application for every chip, in its own key", () => {
    for (const preset of Object.values(PRESETS)) {
      for (const which of ["new", "older"] as const) {
        const image = detectImage(genuineApp(preset, which), "application.crc", { offset: APP_AT });
        assert.equal(image.refusal, undefined, preset.id);
        assert.equal(image.key?.kind, preset.id === "bk7231t" || preset.id === "bk7231n" ? "tuya" : "zero", preset.id);
      }
    }
  });

  it("changes exactly three sectors, and the application stays good", () => {
    const app = genuineApp(PRESETS.bk7231t, "new");
    const changed = changedInThreeSectors(app, 1);
    assert.equal(
      sectorsWhere(app, (start, end) => app.subarray(start, end).some((byte, i) => byte !== changed[start + i])),
      3,
    );
    assert.equal(detectImage(changed, "application.crc", { offset: APP_AT }).refusal, undefined);
    assert.notDeepEqual(changedInThreeSectors(changed, 2), changed);
  });

  it("has a dump that is mostly blank and one that is not blank anywhere", () => {
    const preset = PRESETS.bk7231n;
    const typical = typicalFlash(preset, genuineApp(preset, "older"));
    const blank = sectorsWhere(typical, (start, end) => isFilledWith(typical, 0xff, start, end));
    assert.ok(blank > 256 && blank < 420, `${blank} of 512 sectors are blank`);
    const random = randomFlash(preset);
    assert.equal(
      sectorsWhere(random.subarray(APP_AT), (start, end) => isFilledWith(random, 0xff, APP_AT + start, APP_AT + end)),
      0,
    );
  });

  it("takes options and refuses what it does not know", () => {
    const quick = parseOptions(["--quick"]);
    assert.deepEqual([quick.chips, quick.bauds, quick.latencies], [["bk7231t"], [921_600], [0]]);
    const given = parseOptions(["--chips", "bk7238,bk7231s", "--latency", "16", "--only", "info,cpu"]);
    assert.deepEqual([given.chips, given.latencies, [...given.parts]], [["bk7238", "bk7231s"], [16], ["info", "cpu"]]);
    for (const args of [["--chips", "esp32"], ["--latency", "300"], ["--only", "everything"], ["--fast"]]) {
      assert.throws(() => parseOptions(args));
    }
    assert.deepEqual([median([3, 1, 2]), median([4, 1, 2, 3])], [2, 2.5]);
  });
});

import assert from "node:assert/strict";
import type { DeviceMark } from "../../../src/core/backup/manifest";
import { planErase } from "../../../src/core/plan/planWrite";
import type { ChipIdentity } from "../../../src/core/beken/chips/types";
import {
  devicesDone,
  doneBefore,
  isDoubtful,
  latestOf,
  mayBeSame,
  objectionToDevice,
  objectionToPlan,
  rulesFrom,
} from "../../../src/core/round/roundRules";
import {
  countsOf,
  formatLedger,
  ledgerTable,
  parseLedger,
  withEntry,
  type RoundEntry,
  type RoundLedger,
} from "../../../src/core/round/roundLedger";
import { ledgerName } from "../../../src/storage/roundBook";
import { FlasherError } from "../../../src/core/base/errors";

const HASH = "a".repeat(64);
const MARK: DeviceMark = {
  chip: "bk7231n",
  mac: "C8:47:8C:42:07:01",
  jedecId: "0B4015",
  flashSize: 0x200000,
  bootloader: "4063D299",
  calibration: "0123456789ABCDEF",
};
const OTHER_CALIBRATION = "FEDCBA9876543210";
/** An SDK's default, which is no device's own. */
const DEFAULT_MAC = "C8:47:8C:00:00:00";

function entry(id: string, part: Partial<RoundEntry> = {}): RoundEntry {
  return {
    id,
    time: "2026-11-30T12:00:00.000Z",
    port: "/dev/ttyUSB0",
    device: MARK,
    sha256: HASH,
    result: "verified",
    durationMs: 41_250,
    backup: "bk7231n-C8478C420701.bin",
    code: null,
    detail: null,
    ...part,
  };
}

const EMPTY: RoundLedger = { file: { name: "firmware.uf2", sha256: HASH, size: 3 }, rules: null, entries: [] };

function chip(part: Partial<ChipIdentity> = {}, isCalibrated = true): ChipIdentity {
  const made: Partial<ChipIdentity> = {
    chip: { id: "bk7231n", name: "BK7231N" } as NonNullable<ChipIdentity["chip"]>,
    mac: "C8:47:8C:42:07:01",
    ...(isCalibrated && { calibrationMark: "0123456789ABCDEF" }),
    flash: { size: 0x200000, jedecId: 0x0b4015 } as unknown as ChipIdentity["flash"],
    bootloader: {} as ChipIdentity["bootloader"],
    key: { kind: "tuya", from: "bootloader" } as unknown as ChipIdentity["key"],
    ...part,
  };
  return made as ChipIdentity;
}

describe("round: whose turn it is", () => {
  it("two marks may be of one device unless something of their own says otherwise", () => {
    assert.equal(mayBeSame(MARK, MARK), true);
    assert.equal(mayBeSame(MARK, { ...MARK, mac: "C8:47:8C:42:07:02" }), false);
    // An address of its own counts, whatever became of the calibration.
    assert.equal(mayBeSame(MARK, { ...MARK, calibration: OTHER_CALIBRATION }), true);
    const byDefault = { ...MARK, mac: DEFAULT_MAC };
    assert.equal(mayBeSame(byDefault, { ...byDefault, calibration: OTHER_CALIBRATION }), false);
    assert.equal(mayBeSame(byDefault, byDefault), true, "a doubt is the same device");
    assert.equal(mayBeSame({ ...byDefault, calibration: null }, byDefault), true);
  });

  it("a device that has the file is done, one whose write failed or was stopped is not", () => {
    const ledger = (result: RoundEntry["result"]): RoundLedger => ({ ...EMPTY, entries: [entry("1", { result })] });
    for (const result of ["running", "verified", "not-running"] as const)
      assert.equal(doneBefore(ledger(result), MARK)?.id, "1", result);
    for (const result of ["begun", "failed", "refused", "stopped"] as const)
      assert.equal(doneBefore(ledger(result), MARK), undefined, result);
  });

  it("goes by what was last done to a device: a refusal changes nothing, a failure after a success does", () => {
    const other = { ...MARK, mac: "C8:47:8C:42:07:02", calibration: OTHER_CALIBRATION };
    const entries = [
      entry("1"),
      entry("2", { result: "refused", code: "round-other-plan" }),
      entry("3", { device: other, result: "failed" }),
    ];
    const good: RoundLedger = { ...EMPTY, entries };
    assert.equal(doneBefore(good, MARK)?.id, "1");
    assert.deepEqual([devicesDone(good), latestOf(good).map(({ id }) => id)], [1, ["1", "3"]]);
    // Flashed again by the person's wish: it counts once, and where that failed, not at all.
    const twice: RoundLedger = { ...EMPTY, entries: [...entries, entry("4")] };
    assert.deepEqual([devicesDone(twice), doneBefore(twice, MARK)?.id], [1, "4"]);
    for (const result of ["failed", "begun", "stopped"] as const) {
      const spoilt: RoundLedger = { ...EMPTY, entries: [...entries, entry("4", { result })] };
      assert.deepEqual([devicesDone(spoilt), doneBefore(spoilt, MARK)], [0, undefined], result);
    }
    const unmarked = { ...MARK, mac: null, calibration: null };
    const nobody = (id: string): RoundEntry =>
      entry(id, { device: unmarked, result: "refused", code: "device-unmarked" });
    assert.equal(latestOf({ ...EMPTY, entries: [entry("1"), nobody("2"), nobody("3")] }).length, 3);
  });

  it("another chip, another key, and what nothing tells from others are refused before anything is planned", () => {
    const plan = planErase(0x132000, 0x1000, 0x200000, {} as Parameters<typeof planErase>[3]);
    const rules = rulesFrom(chip(), plan);
    assert.equal(objectionToDevice(rules, chip()), undefined);
    const otherChip = { id: "bk7231t", name: "BK7231T" } as NonNullable<ChipIdentity["chip"]>;
    assert.equal(objectionToDevice(rules, chip({ chip: otherChip }))?.code, "round-other-chip");
    const zero = { kind: "zero", from: "bootloader" } as unknown as ChipIdentity["key"];
    assert.equal(objectionToDevice(rules, chip({ key: zero }))?.code, "round-other-key");
    assert.equal(objectionToDevice(null, chip({ mac: undefined }, false))?.code, "device-unmarked");
    assert.equal(objectionToDevice(null, chip({ mac: DEFAULT_MAC }, false))?.code, "device-unmarked");
    assert.equal(objectionToDevice(null, chip({ mac: undefined })), undefined);
    assert.equal(objectionToPlan(rules, plan), undefined);
    const other = planErase(0x133000, 0x1000, 0x200000, {} as Parameters<typeof planErase>[3]);
    assert.equal(objectionToPlan(rules, other)?.code, "round-other-plan");
  });

  it("a key of the owner's own is told apart and not written down", () => {
    const plan = planErase(0x132000, 0x1000, 0x200000, {} as Parameters<typeof planErase>[3]);
    const own = (last: number): ChipIdentity["key"] =>
      ({ kind: "other", from: "bootloader", coefficients: [0x11223344, 2, 3, last] }) as unknown as ChipIdentity["key"];
    const [a, b] = [rulesFrom(chip({ key: own(4) }), plan), rulesFrom(chip({ key: own(5) }), plan)];
    assert.notEqual(a.key, b.key);
    assert.doesNotMatch(a.key, /11223344/);
  });
});

describe("round: ledger", () => {
  it("is read back as it was written, each entry in its latest state", () => {
    let ledger: RoundLedger = { ...EMPTY, rules: { chip: "bk7231n", key: "tuya", plan: "0011223344556677" } };
    ledger = withEntry(ledger, entry("1", { result: "begun" }));
    ledger = withEntry(ledger, entry("2", { result: "refused", code: "round-other-key", detail: "another key" }));
    ledger = withEntry(ledger, entry("1"));
    assert.deepEqual(
      ledger.entries.map(({ id, result }) => [id, result]),
      [
        ["1", "verified"],
        ["2", "refused"],
      ],
    );
    assert.deepEqual(parseLedger(formatLedger(ledger), "round.json"), ledger);
    assert.deepEqual([countsOf(ledger).verified, countsOf(ledger).refused, countsOf(ledger).begun], [1, 1, 0]);
  });

  it("goes on with whatever names files and ports have", () => {
    const name = `=a, "b";\n${"x".repeat(240)}.rbl`;
    const ledger = withEntry(
      { ...EMPTY, file: { ...EMPTY.file, name } },
      entry("1", { port: `rfc2217://${"h".repeat(300)}:1`, backup: `${name}.bin`, isAnother: true }),
    );
    assert.deepEqual(parseLedger(formatLedger(ledger), "round.json"), ledger);
    assert.ok(ledgerName({ ...ledger.file, name }).length < 130);
  });

  it("counts a device that is another one by what it holds, whatever its marks say", () => {
    const entries = [entry("1"), entry("2", { isAnother: true, result: "failed" }), entry("3")];
    assert.deepEqual(
      [devicesDone({ ...EMPTY, entries }), latestOf({ ...EMPTY, entries }).map(({ id }) => id)],
      [2, ["1", "3"]],
    );
    const other = { ...MARK, calibration: OTHER_CALIBRATION };
    assert.deepEqual([isDoubtful(MARK, MARK), isDoubtful(MARK, other)], [false, true]);
    assert.equal(isDoubtful(MARK, { ...MARK, mac: "C8:47:8C:42:07:02" }), false, "another one without a doubt");
  });

  it("is refused where it is cut off, of something else, or says what cannot be", () => {
    const good = formatLedger(withEntry(EMPTY, entry("1")));
    const bad = [
      good.slice(0, -4),
      "{}",
      good.replace("beken-flasher-round", "other"),
      good.replace('"version": 1', '"version": 2'),
      good.replace('"verified"', '"perfect"'),
      good.replace(MARK.mac ?? "", "nonsense"),
      good.replaceAll(HASH, "short"),
    ];
    for (const text of bad)
      assert.throws(
        () => parseLedger(text, "round.json"),
        (error) => error instanceof FlasherError && error.code === "ledger-unusable",
        text.slice(0, 80),
      );
  });

  it("is a table with quotes where they belong and no formulas", () => {
    const device = { ...MARK, mac: null };
    for (const name of ["=1", "+1", "-1", "@a", "\uff1d1"])
      assert.match(
        ledgerTable(withEntry({ ...EMPTY, file: { ...EMPTY.file, name } }, entry("1"))),
        new RegExp(`,'\\${name},`),
      );
    const rows = ledgerTable(
      withEntry({ ...EMPTY, file: { ...EMPTY.file, name: "=cmd()" } }, entry("1", { device, detail: 'a "b", c' })),
    ).split("\r\n");
    assert.equal(rows.length, 3);
    assert.equal(rows[0], "time,port,mac,chip,file,sha256,result,seconds,backup,code,detail");
    assert.equal(
      rows[1],
      `2026-11-30T12:00:00.000Z,/dev/ttyUSB0,,bk7231n,'=cmd(),${HASH},verified,41.3,bk7231n-C8478C420701.bin,,"a ""b"", c"`,
    );
  });
});

/** Whole jobs over a browser's port: rates by closing and opening again, and adapters whose lines reset the chip by that. */
import assert from "node:assert/strict";
import { openWebSerial, runJob, type JobRequest } from "../../../src/core/index";
import { SimulatedWebSerialPort, type ChipOptions } from "../../../src/simulator/index";
import { APP_AT, BEDROOM_RBL, fileAt } from "./builds";
import { Rig, collect, firstDifference, flashRequest, never, resultOf, type Outcome } from "./rig";

const FILE = fileAt(BEDROOM_RBL);

describe("jobs over Web Serial", () => {
  let rig: Rig;
  let port: SimulatedWebSerialPort;

  function chip(options: ChipOptions = {}): void {
    rig = new Rig("bk7231t", options);
    port = new SimulatedWebSerialPort(rig.chip);
  }

  afterEach(() => {
    rig.dispose();
  });

  function run(request: JobRequest): Promise<Outcome> {
    const deps = {
      ...rig.deps,
      open: (_: unknown, options: { baudRate: number }, signal: AbortSignal) =>
        openWebSerial(port, "CP2102 (browser)", options, signal),
    };
    return collect(runJob(request, {}, { session: rig.sessionOptions, deps, signal: never }));
  }

  it("flash at the fastest rate and back up again, byte for byte", async () => {
    chip();
    const outcome = resultOf("flash", await run(flashRequest(FILE)));
    assert.equal(outcome.verified, true);
    assert.equal(firstDifference(FILE.bytes, rig.chip.flash.slice(APP_AT, APP_AT + FILE.bytes.length)), -1);
    assert.ok(port.openings > 1, "the rate was changed");
    assert.ok((rig.rates.at(-1)?.baudRate ?? 0) >= 921_600, `at ${rig.rates.at(-1)?.baudRate}`);
    const backup = resultOf("backup", await run({ kind: "backup" }));
    assert.equal(firstDifference(backup.data, rig.chip.flash), -1);
  });

  for (const line of ["dtr", "rts"] as const)
    it(`stay at 115200 where ${line.toUpperCase()} resets the chip whenever the port is opened`, async () => {
      chip({ wiring: { reset: line } });
      const outcome = resultOf("flash", await run(flashRequest(FILE)));
      assert.equal(outcome.verified, true);
      assert.deepEqual(
        rig.rates.filter(({ baudRate }) => baudRate > 115_200),
        [],
        "no other rate works there",
      );
      assert.equal(firstDifference(FILE.bytes, rig.chip.flash.slice(APP_AT, APP_AT + FILE.bytes.length)), -1);
    });
});

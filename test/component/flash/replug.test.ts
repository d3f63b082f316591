import assert from "node:assert/strict";
import {
  openTransport,
  remedyFor,
  runJob,
  systemClock,
  type JobEvent,
  type PortRef,
  type SessionDeps,
} from "../../../src/core/index";
import { PRESETS, createChip, serveOnPty, type PresetId, type PtyServer } from "../../../src/simulator/index";
import { describeWithPtys } from "../ptys";
import { Bench } from "./adapterBench";
import { PRESET_IDS, shortBuildFor } from "./builds";
import {
  assertCarriedOut,
  collect,
  failedWith,
  firstDifference,
  flashRequest,
  never,
  notes,
  resultOf,
  withRig,
  withSimulatedRig,
} from "./rig";

describe("the adapter is pulled out and plugged in under another name", () => {
  for (const id of PRESET_IDS) {
    it(`${id}: while erasing, writing and verifying, the same job goes on to the proven end`, async () => {
      const goesOn = (phase: string): Promise<void> =>
        withSimulatedRig(id, {}, async (rig) => {
          const before = rig.snapshot();
          const bench = new Bench(rig);
          const request = flashRequest(shortBuildFor(PRESETS[id]).crc, { full: true });
          const outcome = await bench.run(request, bench.replugsIn(phase));
          const { plan, verified } = resultOf("flash", outcome);
          assert.equal(verified, true);
          assertCarriedOut(plan, before, rig.chip.flash);
          assert.deepEqual(bench.opened, ["/dev/ttyUSB0", "/dev/ttyUSB3"], phase);
          const told = notes(outcome.events).filter((code) => code.startsWith("adapter"));
          assert.deepEqual(told, ["adapter-lost", "adapter-back"]);
          assert.equal(outcome.events.filter(({ type }) => type === "linked").length >= 2, true);
        });
      await Promise.all(["erase", "write", "verify"].map(goesOn));
    });
  }

  it("a chip with a supply of its own answers at once, at the speed it had", async () => {
    for (const id of ["bk7231t", "bk7231s", "bk7231n"] as const) {
      await withSimulatedRig(id, { person: "manual", idleRebootMs: 60_000 }, async (rig) => {
        const bench = new Bench(rig, false);
        const linked = (event: JobEvent): void => {
          if (event.type === "linking" && event.needsPerson && rig.chip.state === "app") rig.chip.powerCycle();
        };
        const outcome = await bench.run(
          flashRequest(shortBuildFor(PRESETS[id]).crc, { full: true }),
          bench.replugsIn("write", linked),
        );
        assert.equal(resultOf("flash", outcome).verified, true);
        assert.equal(outcome.events.filter(({ type }) => type === "linked").length, 1, id);
      });
    }
  });

  it("in the middle of a backup, a read, a verification", async () => {
    for (const id of ["bk7231s", "bk7231n-zero"] as const) {
      const file = shortBuildFor(PRESETS[id]).crc;
      await withSimulatedRig(id, {}, async (rig) => {
        rig.chip.flash.set(file.bytes, 0x11000);
        const again = (): Bench => new Bench(rig);
        let bench = again();
        const { data } = resultOf("backup", await bench.run({ kind: "backup" }, bench.replugsIn("read")));
        assert.equal(firstDifference(data, rig.chip.flash), -1);
        bench = again();
        const read = await bench.run({ kind: "read", start: 0x11000, length: 0x9000 }, bench.replugsIn("check"));
        assert.equal(firstDifference(resultOf("read", read).data, rig.chip.flash.subarray(0x11000, 0x1a000)), -1);
        bench = again();
        resultOf("verify", await bench.run({ kind: "verify", file }, bench.replugsIn("verify")));
        assert.equal(bench.opened.length, 2);
      });
    }
  });

  it("while the chip is waited for and identified: people power-cycle by pulling the adapter", async () => {
    await withSimulatedRig("bk7231t", { person: "manual" }, async (rig) => {
      await rig.untilStarted();
      const bench = new Bench(rig);
      let pulled = false;
      const outcome = await bench.run({ kind: "info" }, (event) => {
        if (event.type === "linking" && event.needsPerson && !pulled) {
          pulled = true;
          bench.pull();
        }
        if (event.type === "replugging") bench.plug("/dev/ttyUSB1");
      });
      assert.equal(resultOf("info", outcome).chip.chip?.id, "bk7231t");
      const again = new Bench(rig);
      const identified = await again.run(
        { kind: "info" },
        again.replugsIn("identify", (event) => {
          if (event.type === "linking" && event.needsPerson && rig.chip.state === "app") rig.chip.powerCycle();
        }),
      );
      assert.equal(resultOf("info", identified).chip.chip?.id, "bk7231t");
    });
  });

  it("another chip on it ends the job: another kind by its loader, one of the same kind by its MAC address", async () => {
    const sameKind: Parameters<typeof createChip>[0] = {
      ...PRESETS.bk7231t,
      mac: [0xc8, 0x47, 0x8c, 0x42, 0x77, 0x77],
    };
    for (const other of [PRESETS.bk7231s, sameKind, PRESETS.bk7231n]) {
      await withRig("bk7231t", {}, async (rig) => {
        const second = createChip(other, { pace: "none", person: "auto", personWaitMs: 400 });
        const before = second.flash.slice();
        try {
          const bench = new Bench(rig);
          const request = flashRequest(shortBuildFor(PRESETS.bk7231t).crc, { full: true });
          const outcome = await bench.run(
            request,
            bench.replugsIn("write", (event) => {
              if (event.type === "replugging") bench.chip = second;
            }),
          );
          const error = failedWith("chip-changed", outcome);
          assert.equal(error.flash, "partly-written");
          assert.equal(firstDifference(before, second.flash), -1);
        } finally {
          second.dispose();
        }
      });
    }
  });

  it("that does not come back ends the job as lost, with what it left and why; it can be cancelled meanwhile", async () => {
    const request = flashRequest(shortBuildFor(PRESETS.bk7231t).crc, { full: true });
    const pullIn = (bench: Bench) => (event: JobEvent) => {
      if (event.type === "progress" && event.phase === "write") bench.pull();
    };
    await withSimulatedRig("bk7231t", {}, async (rig) => {
      const bench = new Bench(rig);
      const error = failedWith("port-lost", await bench.run(request, pullIn(bench), 1_500));
      assert.deepEqual([error.flash, error.suspect], ["partly-written", "cable"]);
      assert.match(error.message, /did not come back within/);
      assert.equal(remedyFor(error).steps.length > 0, true);
    });
    await withSimulatedRig("bk7231t", {}, async (rig) => {
      const bench = new Bench(rig);
      const controller = new AbortController();
      const port: PortRef = { kind: "serial", path: "/dev/ttyUSB0" };
      const job = runJob(
        request,
        {},
        { session: { ...rig.sessionOptions, port }, deps: bench.deps, signal: controller.signal },
      );
      const outcome = await collect(job, (event) => {
        pullIn(bench)(event);
        if (event.type === "replugging") controller.abort();
      });
      assert.equal(failedWith("cancelled", outcome).flash, "partly-written");
    });
  });

  it("that comes back without the chip: silence, which points to plug and cable", async () => {
    await withSimulatedRig("bk7231t", { person: "manual" }, async (rig) => {
      const bench = new Bench(rig);
      const outcome = await bench.run(
        flashRequest(shortBuildFor(PRESETS.bk7231t).crc, { full: true }),
        bench.replugsIn("write", (event) => {
          if (event.type === "linking" && bench.opened.length > 1) rig.chip.powerOff();
        }),
        2_000,
      );
      const error = failedWith("no-link-silence", outcome);
      assert.deepEqual([error.flash, error.suspect], ["partly-written", "cable"]);
    });
  });

  it("that keeps going away is given up, not waited for for ever", async () => {
    await withSimulatedRig("bk7231t", {}, async (rig) => {
      const bench = new Bench(rig);
      const outcome = await bench.run(flashRequest(shortBuildFor(PRESETS.bk7231t).crc, { full: true }), (event) => {
        const working = event.type === "progress" && event.phase === "write";
        if (working || event.type === "linked" || (event.type === "linking" && bench.opened.length > 1)) bench.pull();
        if (event.type === "replugging") bench.plug("/dev/ttyUSB0");
      });
      failedWith("port-lost", outcome);
      assert.equal(bench.opened.length < 20, true);
    });
  });
});

describeWithPtys("real pseudo-terminals", () => {
  it("one hangs up in the middle of a write, and the adapter is found behind another", async () => {
    for (const id of ["bk7231s", "bk7231n"] as const satisfies readonly PresetId[]) {
      await withRig(id, {}, async (rig) => {
        const before = rig.snapshot();
        const servers: PtyServer[] = [await serveOnPty(rig.chip)];
        const current = (): string => (servers.at(-1) as PtyServer).port;
        const port: PortRef = { kind: "serial", path: current() };
        let away = false;
        const find = async (): Promise<PortRef | undefined> => {
          if (away) {
            // The old name must not be given away again before there is a new one.
            const next = await serveOnPty(rig.chip);
            rig.chip.powerOn();
            servers.push(next);
            away = false;
          }
          return { kind: "serial", path: current() };
        };
        const deps: SessionDeps = {
          ...rig.deps,
          open: openTransport,
          clock: systemClock,
          finder: { remember: () => Promise.resolve(find) },
        };
        let pulled: Promise<void> | undefined;
        const job = runJob(
          flashRequest(shortBuildFor(PRESETS[id]).crc, { full: true }),
          {},
          { session: { ...rig.sessionOptions, port }, deps, signal: never },
        );
        try {
          const outcome = await collect(job, (event) => {
            if (pulled || event.type !== "progress" || event.phase !== "write") return;
            away = true;
            pulled = servers[0]?.unplug();
            rig.chip.powerOff();
          });
          await pulled;
          assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
          assert.deepEqual(
            notes(outcome.events).filter((code) => code.startsWith("adapter")),
            ["adapter-lost", "adapter-back"],
          );
          assert.equal(servers.length, 2);
        } finally {
          for (const server of servers) await server.close();
        }
      });
    }
  });
});

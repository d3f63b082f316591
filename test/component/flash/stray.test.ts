import assert from "node:assert/strict";
import { alignDown, concat, readU32, u32 } from "../../../src/core/base/bytes";
import { remedyFor, type Transport } from "../../../src/core/index";
import { PRESETS, flipBits } from "../../../src/simulator/index";
import { shortBuildFor } from "./builds";
import { assertCarriedOut, failedWith, firstDifference, flashRequest, notes, resultOf, withSimulatedRig } from "./rig";
import { SECTOR } from "../../flashUnits";

/** Frames of commands that change flash, by their code: where in the frame the address is. */
const ADDRESS_AT = { writeFlash: [0x06, 8], writeFlash4k: [0x07, 8], eraseFlash: [0x0f, 9] } as const;

/** Changes the address of one frame on its way to the chip, as a damaged byte would. */
function astray(commands: readonly (keyof typeof ADDRESS_AT)[], from: number, to: number) {
  let once = false;
  return (transport: Transport): Transport => ({
    label: transport.label,
    can: transport.can,
    read: (timeoutMs, signal) => transport.read(timeoutMs, signal),
    async write(bytes, signal) {
      const sent = bytes.slice();
      for (const command of commands) {
        const [code, at] = ADDRESS_AT[command];
        // Erases of some loaders point inside their sector.
        const isIt = sent[7] === code && sent.length >= at + 4;
        if (once || !isIt || alignDown(readU32(sent, at), SECTOR) !== from) continue;
        once = true;
        sent.set(u32(to), at);
      }
      await transport.write(concat(sent), signal);
    },
    setBaudRate: (baud) => transport.setBaudRate(baud),
    setControlLines: (lines) => transport.setControlLines(lines),
    discardInput: () => transport.discardInput(),
    close: () => transport.close(),
  });
}

const WRITES = ["writeFlash", "writeFlash4k"] as const;

describe("a frame whose address is damaged on the way", () => {
  for (const id of ["bk7231t", "bk7231s", "bk7231n-zero"] as const) {
    const file = shortBuildFor(PRESETS[id]).crc;

    it(`${id}: a write outside the plan is told with its place, and what to do`, async () => {
      await withSimulatedRig(id, { wrap: astray(WRITES, 0x13000, 0x124080) }, async (rig) => {
        const outcome = await rig.run(flashRequest(file, { full: true }));
        const error = failedWith("stray-write", outcome);
        assert.deepEqual([error.context.address, error.context.length], [0x124000, 0x2000]);
        assert.match(remedyFor(error).steps[0] ?? "", /backup/);
        // The plan itself was carried out.
        assert.equal(firstDifference(file.bytes, rig.chip.flash.subarray(0x11000, 0x11000 + file.bytes.length)), -1);
      });
    });

    it(`${id}: an erase outside the plan is told`, async () => {
      await withSimulatedRig(id, { wrap: astray(["eraseFlash"], 0x13000, 0x1a7000) }, async (rig) => {
        rig.chip.flash.fill(0x55, 0x13000, 0x14000);
        const error = failedWith("stray-write", await rig.run(flashRequest(file, { full: true })));
        assert.deepEqual([error.context.address, error.context.length], [0x1a7000, 0x1000]);
      });
    });

    it(`${id}: an erase outside the plan is told when the job is stopped half way, too`, async () => {
      const stop = new AbortController();
      await withSimulatedRig(id, { wrap: astray(["eraseFlash"], 0x13000, 0x1a7000) }, async (rig) => {
        rig.chip.flash.fill(0x55, 0x13000, 0x14000);
        rig.chip.flash.fill(0x55, 0x1a7000, 0x1a8000);
        const outcome = await rig.run(flashRequest(file, { full: true }), stop.signal, (event) => {
          if (event.type === "phase-started" && event.phase === "write") stop.abort();
        });
        const error = failedWith("cancelled", outcome);
        assert.deepEqual([error.flash, error.outside], ["partly-written", "changed"]);
        assert.equal(rig.chip.flash[0x1a7000], 0xff);
        const steps = remedyFor(error).steps.join(" ");
        assert.match(steps, /outside the planned range was or may have been changed/);
        assert.doesNotMatch(steps, /Nothing outside/);
        assert.ok(notes(outcome.events).some((code) => code === "outside-changed" || code === "stray-possible"));
      });
    });

    it(`${id}: inside the plan it is found by the proof and put right, in what was skipped too`, async () => {
      await withSimulatedRig(id, { wrap: astray(WRITES, 0x16000, 0x12000) }, async (rig) => {
        rig.chip.flash.set(file.bytes.subarray(0, 0x4000), 0x11000);
        const before = rig.snapshot();
        const { plan, verified } = resultOf("flash", await rig.run(flashRequest(file)));
        assert.equal(verified, true);
        assertCarriedOut(plan, before, rig.chip.flash);
      });
    });

    it(`${id}: bytes of a person that it may have hit are proven also where nothing else is to be`, async () => {
      await withSimulatedRig(id, { wrap: astray(WRITES, 0x151000, 0x150000) }, async (rig) => {
        const before = rig.snapshot();
        rig.chip.flash.fill(0x3c, 0x150000, 0x152000);
        const settings = { name: "settings.bin", bytes: new Uint8Array(0x1800).fill(0xa5) };
        const outcome = await rig.run(flashRequest(settings, { at: 0x150064, verify: false }));
        assert.equal(resultOf("flash", outcome).verified, false);
        before.fill(0x3c, 0x150000, 0x152000);
        before.set(settings.bytes, 0x150064);
        assert.equal(firstDifference(before, rig.chip.flash), -1);
      });
    });
  }
});

/** As {@link astray}, and the answer to that frame is lost on its way back. */
function astrayUnheard(commands: readonly (keyof typeof ADDRESS_AT)[], from: number, to: number) {
  const harmed = astray(commands, from, to);
  return (transport: Transport): Transport => {
    let gone = -1;
    const line: Transport = {
      label: transport.label,
      can: transport.can,
      async read(timeoutMs, signal) {
        const bytes = await transport.read(timeoutMs, signal);
        if (gone !== 0 || bytes.length === 0) return bytes;
        gone = 1;
        return new Uint8Array(0);
      },
      async write(bytes, signal) {
        const isErase = bytes[7] === 0x0f && bytes.length === 13 && Buffer.from(bytes).indexOf(u32(to)) === 9;
        if (gone < 0 && isErase) gone = 0;
        await transport.write(bytes, signal);
      },
      setBaudRate: (baud) => transport.setBaudRate(baud),
      setControlLines: (lines) => transport.setControlLines(lines),
      discardInput: () => transport.discardInput(),
      close: () => transport.close(),
    };
    return harmed(line);
  };
}

const ERASES = ["eraseFlash"] as const;

describe("a frame whose address is damaged on the way, and whose answer is lost as well", () => {
  for (const id of ["bk7231t", "bk7231s", "bk7231n-zero"] as const)
    it(`${id}: inside the plan it is found by the proof, in what was skipped before too`, async () => {
      await withSimulatedRig(id, { wrap: astrayUnheard(ERASES, 0x16000, 0x12000) }, async (rig) => {
        const file = shortBuildFor(PRESETS[id]).crc;
        rig.chip.flash.set(file.bytes, 0x11000);
        rig.chip.flash.fill(0x33, 0x16000, 0x17000);
        const before = rig.snapshot();
        const { plan, verified, bytesSkipped } = resultOf("flash", await rig.run(flashRequest(file)));
        assert.equal(verified, true);
        if (id !== "bk7231s") assert.ok(bytesSkipped >= 0x4000);
        assertCarriedOut(plan, before, rig.chip.flash);
      });
    });

  it("boot code of a ROM chip: told by the CRC taken before, whatever the job", async () => {
    for (const full of [true, false]) {
      await withSimulatedRig("bk7231n-zero", { wrap: astrayUnheard(ERASES, 0x13000, 0x3000) }, async (rig) => {
        rig.chip.flash.fill(0x5a, 0x3000, 0x4000);
        const file = shortBuildFor(PRESETS["bk7231n-zero"]).crc;
        const error = failedWith("stray-write", await rig.run(flashRequest(file, { full })));
        assert.deepEqual([error.context.address, error.context.length], [0, 0x11000]);
        assert.equal(rig.chip.flash[0x3000], 0xff);
        assert.equal(firstDifference(file.bytes, rig.chip.flash.subarray(0x11000, 0x11000 + file.bytes.length)), -1);
      });
    }
  });

  it("boot code of a loader that may be asked for CRCs before: told as well", async () => {
    await withSimulatedRig("bk7252", { wrap: astrayUnheard(ERASES, 0x13000, 0x403000) }, async (rig) => {
      rig.chip.flash.fill(0x5a, 0x3000, 0x4000);
      const file = shortBuildFor(PRESETS.bk7252).crc;
      const error = failedWith("stray-write", await rig.run(flashRequest(file)));
      assert.deepEqual([error.context.address, error.context.length], [0, 0x11000]);
    });
  });

  it("boot code of a loader of which nothing could be asked before: told by its own sums", async () => {
    const file = shortBuildFor(PRESETS.bk7231s).crc;
    await withSimulatedRig("bk7231s", { wrap: astrayUnheard(WRITES, 0x13000, 0x201000) }, async (rig) => {
      const error = failedWith("stray-write", await rig.run(flashRequest(file, { full: true })));
      assert.equal(error.context.address, 0, "the block across the border is told with both of its sectors");
    });
  });

  it("boot code where a backup was made in the same job: told to the sector, and never as something less", async () => {
    for (const id of ["bk7231s", "bk7231n-zero"] as const) {
      for (const [to, at] of [
        [0x203000, 0x3000],
        [0x210000, 0x10000],
      ] as const) {
        await withSimulatedRig(id, { wrap: astrayUnheard(ERASES, 0x13000, to) }, async (rig) => {
          rig.chip.flash.fill(0x5a, at, at + 0x1000);
          const backUpFirst = {
            needed: () => Promise.resolve(true),
            resume: () => Promise.resolve(undefined),
            save: () => Promise.resolve(true),
          };
          const request = flashRequest(shortBuildFor(PRESETS[id]).crc, { full: true });
          const outcome = await rig.answering({ backUpFirst }).run(request);
          const error = failedWith("stray-write", outcome);
          assert.deepEqual([error.context.address, error.context.length, error.outside], [at, 0x1000, "changed"], id);
          assert.ok(!notes(outcome.events).includes("outside-changed"));
        });
      }
    }
  });

  it("calibration, on every kind of loader: told by its content", async () => {
    for (const id of ["bk7231t", "bk7231s", "bk7231q", "bk7231n"] as const) {
      const { calibrationAt } = PRESETS[id];
      await withSimulatedRig(id, { wrap: astrayUnheard(ERASES, 0x13000, calibrationAt) }, async (rig) => {
        const error = failedWith(
          "stray-write",
          await rig.run(flashRequest(shortBuildFor(PRESETS[id]).crc, { full: true })),
        );
        assert.deepEqual([error.context.address, error.context.length], [calibrationAt, 0x1000], id);
      });
    }
  });

  it("calibration next to the plan, on either side: told as well", async () => {
    const { calibrationAt } = PRESETS.bk7231n;
    for (const at of [calibrationAt - 0x1000, calibrationAt + 0x1000, calibrationAt + 0x8000]) {
      await withSimulatedRig("bk7231n", { wrap: astrayUnheard(ERASES, at, calibrationAt) }, async (rig) => {
        rig.chip.flash.fill(0x5a, at, at + 0x1000);
        const settings = { name: "settings.bin", bytes: new Uint8Array(0x1000).fill(0xa5) };
        const error = failedWith("stray-write", await rig.run(flashRequest(settings, { at, full: true })));
        assert.deepEqual([error.context.address, error.context.length], [calibrationAt, 0x1000]);
      });
    }
  });

  it("anywhere else: told where a backup was made in the same job", async () => {
    for (const id of ["bk7231s", "bk7231n"] as const) {
      await withSimulatedRig(id, { wrap: astrayUnheard(ERASES, 0x13000, 0x1a3000) }, async (rig) => {
        rig.chip.flash.fill(0x5a, 0x1a3000, 0x1a4000);
        const backUpFirst = {
          needed: () => Promise.resolve(true),
          resume: () => Promise.resolve(undefined),
          save: () => Promise.resolve(true),
        };
        const request = flashRequest(shortBuildFor(PRESETS[id]).crc, { full: true });
        const outcome = await rig.answering({ backUpFirst }).run(request);
        assert.equal(resultOf("flash", outcome).verified, true);
        const told = outcome.events.flatMap((event) =>
          event.type === "note" && event.code === "outside-changed" ? [event.context] : [],
        );
        assert.deepEqual(
          told.map(({ address, length }) => [address, length]),
          [[0x1a3000, 0x1000]],
          id,
        );
      });
    }
  });

  it("an ordinary lost answer condemns nobody", async () => {
    for (const id of ["bk7231t", "bk7231s", "bk7231n"] as const) {
      await withSimulatedRig(id, { wrap: astrayUnheard(ERASES, 0x13000, 0x13000) }, async (rig) => {
        const outcome = await rig.run(flashRequest(shortBuildFor(PRESETS[id]).crc, { full: true }));
        assert.equal(resultOf("flash", outcome).verified, true);
        assert.equal(notes(outcome.events).includes("retry"), true);
      });
    }
  });
});

describe("an erase of a blank sector that went to another blank place, or only said so", () => {
  it("is told as possible, and the job ends well", async () => {
    for (const id of ["bk7231t", "bk7231n"] as const) {
      await withSimulatedRig(id, { wrap: astray(ERASES, 0x13000, 0x1a7000) }, async (rig) => {
        rig.chip.flash.fill(0xff, 0x13000, 0x14000);
        rig.chip.flash.fill(0xff, 0x1a7000, 0x1a8000);
        const outcome = await rig.run(flashRequest(shortBuildFor(PRESETS[id]).crc, { full: true }));
        assert.equal(resultOf("flash", outcome).verified, true);
        const told = outcome.events.flatMap((event) =>
          event.type === "note" && event.code === "stray-possible" ? [event.context.address] : [],
        );
        assert.deepEqual(told, [0x1a7000], id);
      });
    }
  });
});

describe("reading a range", () => {
  for (const id of ["bk7231t", "bk7231s", "bk7231n"] as const) {
    it(`${id}: a byte damaged on the way is read again`, async () => {
      let chipBytes = 0;
      await withSimulatedRig(id, { behaviours: [{ onChipByte: (byte) => (chipBytes++, [byte]) }] }, async (rig) => {
        resultOf("read", await rig.run({ kind: "read", start: 0x11000, length: 0x3000 }));
      });
      // Somewhere in the first reading of the range, whatever proves it afterwards.
      const harmed = [0x7000, 0x6000, 0x5000, 0x4000].map((back) => flipBits("from-chip", chipBytes - back));
      for (const behaviour of harmed) {
        await withSimulatedRig(id, { behaviours: [behaviour] }, async (rig) => {
          const outcome = await rig.run({ kind: "read", start: 0x11000, length: 0x3000 });
          const { data } = resultOf("read", outcome);
          assert.equal(firstDifference(data, rig.chip.flash.subarray(0x11000, 0x14000)), -1);
          assert.equal(
            notes(outcome.events).every((code) => code !== "unprotected"),
            true,
          );
        });
      }
    });
  }
});

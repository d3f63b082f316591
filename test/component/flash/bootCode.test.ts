import assert from "node:assert/strict";
import fc from "fast-check";
import {
  buildManifest,
  remedyFor,
  type BootloaderConsent,
  type BootloaderQuestion,
  type JobRequest,
  type Transport,
} from "../../../src/core/index";
import { PRESETS } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { shortBuildFor } from "./builds";
import {
  assertUntouched,
  failedWith,
  firstDifference,
  flashRequest,
  resultOf,
  withSimulatedRig,
  type Outcome,
  type Rig,
} from "./rig";

const BOOTLOADER_END = 0x11000;
const WHERE = { verify: true, reboot: false, dryRun: false } as const;

/** Somebody who types this, and a place for copies. */
class Person implements BootloaderConsent {
  readonly asked: BootloaderQuestion[] = [];
  readonly saved: Uint8Array[] = [];

  constructor(
    private readonly types: string | undefined,
    private readonly offered = false,
    /** What the disk makes of the copy. */
    private readonly keeps: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes.slice(),
  ) {}

  /** What a request says of the boot code. */
  get allowed(): "wanted" | "offered" {
    return this.offered ? "offered" : "wanted";
  }

  confirm(question: BootloaderQuestion): Promise<string | undefined> {
    this.asked.push(question);
    return Promise.resolve(this.types);
  }

  save(bytes: Uint8Array): Promise<Uint8Array> {
    this.saved.push(bytes.slice());
    return Promise.resolve(this.keeps(bytes));
  }
}

async function backedUp(rig: Rig) {
  const { data, chip } = resultOf("backup", await rig.run({ kind: "backup" }));
  return { file: { name: "dump.bin", bytes: data }, manifest: buildManifest(chip, data, "1", new Date(0)) };
}

/** Lowest physical address that an erase or write frame reaches, by the frame alone. */
function lowestChange(frame: Uint8Array, flashSize: number): number | undefined {
  const [short, code] = [frame[3] !== 0xff, frame[7]];
  if (short || code === undefined) return undefined;
  const word = (at: number): number => Buffer.from(frame).readUInt32LE(at) % flashSize;
  if (code === 0x06 || code === 0x07) return word(8);
  if (code === 0x0b) return word(8);
  return code === 0x0f ? word(9) : undefined;
}

/** Calls `sees` with each frame on its way to the chip. */
function watching(sees: (frame: Uint8Array) => void) {
  return (transport: Transport): Transport =>
    new Proxy(transport, {
      get(target, name) {
        if (name === "write")
          return (bytes: Uint8Array, signal: AbortSignal) => {
            if (bytes[0] === 0x01 && bytes[1] === 0xe0) sees(bytes);
            return target.write(bytes, signal);
          };
        const value = Reflect.get(target, name) as unknown;
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
}

describe("boot code", () => {
  it("is restored with a stored copy and the chip's name, and only then", async () => {
    await withSimulatedRig("bk7231n", {}, async (rig) => {
      const { file, manifest } = await backedUp(rig);
      rig.chip.flash.fill(0xff, 0x2000, 0x3000);
      const before = rig.snapshot();
      const run = (bootloader: Person): Promise<Outcome> =>
        rig
          .answering({ bootloader })
          .run({ kind: "restore", file, manifest, ...WHERE, bootloader: bootloader.allowed });
      for (const typed of ["", "BK7231T", "bk7231n", "yes"]) {
        rig.forget();
        const wrong = new Person(typed);
        const error = failedWith("bootloader-not-confirmed", await run(wrong));
        assert.equal(error.flash, "untouched");
        assert.match(remedyFor(error).steps[0] ?? "", /type the name/);
        assert.deepEqual(wrong.saved, []);
        assertUntouched(rig, before);
      }
      const forgetful = new Person("BK7231N", false, (bytes) => bytes.subarray(0, 0x1000));
      failedWith("backup-damaged", await run(forgetful));
      assertUntouched(rig, before);

      const right = new Person("BK7231N");
      resultOf("restore", await run(right));
      assert.deepEqual(
        right.asked.map(({ name }) => name),
        ["BK7231N"],
      );
      assert.equal(right.saved[0]?.length, BOOTLOADER_END);
      assert.equal(right.saved[0]?.[0x2000], 0xff);
      assert.equal(firstDifference(file.bytes, rig.chip.flash), -1);
    });
  });

  it("is never written where it is all that answers, and the words say what a mistake would take", async () => {
    await withSimulatedRig("bk7231t", {}, async (rig) => {
      const { file, manifest } = await backedUp(rig);
      const before = rig.snapshot();
      rig.forget();
      const person = new Person("BK7231T");
      const restore: JobRequest = { kind: "restore", file, manifest, ...WHERE, bootloader: "wanted" };
      const flash = flashRequest({ name: "data.bin", bytes: noise(1, 64) }, { at: 0x10000, bootloader: "wanted" });
      for (const request of [restore, flash]) {
        const error = failedWith("plan-touches-bootloader", await rig.answering({ bootloader: person }).run(request));
        assert.match(remedyFor(error).steps.join(" "), /desoldering/);
        assertUntouched(rig, before);
      }
      assert.deepEqual(person.asked, []);
    });
  });

  it("is offered for a restore where it differs and can be written; elsewhere it stays without a word", async () => {
    await withSimulatedRig("bk7231n", {}, async (rig) => {
      const { file, manifest } = await backedUp(rig);
      const request = { kind: "restore", file, manifest, ...WHERE, bootloader: "offered" } as const;
      const run = (bootloader: Person): Promise<Outcome> => rig.answering({ bootloader }).run(request);
      const same = new Person("BK7231N");
      resultOf("restore", await run(same));
      assert.deepEqual([same.asked, same.saved], [[], []]);

      // Half of it gone, as after a restore that was interrupted: it begins as it should.
      rig.chip.flash.fill(0x00, 0x8000, BOOTLOADER_END);
      const half = new Person(undefined);
      resultOf("restore", await run(half));
      assert.equal(half.asked.length, 1);

      // A chip that was erased altogether: its ROM still answers, and without boot code nothing would start.
      rig.chip.flash.fill(0xff, 0, BOOTLOADER_END);
      const no = new Person(undefined);
      failedWith("plan-would-not-start", await run(no));
      resultOf(
        "restore",
        await rig.answering({ bootloader: new Person(undefined) }).run({ ...request, evenIfItCannotStart: true }),
      );
      assert.deepEqual(
        no.asked.map(({ differs }) => differs),
        [true],
      );
      assert.equal(
        rig.chip.flash.subarray(0, BOOTLOADER_END).every((byte) => byte === 0xff),
        true,
      );
      resultOf("restore", await run(new Person("BK7231N")));
      assert.equal(firstDifference(file.bytes, rig.chip.flash), -1);
    });
    await withSimulatedRig("bk7231t", {}, async (rig) => {
      const { file, manifest } = await backedUp(rig);
      const offered = new Person("BK7231T");
      resultOf(
        "restore",
        await rig
          .answering({ bootloader: offered })
          .run({ kind: "restore", file, manifest, ...WHERE, bootloader: "offered" }),
      );
      assert.deepEqual(offered.asked, []);
    });
  });

  it("of a flash job: a dry run asks nobody, no answer ends it as cancelled", async () => {
    await withSimulatedRig("bk7231n-zero", {}, async (rig) => {
      const before = rig.snapshot();
      const file = { name: "data.bin", bytes: noise(2, 100) };
      const person = new Person(undefined);
      const request = (more: object): JobRequest => flashRequest(file, { at: 0x3000, bootloader: "wanted", ...more });
      const dry = resultOf("flash", await rig.answering({ bootloader: person }).run(request({ dryRun: true })));
      assert.deepEqual(dry.plan.sectors, [{ start: 0x3000, end: 0x4000 }]);
      assert.deepEqual(person.asked, []);
      failedWith("cancelled", await rig.answering({ bootloader: person }).run(request({})));
      failedWith("bootloader-not-confirmed", await rig.run(request({})));
      failedWith("plan-touches-bootloader", await rig.run(flashRequest(file, { at: 0x3000 })));
      assertUntouched(rig, before);
      const yes = new Person("BK7231M");
      resultOf("flash", await rig.answering({ bootloader: yes }).run(request({})));
      before.set(file.bytes, 0x3000);
      assert.equal(firstDifference(before, rig.chip.flash), -1);
    });
  });

  it("no erase and no write below 0x11000 leaves without the token, whatever is asked of whatever chip", async () => {
    const presets = ["bk7231n-zero", "bk7231n-zero", "bk7231t", "bk7231s", "bk7238", "bk7238"] as const;
    const person = fc.record({
      typed: fc.constantFrom(undefined, "", "BK7231T", ...Array<string>(5).fill("its name")),
      offered: fc.boolean(),
      keeps: fc.constantFrom(true, true, true, false),
    });
    const asked = fc.record({
      id: fc.constantFrom(...presets),
      at: fc.constantFrom(0, 0x1000, 0x10000, 0x10fe0, 0x11000, 0x12345),
      length: fc.integer({ min: 1, max: 0x2800 }),
      kind: fc.constantFrom(...(["flash", "flash", "flash", "erase", "build"] as const)),
      person: fc.option(person, { nil: undefined }),
    });
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(asked, async ({ id, at, length, kind, person: who }) => {
        let lowest = Infinity;
        const sees = (frame: Uint8Array): void => {
          lowest = Math.min(lowest, lowestChange(frame, 0x200000) ?? Infinity);
        };
        await withSimulatedRig(id, { wrap: watching(sees) }, async (rig) => {
          const keeps = (bytes: Uint8Array): Uint8Array => (who?.keeps === true ? bytes.slice() : bytes.subarray(1));
          const lifeline = PRESETS[id].answers.kind !== "rom";
          const name = id === "bk7231n-zero" ? "BK7231M" : PRESETS[id].id.toUpperCase();
          const typed = who?.typed === "its name" ? name : who?.typed;
          const consent = who && new Person(typed, who.offered, keeps);
          const bootloader = consent && { bootloader: consent.allowed };
          const request: JobRequest =
            kind === "erase"
              ? { kind, start: at - (at % 0x1000), length: 0x1000 + length - (length % 0x1000), dryRun: false }
              : kind === "build"
                ? flashRequest(shortBuildFor(PRESETS[id]).crc, { ...bootloader })
                : flashRequest({ name: "data.bin", bytes: noise(at + length, length) }, { at, ...bootloader });
          const token = kind === "flash" && !lifeline && typed === name && who?.keeps === true;
          await rig.answering(consent ? { bootloader: consent } : {}).run(request);
          if (token && at < BOOTLOADER_END) passed++;
          assert.equal(lowest >= BOOTLOADER_END || token, true, `${lowest.toString(16)} ${JSON.stringify(who)}`);
          if (lowest < BOOTLOADER_END) assert.equal(consent?.saved.length, 1);
        });
      }),
      {
        numRuns: 40,
        // At least once with all that it takes.
        examples: [
          [
            {
              id: "bk7238",
              at: 0x10fe0,
              length: 100,
              kind: "flash",
              person: { typed: "its name", offered: false, keeps: true },
            },
          ],
        ],
      },
    );
    assert.equal(passed > 0, true);
  });
});

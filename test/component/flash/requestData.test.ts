/** A request is data: nothing in it can be called, it goes through JSON, and what comes back asks for the same. */
import assert from "node:assert/strict";
import { buildManifest, type JobHooks, type JobKind, type JobRequest, type Words } from "../../../src/core/index";
import { PRESETS } from "../../../src/simulator/index";
import { shortBuildFor } from "./builds";
import { firstDifference, resultOf, withSimulatedRig } from "./rig";

/** What of `T` is neither what JSON knows nor bytes; a text holds texts, and is one. */
type NoData<T> = T extends Uint8Array | Words | string | number | boolean | null | undefined
  ? never
  : T extends (...args: never) => unknown
    ? T
    : T extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | Date | Promise<unknown> | bigint | symbol
      ? T
      : T extends readonly (infer U)[]
        ? NoData<U>
        : { [K in keyof T]-?: NoData<T[K]> }[keyof T];

type IsData<T> = [NoData<T>] extends [never] ? true : false;

// Held by the compiler; hooks show that it would see a function.
const requestsAreData: IsData<JobRequest> = true;
const hooksAreData: IsData<JobHooks> = false;

const BYTES = "base64";

function toJson(request: JobRequest): string {
  return JSON.stringify(request, (_key, value: unknown) =>
    value instanceof Uint8Array ? { [BYTES]: Buffer.from(value).toString(BYTES) } : value,
  );
}

function fromJson(text: string): JobRequest {
  return JSON.parse(text, (_key, value: unknown) => {
    const isBytes = typeof value === "object" && value !== null && BYTES in value && typeof value[BYTES] === "string";
    return isBytes ? new Uint8Array(Buffer.from(value[BYTES] as string, BYTES)) : value;
  }) as JobRequest;
}

describe("a request", () => {
  it("of every kind is the same after it was JSON, and a job runs by it as by the first", async () => {
    assert.deepEqual([requestsAreData, hooksAreData], [true, false]);
    const { crc, uf2 } = shortBuildFor(PRESETS.bk7231n);
    await withSimulatedRig("bk7231n", {}, async (rig) => {
      const { data, chip } = resultOf("backup", await rig.run({ kind: "backup" }));
      const manifest = buildManifest(chip, data, "1.0.0", new Date(0));
      const where = { verify: true, reboot: false, dryRun: false, evenIfChipUnknown: true } as const;
      const offered = { ...where, bootloader: "offered" } as const;
      const every: { readonly [K in JobKind]: Extract<JobRequest, { readonly kind: K }> } = {
        info: { kind: "info" },
        read: { kind: "read", start: 0x11000, length: "all" },
        backup: { kind: "backup" },
        flash: { kind: "flash", file: { ...(uf2 ?? crc), beside: ["other.rbl"] }, full: true, rekey: true, ...offered },
        verify: { kind: "verify", file: crc },
        restore: {
          kind: "restore",
          file: { name: "dump.bin", bytes: data },
          manifest,
          keepCalibration: true,
          ...where,
        },
        erase: { kind: "erase", start: 0x1a0000, length: 0x1000, dryRun: false },
        reboot: { kind: "reboot" },
      };
      for (const request of Object.values(every)) assert.deepEqual(fromJson(toJson(request)), request);
      const first = resultOf("flash", await rig.run(every.flash));
      const flashed = rig.snapshot();
      rig.chip.flash.set(data);
      const second = resultOf("flash", await rig.run(fromJson(toJson(every.flash))));
      assert.deepEqual(second, first);
      assert.equal(firstDifference(flashed, rig.chip.flash), -1);
      assert.notEqual(firstDifference(flashed, data), -1);
    });
  });
});

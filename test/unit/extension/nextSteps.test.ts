/** Which wire has the log after a job, by what is known of this very device. */
import assert from "node:assert/strict";
import { english } from "../../../src/core/base/words";
import type { JobResult } from "../../../src/core/index";
import type { JobSpec } from "../../../src/extension/jobs/jobSpec";
import { NextSteps } from "../../../src/extension/jobs/nextSteps";
import { newJob } from "../../../src/shared/jobState";
import { inBlocks } from "../../../src/simulator/flash/codeInFlash";

const PORT = {
  id: "p",
  ref: { kind: "serial", path: "p" },
  kind: "extra",
  label: "p",
  facts: [],
  isUsb: true,
} as const;
const STATE = newJob({ id: "1", kind: "flash", title: "t", port: { id: "p", label: "p", practice: false } }, 0);
const MOVED = { openBekenLog: { settings: { saidBy: "openbeken", uart: 1 }, runs: false } } as never;

/** After a flash of a firmware with this text in it. */
async function saidAfter(text: string): Promise<string> {
  const next = new NextSteps(() => Promise.resolve(MOVED));
  const code = new Uint8Array(0x1000);
  code.set(new TextEncoder().encode(`\0${text}\0`), 0x100);
  const segments = [{ address: 0x11000, data: inBlocks(code), from: { template: "application", values: [] } }];
  const image = { format: "crc-app", segments, key: { kind: "zero", coefficients: [0, 0, 0, 0] } };
  const result = { kind: "flash", dryRun: false, chip: { mac: "m" }, image } as unknown as JobResult;
  const spec = { port: PORT, request: { kind: "flash" }, logSettings: () => Promise.resolve({}) } as unknown as JobSpec;
  await next.after(spec, STATE, result);
  return (next.logWireOn("p")?.words ?? []).map(english).join(" ");
}

describe("the wire with the log after a flash", () => {
  it("is OpenBeken's by the settings in the newest backup, which the flash leaves as they are", async () => {
    assert.match(await saidAfter("OpenBK7231T, version 1.18.300"), /TX1 \(P11\).*logPort 1/);
  });

  it("is the build's of every other firmware, whatever settings lie beside it", async () => {
    assert.match(await saidAfter("ESPHome version 2026.8.0"), /TX2 \(P0\)/);
  });
});

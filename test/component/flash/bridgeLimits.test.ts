/** A job that fails behind a bridge of known limits says them. */
import assert from "node:assert/strict";
import { parsePort, remedyFor, runJob } from "../../../src/core/index";
import { Rig, collect, failedWith, never } from "./rig";

describe("a job behind a bridge", () => {
  for (const [name, said] of [
    ["tcp://bulb.local:6638", /ESPHome's stream server.*8192/],
    ["tcp://bulb.local:4000", undefined],
  ] as const)
    it(`at ${name} fails ${said === undefined ? "as anywhere" : "with the limits of that bridge first"}`, async () => {
      const rig = new Rig("bk7231t", { simulated: true, linkTimeoutMs: 500 });
      rig.chip.powerOff();
      const session = { ...rig.sessionOptions, port: parsePort(name) };
      const error = failedWith(
        "no-link-silence",
        await collect(runJob({ kind: "info" }, {}, { session, deps: rig.deps, signal: never })),
      );
      const [first = ""] = remedyFor(error).steps;
      if (said === undefined) assert.doesNotMatch(first, /ESPHome/);
      else assert.match(first, said);
      rig.dispose();
    });
});

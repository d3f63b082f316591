import assert from "node:assert/strict";
import { thisMachine } from "../../../src/cli/jobs/machine";
import type { Output } from "../../../src/cli/terminal/output";
import { runCommandJob } from "../../../src/cli/jobs/jobRunner";
import { FileError, silentLog } from "../../../src/core/index";
import { createChip, serveOnTcp } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";

const MUTE: Output = {
  log: silentLog,
  isInteractive: false,
  event: () => undefined,
  facts: () => undefined,
  news: () => undefined,
  result: () => undefined,
  failure: () => undefined,
  usage: () => undefined,
};

function connections(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
}

describe("what a command stores while its job runs", () => {
  it("ends the job when it cannot be stored, also with answers under way, and lets go of the port", async () => {
    const chip = createChip("bk7231n", { pace: "none", person: "auto" });
    // Content all along: sectors are asked for many at once.
    chip.flash.set(noise(3, 0x60000), 0x11000);
    const server = await serveOnTcp(chip);
    const before = connections();
    const options = {
      port: `tcp://127.0.0.1:${server.port}`,
      baud: "auto",
      linkTimeout: 20,
      reset: true,
      machine: thisMachine,
    } as const;
    const full = new FileError("file-access", "write dump.bin.part", { detail: "no space left on device" });
    let blocks = 0;
    const store = (event: { readonly type: string }): Promise<void> =>
      event.type === "block" && ++blocks === 4 ? Promise.reject(full) : Promise.resolve();
    try {
      await assert.rejects(runCommandJob({ kind: "backup" }, {}, options, MUTE, store), full);
      while (connections() > before) await new Promise((resolve) => setImmediate(resolve));
    } finally {
      await server.close();
    }
  });
});

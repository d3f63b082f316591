import assert from "node:assert/strict";
import type { Output } from "../../../src/cli/output";
import { inOneSession } from "../../../src/cli/session";
import { FileError, silentLog } from "../../../src/core/index";
import { createChip, serveOnPty, serveOnTcp } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/noise";
import { hasPtys } from "../flash/rig";

const MUTE: Output = {
  log: silentLog,
  event: () => undefined,
  facts: () => undefined,
  result: () => undefined,
  failure: () => undefined,
  usage: () => undefined,
};

describe("what a command stores while its job runs", () => {
  it("ends the job, and the command, when it cannot be stored, also with answers under way", async () => {
    const chip = createChip("bk7231n", { pace: "none", person: "auto" });
    // Content all along: sectors are asked for many at once.
    chip.flash.set(noise(3, 0x60000), 0x11000);
    let blocks = 0;
    // Only a line with a speed is given back at its start speed, for which the job must have let go of it.
    const server = hasPtys ? await serveOnPty(chip) : await serveOnTcp(chip);
    const port = typeof server.port === "string" ? server.port : `tcp://127.0.0.1:${server.port}`;
    const options = { port, baud: "auto", linkTimeout: 20, reset: true } as const;
    const full = new FileError("file-access", "write dump.bin.part", { detail: "no space left on device" });
    const store = (event: { readonly type: string }): Promise<void> =>
      event.type === "block" && ++blocks === 4 ? Promise.reject(full) : Promise.resolve();
    try {
      const backup = inOneSession(options, MUTE, (run) => run({ kind: "backup" }, MUTE, store));
      await assert.rejects(backup, full);
      assert.equal(chip.state, "linked");
    } finally {
      await server.close();
    }
  });
});

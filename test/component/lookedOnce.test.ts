/** A file is looked at once, from the click or the command to the plan. Counted by the engine that runs it. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { fileAlone, runInSession, silentLog, type FirmwareImage, type NamedFile } from "../../src/core/index";
import { flash, restore } from "../../src/cli/commands/writeCommands";
import { verify } from "../../src/cli/commands/deviceCommands";
import { thisMachine } from "../../src/cli/jobs/machine";
import type { Output } from "../../src/cli/terminal/output";
import { placeFile } from "../../src/extension/commands/placeFile";
import { rekeyedSpec } from "../../src/extension/jobs/rekeyedJob";
import { PRESETS, createChip, serveOnTcp, type TcpServer } from "../../src/simulator/index";
import { shortBuildFor } from "./flash/builds";
import { collect, failedWith, never, resultOf, withSimulatedRig } from "./flash/rig";

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

/** How often a function of this name is called while `work` runs. */
async function callsOf(name: string, work: () => Promise<unknown>): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    await work();
    const { result } = await session.post("Profiler.takePreciseCoverage");
    const own = result.flatMap(({ functions }) => functions).filter(({ functionName }) => functionName === name);
    return own.reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0);
  } finally {
    session.disconnect();
  }
}

const looks = (work: () => Promise<unknown>): Promise<number> => callsOf("detectImage", work);

const { crc, rbl } = shortBuildFor(PRESETS.bk7231n);
const refuses = (image: FirmwareImage): Promise<undefined> => assert.fail(String(image.refusal?.code));
const noAddress = (): Promise<undefined> => Promise.resolve(undefined);

describe("a file is looked at once", () => {
  describe("by the command line", () => {
    let folder = "";
    let server: TcpServer;
    const before = process.env["XDG_STATE_HOME"];
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), "beken-once-"));
      process.env["XDG_STATE_HOME"] = folder;
      server = await serveOnTcp(createChip("bk7231n", { pace: "none", person: "auto" }));
    });
    afterEach(async () => {
      await server.close();
      if (before === undefined) delete process.env["XDG_STATE_HOME"];
      else process.env["XDG_STATE_HOME"] = before;
      rmSync(folder, { recursive: true, force: true });
    });

    const options = () =>
      ({
        port: `tcp://127.0.0.1:${server.port}`,
        baud: "auto",
        linkTimeout: 20,
        reset: true,
        verify: true,
        check: false,
        reboot: false,
        backup: false,
        dryRun: true,
        machine: thisMachine,
      }) as const;
    const onDisk = ({ name, bytes }: NamedFile): string => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return path;
    };

    it("which flashes it", async () => {
      const path = onDisk(crc);
      assert.equal(await looks(() => flash(path, options(), MUTE)), 1);
    });

    it("which flashes it out of an archive, where each file is looked at once", async () => {
      const zip = zipSync({ [rbl.name]: rbl.bytes, "readme.txt": new TextEncoder().encode("read me") });
      const path = onDisk({ name: "build.zip", bytes: zip });
      assert.equal(await looks(() => flash(path, options(), MUTE)), 2);
    });

    it("which compares the chip with it, and restores it", async () => {
      const chip = createChip("bk7231n", { pace: "none" });
      const path = onDisk({ name: "backup.bin", bytes: chip.flash.slice() });
      chip.dispose();
      assert.equal(await looks(() => verify(path, options(), MUTE)), 1);
      assert.equal(await looks(() => restore(path, options(), MUTE)), 1);
    });
  });

  it("by the editor, from the click to the end of the job, and to the question whether it can be re-encrypted", async () => {
    await withSimulatedRig("bk7231n-zero", {}, async (rig) => {
      const session = await rig.openSession();
      const { chip } = resultOf("info", await rig.inSession(session, { kind: "info" }));
      const count = await looks(async () => {
        const placed = await placeFile({ ...rbl, beside: [crc.name] }, noAddress, refuses);
        assert.ok(placed);
        const where = { verify: true, reboot: false, dryRun: false } as const;
        const request = { kind: "flash", file: fileAlone(placed.file), ...placed.where, ...where } as const;
        failedWith("image-wrong-key", await collect(runInSession(session, request, {}, never)));
        const port = {
          id: "p",
          label: "p",
          facts: [],
          kind: "adapter",
          isUsb: true,
          ref: rig.sessionOptions.port,
        } as const;
        const again = rekeyedSpec({ port, title: "", request }, chip, "image-wrong-key");
        assert.ok(again);
        resultOf("flash", await collect(runInSession(session, again.request, {}, never)));
      });
      assert.equal(count, 1);
      await session.close();
    });
  });

  it("unless an address is given afterwards, or its bytes are others by then", async () => {
    const data = { name: "data.bin", bytes: new Uint8Array(100).fill(7) };
    const address = (): Promise<number> => Promise.resolve(0x1e1000);
    assert.equal(await looks(() => placeFile(data, address, refuses)), 2);
    await withSimulatedRig("bk7231n", {}, async (rig) => {
      const placed = await placeFile(data, address, refuses);
      assert.ok(placed);
      const bytes = new Uint8Array(100).fill(8);
      const file = { ...placed.file, bytes };
      const where = { ...placed.where, verify: true, reboot: false, dryRun: false } as const;
      resultOf("flash", await rig.run({ kind: "flash", file, ...where }));
      assert.deepEqual(
        rig.chip.flash.slice(0x1e1000, 0x1e1000 + 100),
        bytes,
        "what was known of others counts for nothing",
      );
      const elsewhere = { ...where, at: 0x1e2000 };
      resultOf("flash", await rig.run({ kind: "flash", file: placed.file, ...elsewhere }));
      assert.deepEqual(rig.chip.flash.slice(0x1e2000, 0x1e2000 + 100), data.bytes, "nor for another address");
    });
  });
});

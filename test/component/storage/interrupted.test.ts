import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forgetJob, interruptedId, interruptedJobs, rememberJob } from "../../../src/storage/interrupted";
import { runningPrograms } from "../../../src/storage/runningPrograms";
import { nodeFiles } from "../../../src/storage/nodeFileSystem";

describe("records of interrupted jobs", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "beken-interrupted-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const remember = async (name: string, more: object = {}): Promise<string> => {
    const journal = join(folder, `${name}.journal`);
    writeFileSync(journal, "x");
    await rememberJob(nodeFiles, folder, {
      kind: "flash",
      journal,
      title: `Flash ${name}`,
      portId: "/dev/ttyUSB0",
      portLabel: "/dev/ttyUSB0",
      chip: null,
      file: `file:///${name}`,
      at: null,
      rekey: false,
      replaceCalibration: false,
      workspace: null,
      startedAt: 1,
      pid: process.pid,
      ...more,
    });
    return journal;
  };

  it("are there as long as their journal is, newest first, one for each journal", async () => {
    const first = await remember("a.rbl", { startedAt: 1 });
    await remember("b.rbl", { startedAt: 5 });
    await remember("a.rbl", { startedAt: 9, at: 0x11000 });
    const { jobs } = await interruptedJobs(nodeFiles, folder, runningPrograms);
    assert.deepEqual(
      jobs.map(({ title, at }) => [title, at]),
      [
        ["Flash a.rbl", 0x11000],
        ["Flash b.rbl", null],
      ],
    );
    rmSync(first);
    assert.deepEqual(
      (await interruptedJobs(nodeFiles, folder, runningPrograms)).jobs.map(({ title }) => title),
      ["Flash b.rbl"],
    );
    assert.equal(readdirSync(folder).filter((name) => name.endsWith(".json")).length, 1, "tidied away");
  });

  it("dismissed are not offered, and their journal stays", async () => {
    const journal = await remember("a.rbl");
    await forgetJob(nodeFiles, folder, interruptedId(journal));
    assert.deepEqual((await interruptedJobs(nodeFiles, folder, runningPrograms)).jobs, []);
    assert.equal(existsSync(journal), true);
  });

  it("that another window is at work on are left to it until its process is gone or idle", async () => {
    const other = spawn(process.execPath, ["-e", "process.stdin.resume()"]);
    const journal = await remember("a.rbl", { pid: other.pid });
    assert.deepEqual(await interruptedJobs(nodeFiles, folder, runningPrograms), { jobs: [], busyElsewhere: true });
    const old = Date.now() / 1000 - 3600;
    utimesSync(journal, old, old);
    assert.equal(
      (await interruptedJobs(nodeFiles, folder, runningPrograms)).jobs.length,
      1,
      "its number may be another program's by now",
    );
    utimesSync(journal, Date.now() / 1000, Date.now() / 1000);
    other.kill("SIGKILL");
    await once(other, "exit");
    const { jobs, busyElsewhere } = await interruptedJobs(nodeFiles, folder, runningPrograms);
    assert.deepEqual([jobs.length, busyElsewhere], [1, false]);
  });

  it("that are damaged, of another kind or of no use are never believed", async () => {
    assert.deepEqual(await interruptedJobs(nodeFiles, join(folder, "none"), runningPrograms), {
      jobs: [],
      busyElsewhere: false,
    });
    await remember("a.rbl", { kind: "erase" });
    await remember("b.rbl", { startedAt: "today" });
    await remember("c.rbl", { portId: "" });
    await remember("d.rbl", { at: 1.5 });
    for (const [i, text] of ["", "{", "[]", "null", "7"].entries())
      writeFileSync(join(folder, `job-0000000${i}.json`), text);
    assert.deepEqual((await interruptedJobs(nodeFiles, folder, runningPrograms)).jobs, []);
  });
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { forgetJob, interruptedId, interruptedJobs, rememberJob } from "../../../src/storage/interrupted";
import { runningPrograms } from "../../../src/storage/runningPrograms";
import { onBothFileSystems, type Place } from "./places";

onBothFileSystems("records of interrupted jobs", (make) => {
  let place: Place;
  beforeEach(() => {
    place = make();
  });
  afterEach(() => place.dispose());

  const remember = async (name: string, more: object = {}): Promise<string> => {
    const journal = place.put(`${name}.journal`, "x");
    await rememberJob(place.files, place.folder, {
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
    const { jobs } = await interruptedJobs(place.files, place.folder, runningPrograms);
    assert.deepEqual(
      jobs.map(({ title, at }) => [title, at]),
      [
        ["Flash a.rbl", 0x11000],
        ["Flash b.rbl", null],
      ],
    );
    await place.files.remove(first);
    assert.deepEqual(
      (await interruptedJobs(place.files, place.folder, runningPrograms)).jobs.map(({ title }) => title),
      ["Flash b.rbl"],
    );
    assert.equal(place.names().filter((name) => name.endsWith(".json")).length, 1, "tidied away");
  });

  it("dismissed are not offered, and their journal stays", async () => {
    const journal = await remember("a.rbl");
    await forgetJob(place.files, place.folder, interruptedId(journal));
    assert.deepEqual((await interruptedJobs(place.files, place.folder, runningPrograms)).jobs, []);
    assert.equal((await place.files.stat(journal)).kind, "file");
  });

  it("that another window is at work on are left to it until its process is gone or idle", async () => {
    const other = spawn(process.execPath, ["-e", "process.stdin.resume()"]);
    await remember("a.rbl", { pid: other.pid });
    assert.deepEqual(await interruptedJobs(place.files, place.folder, runningPrograms), {
      jobs: [],
      busyElsewhere: true,
    });
    place.put("a.rbl.journal", "x", new Date(Date.now() - 3_600_000));
    assert.equal(
      (await interruptedJobs(place.files, place.folder, runningPrograms)).jobs.length,
      1,
      "its number may be another program's by now",
    );
    place.put("a.rbl.journal", "x");
    other.kill("SIGKILL");
    await once(other, "exit");
    const { jobs, busyElsewhere } = await interruptedJobs(place.files, place.folder, runningPrograms);
    assert.deepEqual([jobs.length, busyElsewhere], [1, false]);
  });

  it("that are damaged, of another kind or of no use are never believed", async () => {
    assert.deepEqual(await interruptedJobs(place.files, place.files.join(place.folder, "none"), runningPrograms), {
      jobs: [],
      busyElsewhere: false,
    });
    await remember("a.rbl", { kind: "erase" });
    await remember("b.rbl", { startedAt: "today" });
    await remember("c.rbl", { portId: "" });
    await remember("d.rbl", { at: 1.5 });
    for (const [i, text] of ["", "{", "[]", "null", "7"].entries()) place.put(`job-0000000${i}.json`, text);
    assert.deepEqual((await interruptedJobs(place.files, place.folder, runningPrograms)).jobs, []);
  });
});

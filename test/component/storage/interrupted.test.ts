import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { forgetJob, interruptedId, interruptedJobs, rememberJob } from "../../../src/storage/interrupted";
import { runningPrograms } from "../../../src/storage/nodeFileSystem";
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
      request: { kind: "flash" },
      journal,
      title: `Flash ${name}`,
      portId: "/dev/ttyUSB0",
      portLabel: "/dev/ttyUSB0",
      chip: null,
      file: `file:///${name}`,
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
    await remember("a.rbl", { startedAt: 9, request: { kind: "flash", at: 0x11000, rekey: true, verify: false } });
    const { jobs } = await interruptedJobs(place.files, place.folder, runningPrograms);
    assert.deepEqual(
      jobs.map(({ title, request }) => [title, request]),
      [
        ["Flash a.rbl", { kind: "flash", at: 0x11000, rekey: true, verify: false }],
        ["Flash b.rbl", { kind: "flash" }],
      ],
    );
    await place.files.remove(first);
    assert.deepEqual(
      (await interruptedJobs(place.files, place.folder, runningPrograms)).jobs.map(({ title }) => title),
      ["Flash b.rbl"],
    );
    assert.equal(place.names().filter((name) => name.endsWith(".json")).length, 1, "tidied away");
  });

  it("that cannot be read now are offered when they can", async () => {
    await remember("a.rbl");
    const locked = new Proxy(place.files, {
      get: (files, name) =>
        name === "read"
          ? () => Promise.reject(Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" }))
          : (Reflect.get(files, name) as unknown),
    });
    assert.deepEqual((await interruptedJobs(locked, place.folder, runningPrograms)).jobs, []);
    assert.equal((await interruptedJobs(place.files, place.folder, runningPrograms)).jobs.length, 1);
  });

  it("keep nothing that a person agreed to, and nothing of the file but where it lies", async () => {
    const asked = {
      kind: "flash",
      at: 0x11000,
      dryRun: false,
      evenIfItCannotStart: true,
      file: { name: "a", bytes: [1] },
    };
    await remember("a.rbl", { request: asked });
    const { jobs } = await interruptedJobs(place.files, place.folder, runningPrograms);
    assert.deepEqual(jobs[0]?.request, { kind: "flash", at: 0x11000 });
  });

  it("of earlier versions, which kept fields of their own, are offered as what they were", async () => {
    const plain = { at: null, rekey: false, replaceCalibration: false };
    const earlier: readonly (readonly [object, object])[] = [
      [
        { kind: "flash", ...plain, at: 0x132000, rekey: true },
        { kind: "flash", at: 0x132000, rekey: true },
      ],
      [
        { kind: "flash", ...plain, onlyBootCode: false },
        { kind: "flash", rekey: false },
      ],
      [
        { kind: "flash", ...plain, onlyBootCode: true },
        { kind: "flash", rekey: false, only: "boot-code" },
      ],
      [{ kind: "restore", ...plain }, { kind: "restore" }],
      [
        { kind: "restore", ...plain, replaceCalibration: true },
        { kind: "restore", keepCalibration: false },
      ],
      [{ kind: "backup", ...plain }, { kind: "backup" }],
    ];
    for (const [record, request] of earlier) {
      await remember("a.rbl", { request: undefined, ...record });
      const { jobs } = await interruptedJobs(place.files, place.folder, runningPrograms);
      assert.deepEqual(
        jobs.map((job) => job.request),
        [request],
      );
    }
    await remember("a.rbl", { request: undefined, kind: "flash", ...plain, rekey: "yes" });
    assert.deepEqual((await interruptedJobs(place.files, place.folder, runningPrograms)).jobs, []);
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
    await remember("a.rbl", { request: { kind: "erase", start: 0, length: 0x1000, dryRun: false } });
    await remember("b.rbl", { startedAt: "today" });
    await remember("c.rbl", { portId: "" });
    await remember("d.rbl", { request: { kind: "flash", at: 1.5 } });
    await remember("e.rbl", { request: { kind: "restore", keepCalibration: "no" } });
    await remember("f.rbl", { request: 7 });
    for (const [i, text] of ["", "{", "[]", "null", "7"].entries()) place.put(`job-0000000${i}.json`, text);
    assert.deepEqual((await interruptedJobs(place.files, place.folder, runningPrograms)).jobs, []);
  });
});

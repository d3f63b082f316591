/** The list of interrupted jobs without an editor: in whatever order it is looked for and changed, at the end it is what is on the disk. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { JobJournal } from "../../../src/extension/jobs/jobJournal";
import type { JobSpec } from "../../../src/extension/jobs/jobSpec";
import type { PortEntry } from "../../../src/extension/ports/portEntry";
import type { FileSystem } from "../../../src/storage/fileSystem";
import { interruptedId } from "../../../src/storage/interrupted";
import { dumpOf, identityOf } from "../backup/dumps";

const PORT: PortEntry = {
  id: "/dev/ttyUSB0",
  label: "here",
  facts: [],
  kind: "adapter",
  isUsb: true,
  ref: { kind: "serial", path: "/dev/ttyUSB0" },
};
const SPEC = { port: PORT, title: "Back up flash", request: { kind: "backup" } } as unknown as JobSpec;
const JOURNALS = ["/s/a.journal", "/s/b.journal"] as const;
const chip = identityOf(dumpOf("bk7231t"));
/** Of another window, which is at work until it is over. */
const OTHER = 77;

const missing = (): never => {
  throw Object.assign(new Error("not there"), { code: "ENOENT" });
};

/** Files in memory, each request answered when the scheduler says so. */
class Disk {
  readonly files = new Map<string, Uint8Array>();
  constructor(private readonly turn: (what: string) => Promise<unknown>) {}

  get system(): FileSystem {
    const { files, turn } = this;
    const move = async (from: string, to: string): Promise<void> => {
      await turn("move");
      files.set(to, files.get(from) ?? missing());
      files.delete(from);
    };
    const nothing = (): never => assert.fail("not asked for here");
    return {
      join: (folder, name) => `${folder}/${name}`,
      folderOf: (path) => path.slice(0, path.lastIndexOf("/")),
      nameOf: (path) => path.slice(path.lastIndexOf("/") + 1),
      read: async (path) => {
        await turn("read");
        return files.get(path) ?? missing();
      },
      stat: async (path) => {
        await turn("stat");
        const isFolder = [...files.keys()].some((name) => name.startsWith(`${path}/`));
        if (isFolder) return { kind: "folder", size: 0, changed: 0 };
        return { kind: "file", size: (files.get(path) ?? missing()).length, changed: Date.now() };
      },
      list: async (folder) => {
        await turn("list");
        return [...files.keys()].flatMap((name) =>
          name.startsWith(`${folder}/`) ? [name.slice(folder.length + 1)] : [],
        );
      },
      write: async (path, bytes) => {
        await turn("write");
        files.set(path, bytes);
      },
      publish: move,
      replace: move,
      remove: async (path) => {
        await turn("remove");
        files.delete(path);
      },
      createFolder: async () => void (await turn("folder")),
      assertWritable: async () => void (await turn("writable")),
      openToAppend: nothing,
      openToPatch: nothing,
    };
  }

  get records(): string[] {
    return [...this.files.keys()].filter((name) => /\/job-[0-9A-F]{8}\.json$/.test(name));
  }
}

const ACTIONS = ["refresh", "dismiss", "begin", "end", "saved", "journal gone", "other begins", "other ends"] as const;

describe("interrupted jobs, in every order", () => {
  it("the list is what is on the disk, without what runs here or elsewhere; one look is planned, none after the end", async () => {
    let offered = 0;
    let dismissed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.record({ what: fc.constantFrom(...ACTIONS), journal: fc.constantFrom(...JOURNALS) }), {
          minLength: 1,
          maxLength: 10,
        }),
        fc.boolean(),
        async (scheduler, actions, ends) => {
          const disk = new Disk((what) => scheduler.schedule(Promise.resolve(), what));
          const unexpected: unknown[] = [];
          const context = new Map<string, unknown>();
          const values = new Map<string, unknown>();
          let otherRuns = false;
          let planned = 0;
          const timers = {
            now: () => 0,
            after: (_ms: number, run: () => void) => {
              assert.equal(++planned, 1, "one look is planned");
              let over = false;
              const end = (): boolean => {
                if (over) return false;
                over = true;
                planned--;
                return true;
              };
              // Looking again and again while another window is at work would never come to an end here.
              void scheduler.schedule(Promise.resolve(), "timer").then(() => {
                otherRuns = false;
                if (end()) run();
              });
              return () => void end();
            },
          };
          const journal = new JobJournal({
            files: disk.system,
            programs: { own: 1, isAlive: () => otherRuns },
            folder: "/x",
            memory: {
              get: <T>(name: string) => values.get(name) as T | undefined,
              update: (name, value) => Promise.resolve(void values.set(name, value)),
            },
            settings: { backUpBeforeFirstWrite: true },
            chosenFolder: () => undefined,
            workspace: () => null,
            version: "1",
            log: { info: () => undefined, error: (_doing, error) => void unexpected.push(error) },
            setContext: (key, value) => void context.set(key, value),
            timers,
          });
          const running: Promise<unknown>[] = [];
          const works = new Map<string, ReturnType<JobJournal["forBackup"]>>();
          const saved: string[] = [];
          const act = ({ what, journal: path }: (typeof actions)[number]): void => {
            if (what === "refresh") running.push(journal.refresh());
            else if (what === "dismiss") {
              dismissed++;
              running.push(journal.dismiss(interruptedId(path)));
            } else if (what === "begin" && !works.has(path)) {
              disk.files.set(path, new Uint8Array(1));
              const work = journal.forBackup(SPEC, path);
              works.set(path, work);
              running.push(work.begun(path, chip));
            } else if (what === "end") {
              const work = works.get(path);
              works.delete(path);
              // As the job service does: a job is told of its beginning before it comes to its end.
              if (work) running.push(Promise.all(running).then(() => work.end()));
            } else if (what === "saved") {
              saved.push(path);
              running.push(journal.rememberBackup(path));
            } else if (what === "journal gone" && !works.has(path)) disk.files.delete(path);
            else if (what === "other begins" && !works.has(path)) {
              otherRuns = true;
              disk.files.set(path, new Uint8Array(1));
              const record = { id: interruptedId(path), kind: "backup", journal: path, title: "t", portId: "p" };
              const rest = {
                portLabel: "p",
                chip: null,
                file: path,
                at: null,
                rekey: false,
                replaceCalibration: false,
              };
              const all = { ...record, ...rest, workspace: null, startedAt: 1, pid: OTHER };
              disk.files.set(`/x/journals/job-${record.id}.json`, new TextEncoder().encode(JSON.stringify(all)));
            } else if (what === "other ends") otherRuns = false;
          };
          const steps = actions.map((each) => scheduler.schedule(Promise.resolve(), each.what).then(() => act(each)));
          await scheduler.waitFor(Promise.all(steps));
          await scheduler.waitFor(Promise.all(running));
          if (ends) journal.dispose();
          else running.push(journal.refresh());
          await scheduler.waitFor(Promise.all(running));
          await scheduler.waitIdle();
          assert.deepEqual(unexpected, []);
          assert.equal(planned, 0);
          assert.deepEqual(new Set(journal.savedBackups), new Set(saved));
          if (ends) return;
          const here = disk.records.filter(
            (name) => ![...works.keys()].some((path) => name.includes(interruptedId(path))),
          );
          assert.deepEqual(journal.interrupted.map(({ id }) => `/x/journals/job-${id}.json`).sort(), here.sort());
          assert.equal(context.get("beken.hasInterrupted"), here.length > 0);
          offered += here.length;
        },
      ),
      { numRuns: 300 },
    );
    assert.ok(offered > 20 && dismissed > 20, `${offered} offered, ${dismissed} dismissed: the property is empty`);
  });

  it("who looked later has seen more: a look that comes back late brings nothing back that was dismissed since", async () => {
    let hold: (() => void) | undefined;
    let held: Promise<void> | undefined;
    const disk = new Disk(async (what) => (what === "remove" ? undefined : await held));
    const [path] = JOURNALS;
    const id = interruptedId(path);
    const record = {
      id,
      kind: "backup",
      journal: path,
      title: "t",
      portId: "p",
      portLabel: "p",
      chip: null,
      file: path,
    };
    const all = { ...record, at: null, rekey: false, replaceCalibration: false, workspace: null, startedAt: 1, pid: 1 };
    disk.files.set(path, new Uint8Array(1));
    disk.files.set(`/x/journals/job-${id}.json`, new TextEncoder().encode(JSON.stringify(all)));
    const journal = new JobJournal({
      files: {
        ...disk.system,
        stat: async (name) => {
          // What the first look has read is older than the dismissal by the time it is told.
          const known = await disk.system.stat(name);
          if (name === path && hold === undefined) await (held = new Promise<void>((resolve) => (hold = resolve)));
          return known;
        },
      },
      programs: { own: 1, isAlive: () => false },
      folder: "/x",
      memory: { get: () => undefined, update: () => Promise.resolve() },
      settings: { backUpBeforeFirstWrite: true },
      chosenFolder: () => undefined,
      workspace: () => null,
      version: "1",
      log: { info: () => undefined, error: (_doing, error) => assert.fail(String(error)) },
      setContext: () => undefined,
      timers: { now: () => 0, after: () => () => undefined },
    });
    const first = journal.refresh();
    while (hold === undefined) await new Promise((resolve) => setImmediate(resolve));
    held = undefined;
    await journal.dismiss(id);
    assert.deepEqual(journal.interrupted, []);
    hold();
    await first;
    assert.deepEqual(journal.interrupted, []);
    journal.dispose();
  });
});

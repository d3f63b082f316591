/** Notifications without an editor: each job's progress ends with it, and a button that is pressed late never undoes what came since. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { FlasherError } from "../../../src/core/index";
import { Emitter } from "../../../src/extension/platform/emitter";
import type { JobEnd } from "../../../src/extension/jobs/jobSpec";
import { errorView } from "../../../src/extension/text/errorText";
import { Notifications, type NotifiedJobs } from "../../../src/extension/views/notifications";
import { cancel, fail, newJob, type JobState } from "../../../src/shared/jobState";

const PORT = { id: "/dev/ttyUSB0", label: "here" };
const unexpected = (error: unknown): void => assert.fail(String(error));

class Jobs implements NotifiedJobs {
  readonly started = new Emitter<JobState>(unexpected);
  readonly changed = new Emitter<JobState>(unexpected);
  readonly ended = new Emitter<JobEnd>(unexpected);
  readonly onDidStart = this.started.event;
  readonly onDidChange = this.changed.event;
  readonly onDidEnd = this.ended.event;
  readonly again: string[] = [];
  jobs: readonly JobState[] = [];

  find = (id: string): JobState | undefined => this.jobs.find((job) => job.id === id);
  specOf = (): undefined => undefined;
  cancel = (): void => undefined;
  retry = (id: string): undefined => {
    assert.equal(this.jobs[0]?.id, id, "what came since is not undone");
    this.again.push(id);
  };
  rekey = (id: string): undefined => void this.again.push(id);

  start(id: string): void {
    const job = newJob({ id, kind: "flash", title: `Flash ${id}`, port: PORT }, 1);
    this.jobs = [job, ...this.jobs];
    this.started.fire(job);
    this.changed.fire(job);
  }

  end(id: string, how: "failed" | "cancelled"): void {
    const job = this.find(id) as JobState;
    const error = new FlasherError("port-lost", "write", { port: "x" });
    const done =
      how === "failed" ? fail(job, { ...errorView(error), actions: ["retry"] }, 2) : cancel(job, "partly-written", 2);
    this.jobs = this.jobs.map((each) => (each.id === id ? done : each));
    this.changed.fire(done);
    this.ended.fire(how === "failed" ? { status: how, job: done, error } : { status: how, job: done });
  }
}

describe("notifications beside the dashboard", () => {
  it("progress is shown while the dashboard is out of sight, and only then", async () => {
    const jobs = new Jobs();
    const open = new Set<string>();
    const sight = new Emitter<void>(unexpected);
    const page = { isVisible: true, onDidChangeVisibility: sight.event };
    const say = (): Promise<undefined> => Promise.resolve(undefined);
    const notifications = new Notifications(
      jobs,
      { error: (_doing, error) => unexpected(error) },
      () => true,
      {
        inform: say,
        warn: say,
        fail: say,
        progress: (title, work) => {
          open.add(title);
          void work({ report: () => undefined, onCancel: () => undefined }).then(() => open.delete(title));
        },
        run: () => Promise.resolve(),
        reveal: () => Promise.resolve(),
        argumentFor: () => ({ portId: PORT.id }),
      },
      { now: () => 0, after: () => () => undefined },
      page,
    );
    const look = async (isVisible: boolean): Promise<number> => {
      page.isVisible = isVisible;
      sight.fire();
      await Promise.resolve();
      await Promise.resolve();
      return open.size;
    };
    jobs.start("1");
    assert.equal(open.size, 0, "the page shows it");
    assert.equal(await look(false), 1, "nothing else shows it any more");
    assert.equal(await look(true), 0);
    assert.equal(await look(false), 1);
    jobs.end("1", "cancelled");
    assert.equal(await look(true), 0);
    assert.equal(await look(false), 0, "it is over");
    notifications.dispose();
  });
});

describe("notifications, in every order", () => {
  it("every progress ends with its job; a late button runs nothing again over what came since, and says so", async () => {
    let late = 0;
    let inTime = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom("failed", "cancelled"), { minLength: 1, maxLength: 4 }),
        async (scheduler, endings) => {
          const jobs = new Jobs();
          const said: string[] = [];
          let open = 0;
          const press = async (text: string, ...buttons: readonly string[]): Promise<string | undefined> => {
            said.push(text);
            if (buttons.length > 0) await scheduler.schedule(Promise.resolve(), `press ${text}`);
            return buttons[0];
          };
          const notifications = new Notifications(
            jobs,
            { error: (_doing, error) => unexpected(error) },
            () => false,
            {
              inform: press,
              warn: press,
              fail: press,
              progress: (_title, work) => {
                open++;
                // The editor opens it when it comes to it; the job may be over by then.
                void scheduler
                  .schedule(Promise.resolve(), "progress")
                  .then(() => work({ report: () => undefined, onCancel: () => undefined }))
                  .then(() => open--);
              },
              run: () => Promise.resolve(),
              reveal: () => Promise.resolve(),
              argumentFor: () => ({ portId: PORT.id }),
            },
            { now: () => 0, after: () => () => undefined },
          );
          for (const [at, how] of endings.entries()) {
            const id = String(at);
            jobs.start(id);
            await scheduler.waitFor(scheduler.schedule(Promise.resolve(), `end ${id}`));
            const before = [...jobs.again];
            jobs.end(id, how);
            assert.deepEqual(jobs.again, before, "nothing runs by itself");
          }
          await scheduler.waitIdle();
          assert.equal(open, 0);
          const last = String(endings.length - 1);
          for (const id of jobs.again) if (id === last) inTime++;
          late += said.filter((text) => /out of date/.test(text)).length;
          assert.equal(new Set(jobs.again).size, jobs.again.length, "each button once");
          notifications.dispose();
        },
      ),
      { numRuns: 200 },
    );
    assert.ok(late > 20 && inTime > 20, `${late} late, ${inTime} in time: the property is empty`);
  });
});

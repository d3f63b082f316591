/** The job service without an editor: whatever is asked of it, and in whatever order things come to pass, a port has one job. */
import { PortLeases } from "../../../src/core/transport/portLease";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  CancelledError,
  ImageError,
  TransportError,
  type FlasherSession,
  type JobEvent,
  type JobResult,
} from "../../../src/core/index";
import { ZERO_KEY } from "../../../src/core/beken/chips/keys";
import type { SetContext } from "../../../src/extension/platform/contextKeys";
import { JobService } from "../../../src/extension/jobs/jobService";
import type { JobEnd, JobSpec, Refused } from "../../../src/extension/jobs/jobSpec";
import type { Keep } from "../../../src/extension/jobs/jobJournal";
import type { PortEntry } from "../../../src/extension/ports/portEntry";
import { PortSessions } from "../../../src/extension/jobs/portSessions";
import { dumpOf, identityOf } from "../backup/dumps";
import { packed } from "../images/samples";

const PORTS = ["/dev/ttyUSB0", "/dev/ttyUSB1"] as const;
const portEntry = (id: string): PortEntry => {
  return { id, label: id, facts: [], kind: "adapter", isUsb: true, ref: { kind: "serial", path: id } };
};
const chip = identityOf(dumpOf("bk7231t"));
const file = { name: "x.rbl", bytes: packed(0x3000, ZERO_KEY, undefined, 0x4000).container };
const nothing = { dispose: () => undefined };

/** Of a listener, which is none of the job's business. */
const LISTENER = new Error("a listener that fails");
/** Nobody knows who has the port open. */
const UNKNOWN = new Error("nobody knows");

type Ending = "succeeds" | "fails" | "cannot be opened" | "wrong key";

/** Decides when anything goes on; in tests of one order, at once. */
type Turn = (what: string) => Promise<unknown>;

class World {
  /** Sessions of a port that are open, which may never be two. */
  private readonly open = new Map<string, number>();
  readonly told: string[] = [];
  readonly mistakes: string[] = [];
  readonly context = new Map<string, unknown>();
  kept = 0;
  ended = 0;
  reloads = 0;
  ending: Ending = "succeeds";
  /** In place of the usual end of a job. */
  end: (() => JobResult) | undefined;
  private readonly lost = new Set<() => void>();
  readonly service: JobService;
  readonly sessions: PortSessions;

  constructor(
    private readonly turn: Turn,
    keepLinkedMs: number,
  ) {
    const log = {
      info: () => undefined,
      error: (doing: string, error: unknown) => {
        const isOfTheTest = error === LISTENER || error instanceof TransportError || error instanceof ImageError;
        if (!isOfTheTest && error !== UNKNOWN) this.mistakes.push(`${doing}: ${String(error)}`);
      },
      forCore: () => ({ debug: () => undefined, trace: () => undefined }),
    };
    const settings = {
      baudRate: "auto",
      linkTimeoutMs: 1,
      autoReset: true,
      resetSequence: "auto",
      keepLinkedMs,
      onDidChange: () => nothing,
    } as const;
    this.sessions = new PortSessions({
      settings,
      log,
      leases: new PortLeases(),
      rates: {
        hint: () => ({}),
        note: () => undefined,
        line: () => ({ recall: () => Promise.resolve(undefined), keep: () => Promise.resolve() }),
        resets: () => ({ recall: () => Promise.resolve(undefined), keep: () => Promise.resolve() }),
      },
      openSession: (options, _deps, signal) =>
        this.openSession(String("path" in options.port && options.port.path), signal),
      timers: {
        now: () => 0,
        after: (_ms, run) => {
          let stopped = false;
          void this.turn("timer").then(() => {
            if (!stopped) run();
          });
          return () => (stopped = true);
        },
      },
    });
    const setContext: SetContext = (key, value) => void this.context.set(key, value);
    this.service = new JobService({
      ports: {
        onDidChange: (listener) => this.onLost(listener),
        find: (id) => portEntry(id),
        remember: () => Promise.resolve(),
      },
      sessions: this.sessions,
      log,
      journal: { forJob: () => this.keep() },
      past: { entries: [], add: () => Promise.resolve() },
      rates: { settle: () => Promise.resolve() },
      describeHolder: () => Promise.reject(UNKNOWN),
      setContext,
      runJob: (_session, request, _hooks, signal) => this.runJob(request.kind, signal),
      timers: { now: () => 0, after: () => () => undefined },
    });
    this.service.onDidStart(({ id }) => this.told.push(`start ${id}`));
    this.service.onDidEnd(({ job, status }) => {
      this.told.push(`end ${job.id}`);
      if (status === "cancelled" && job.status !== "cancelled") this.mistakes.push("an end that is none");
    });
    this.service.onDidChange(() => {
      throw LISTENER;
    });
  }

  private onLost(listener: () => void): { dispose(): void } {
    this.lost.add(listener);
    return { dispose: () => void this.lost.delete(listener) };
  }

  private async openSession(id: string, signal: AbortSignal): Promise<FlasherSession> {
    const before = this.open.get(id) ?? 0;
    if (before > 0) this.mistakes.push(`${id} is opened twice`);
    this.open.set(id, before + 1);
    const { ending } = this;
    await this.turn(`open ${id}`);
    const close = async (): Promise<void> => {
      await this.turn(`close ${id}`);
      this.open.set(id, (this.open.get(id) ?? 0) - 1);
    };
    if (signal.aborted || ending === "cannot be opened") {
      await close();
      throw signal.aborted ? new CancelledError("open") : new TransportError("port-busy", "open", {});
    }
    return { identity: chip, close } as unknown as FlasherSession;
  }

  private async *runJob(
    kind: JobSpec["request"]["kind"],
    signal: AbortSignal,
  ): AsyncGenerator<JobEvent, JobResult, void> {
    const { ending } = this;
    for (const event of [
      { type: "linked", afterMs: 1, by: "x" },
      { type: "identified", chip, baudRate: 115_200 },
    ] as const) {
      await this.turn("work");
      if (signal.aborted) throw new CancelledError("work");
      yield event;
    }
    if (this.end) return this.end();
    if (ending === "fails") throw new TransportError("port-lost", "work", {});
    if (ending === "wrong key") throw new ImageError("image-wrong-key", "plan", {});
    return kind === "info"
      ? { kind, chip, baudRate: 115_200 }
      : { kind: "verify", chip, bytesRead: 1, verified: true, compared: [] };
  }

  private keep(): Keep {
    this.kept++;
    return {
      hooks: {},
      store: () => Promise.resolve(),
      end: async () => {
        await this.turn("keep");
        this.ended++;
      },
    };
  }

  spec(id: string): JobSpec {
    const spec: JobSpec<"flash"> = {
      port: portEntry(id),
      title: "Flash x.rbl",
      request: { kind: "flash", file, verify: true, reboot: false, dryRun: false },
      reload: async () => {
        this.reloads++;
        await this.turn("reload");
        return file.bytes;
      },
    };
    return spec as unknown as JobSpec;
  }

  get openPorts(): number {
    return [...this.open.values()].reduce((sum, count) => sum + count, 0);
  }
}

const ACTIONS = ["start", "retry", "rekey", "cancel", "release", "dispose"] as const;
const action = fc.record({
  what: fc.constantFrom(...ACTIONS, "start", "retry", "retry", "rekey"),
  port: fc.constantFrom(...PORTS),
  ending: fc.constantFrom<Ending>("succeeds", "fails", "cannot be opened", "wrong key", "wrong key"),
});

describe("jobs on ports, in every order", () => {
  it("a port has one job and one session at a time, each job one end, and nothing is left open", async () => {
    let refused = 0;
    let again = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(action, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(0, 1_000),
        async (scheduler, actions, keepLinkedMs) => {
          const world = new World((what) => scheduler.schedule(Promise.resolve(), what), keepLinkedMs);
          const { service } = world;
          const ends: Promise<JobEnd | Refused>[] = [];
          const take = (end: Promise<JobEnd | Refused> | undefined): void => {
            if (end) ends.push(end);
          };
          const releases: Promise<void>[] = [];
          // One that failed is there to be run again.
          world.ending = "wrong key";
          take(service.start(world.spec(PORTS[0])));
          await scheduler.waitFor(Promise.all(ends));
          const act = ({ what, port, ending }: (typeof actions)[number]): void => {
            const [last] = service.jobs.filter((job) => job.port.id === port);
            world.ending = ending;
            const running = service.runningOn(port);
            const before = ends.length;
            if (what === "start") take(service.start(world.spec(port)));
            else if (what === "release") releases.push(service.release(port));
            else if (what === "dispose") {
              service.dispose();
              world.sessions.dispose();
            } else if (last !== undefined && what === "cancel") service.cancel(last.id);
            else if (last !== undefined && what === "retry") take(service.retry(last.id));
            else if (last !== undefined && what === "rekey") take(service.rekey(last.id));
            if (ends.length > before && (what === "retry" || what === "rekey") && running === undefined) again++;
            if (running !== undefined && ends.length > before)
              assert.equal(service.runningOn(port)?.id, running.id, "what runs is not put aside");
            if (running === undefined && ends.length > before) assert.ok(service.runningOn(port), "reserved at once");
          };
          await scheduler.waitFor(
            Promise.all(actions.map((each) => scheduler.schedule(Promise.resolve(), each.what).then(() => act(each)))),
          );
          const all = await scheduler.waitFor(Promise.all(ends));
          await scheduler.waitFor(Promise.all([...releases, service.shutdown()]));
          assert.deepEqual(world.mistakes, []);
          assert.deepEqual(service.running, []);
          assert.deepEqual(service.idlePorts, []);
          assert.equal(world.openPorts, 0);
          const run = all.filter(({ status }) => status !== "refused");
          refused += all.length - run.length;
          assert.equal(new Set(run.map(({ job }) => job.id)).size, run.length, "each of them ended once");
          assert.equal(world.ended, world.kept, "what was kept of each is put away once");
          assert.ok(run.every(({ job }) => ["succeeded", "failed", "cancelled"].includes(job.status)));
          if (run.length > 0) assert.equal(world.context.get("beken.jobRunning"), false);
          if (!service.disposed) {
            const starts = world.told.filter((line) => line.startsWith("start"));
            assert.deepEqual([starts.length, world.told.length], [run.length, 2 * run.length]);
          }
        },
      ),
      { numRuns: 400 },
    );
    assert.ok(refused > 20 && again > 20, `${refused} refused, ${again} again: the property is empty`);
  });

  const atOnce: Turn = () => Promise.resolve();

  it("two retries at once, while the file is read: one runs, one is refused, and the file is read once", async () => {
    const world = new World(atOnce, 0);
    const { service } = world;
    world.ending = "fails";
    const first = await service.start(world.spec(PORTS[0]));
    assert.equal(first.status, "failed");
    world.ending = "succeeds";
    const [one, two] = await Promise.all([service.retry(first.job.id), service.retry(first.job.id)]);
    assert.deepEqual([one?.status, two?.status], ["succeeded", "refused"]);
    assert.equal(two?.job.id, one?.job.id, "what is in the way is named");
    assert.equal(world.reloads, 1);
  });

  it("a retry and a re-key at once, in both orders: the second is refused", async () => {
    for (const order of [
      ["retry", "rekey"],
      ["rekey", "retry"],
    ] as const) {
      const world = new World(atOnce, 0);
      const { service } = world;
      world.ending = "wrong key";
      const first = await service.start(world.spec(PORTS[0]));
      assert.equal(first.status, "failed");
      assert.equal(first.job.error?.actions[0], "rekey");
      world.ending = "succeeds";
      const ends = await Promise.all(order.map(async (what) => await service[what](first.job.id)));
      assert.deepEqual(
        ends.map((end) => end?.status),
        ["succeeded", "refused"],
      );
    }
  });

  it("a job that is stopped while its file is read ends at once, though the file never comes", async () => {
    const world = new World((what) => (what === "reload" ? new Promise(() => undefined) : Promise.resolve()), 0);
    const { service } = world;
    world.ending = "fails";
    const first = await service.start(world.spec(PORTS[0]));
    const again = service.retry(first.job.id);
    await Promise.resolve();
    service.cancel(service.running[0]?.id ?? "");
    assert.equal((await again)?.status, "cancelled");
    assert.equal(world.openPorts, 0);
  });

  it("what a port's chip is known to do is what the last job left there, and nothing where it was stopped in the middle", async () => {
    const starts = { starts: "yes", reasons: [], calibration: true } as const;
    const world = new World(atOnce, 0);
    const { service } = world;
    const [port] = PORTS;
    world.end = () => ({
      kind: "verify",
      chip: { ...chip, start: starts },
      bytesRead: 1,
      verified: true,
      compared: [],
    });
    await service.start(world.spec(port));
    assert.equal(service.chipOn(port)?.start, starts);
    world.end = () => {
      throw Object.assign(new TransportError("port-lost", "work", {}), { flash: "untouched" });
    };
    const identified = service.chipOn(port);
    await service.start(world.spec(port));
    assert.deepEqual(service.chipOn(port), chip, "as it was identified");
    assert.notDeepEqual(identified, chip);
    world.end = () => {
      throw Object.assign(new TransportError("port-lost", "work", {}), { flash: "partly-written" });
    };
    await service.start(world.spec(port));
    assert.equal(service.chipOn(port)?.start, undefined);
    assert.equal(service.chipOn(port)?.mac, chip.mac);
  });

  it("a job that is started after the end of the window never gets to its port", async () => {
    const world = new World(atOnce, 0);
    world.service.dispose();
    assert.equal((await world.service.start(world.spec(PORTS[0]))).status, "cancelled");
    assert.equal(world.openPorts, 0);
  });
});

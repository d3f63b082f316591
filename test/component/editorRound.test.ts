/** A round in the editor without its page: two ports, device after device on each, the ledger and the backups on a disk. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  PortLeases,
  TransportError,
  fileAlone,
  parseLedger,
  recogniseFile,
  sha256,
  silentLog,
  systemClock,
  type FlashRequest,
  type RoundEntry,
} from "../../src/core/index";
import { JobJournal } from "../../src/extension/jobs/jobJournal";
import { JobService } from "../../src/extension/jobs/jobService";
import { PortSessions } from "../../src/extension/jobs/portSessions";
import type { PortEntry } from "../../src/extension/ports/portEntry";
import { RoundRun } from "../../src/extension/rounds/roundRun";
import type { RoundLaneView, RoundView } from "../../src/shared/roundView";
import { memoryTransport, type MemoryTransport, type SimulatedChip } from "../../src/simulator/index";
import { nodeFiles, runningPrograms } from "../../src/storage/nodeFileSystem";
import { StoredRoundBook } from "../../src/storage/roundBook";
import { FILE, device, holdsFile, macOf, programmings } from "./roundDevices";

type View = Omit<RoundView, "sound">;

const nothing = { dispose: () => undefined };
const log = { info: () => undefined, error: () => undefined, forCore: () => silentLog };

/** A port that keeps its name, whatever hangs on it. */
class Jig {
  chip: SimulatedChip | undefined;
  private line: MemoryTransport | undefined;

  constructor(readonly entry: PortEntry) {}

  open(): MemoryTransport {
    if (this.chip === undefined) throw new TransportError("host-unreachable", "open it", { port: this.entry.id });
    this.line = memoryTransport(this.chip, { label: this.entry.id });
    return this.line;
  }

  /** Another device hangs there, whatever was going on. */
  swap(chip: SimulatedChip): void {
    this.chip = chip;
    this.line?.unplug();
  }
}

class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), "round-"));
  readonly jigs: readonly Jig[];
  readonly ledger = join(this.folder, "round.json");
  readonly views: View[] = [];
  readonly jobs: JobService;
  hasFileChanged = false;
  private readonly parts: ConstructorParameters<typeof RoundRun>[2];

  constructor(ports: number) {
    this.jigs = Array.from({ length: ports }, (_, i) => {
      const ref = { kind: "tcp", host: "127.0.0.1", port: i + 1 } as const;
      return new Jig({
        id: `tcp://127.0.0.1:${i + 1}`,
        ref,
        kind: "extra",
        label: `Jig ${i + 1}`,
        facts: [],
        isUsb: false,
      });
    });
    const settings = {
      baudRate: "auto",
      linkTimeoutMs: 5_000,
      autoReset: true,
      resetSequence: "auto",
      keepLinkedMs: 0,
      backUpBeforeFirstWrite: true,
      onDidChange: () => nothing,
    } as const;
    const rates = {
      hint: () => ({}),
      note: () => undefined,
      settle: () => Promise.resolve(),
      line: () => ({ recall: () => Promise.resolve(undefined), keep: () => Promise.resolve() }),
      resets: () => ({ recall: () => Promise.resolve(undefined), keep: () => Promise.resolve() }),
    };
    const open = (ref: PortEntry["ref"]): Promise<MemoryTransport> => {
      const jig = this.jigs.find(({ entry }) => entry.ref === ref);
      return jig ? Promise.resolve(jig.open()) : Promise.reject(new Error("no such port"));
    };
    const sessions = new PortSessions({ settings, rates, log, leases: new PortLeases(), open });
    const memory = new Map<string, unknown>();
    const journal = new JobJournal({
      files: nodeFiles,
      programs: runningPrograms,
      folder: this.folder,
      memory: {
        get: <T>(name: string) => memory.get(name) as T | undefined,
        update: (name: string, value: unknown) => Promise.resolve(void memory.set(name, value)),
      },
      settings,
      chosenFolder: () => undefined,
      workspace: () => null,
      version: "0",
      log,
      setContext: () => undefined,
    });
    const remembered = { onDidChange: () => nothing, find: () => undefined, remember: () => Promise.resolve() };
    const past = { entries: [], add: () => Promise.resolve() };
    this.jobs = new JobService({
      ports: remembered,
      sessions,
      log,
      journal,
      past,
      rates,
      describeHolder: () => Promise.resolve([]),
      answerTo: () => Promise.resolve({ steps: [], actions: [] }),
      setContext: () => undefined,
    });
    // What people need between two devices is nothing that a test waits for.
    const clock = { ...systemClock, sleep: (_ms: number, signal: AbortSignal) => systemClock.sleep(1, signal) };
    this.parts = {
      sessions,
      journal,
      rates,
      log,
      jobs: this.jobs,
      names: { of: () => undefined },
      backsUp: true,
      fileChanged: () => Promise.resolve(this.hasFileChanged),
      clock,
    };
  }

  /** @param follow told every state */
  async begin(most: number | undefined, follow: (view: View, run: RoundRun) => void): Promise<RoundRun> {
    const file = { name: FILE.name, bytes: FILE.bytes };
    const request: FlashRequest = {
      kind: "flash",
      file: recogniseFile(fileAlone(file)),
      verify: true,
      reboot: true,
      checkStart: false,
      dryRun: false,
    };
    const book = await StoredRoundBook.open({
      files: nodeFiles,
      programs: runningPrograms,
      path: this.ledger,
      file: { name: FILE.name, sha256: await sha256(FILE.bytes), size: FILE.bytes.length },
      tableNotWritten: (table, why) => assert.fail(`${table}: ${why}`),
    });
    const order = { request, title: `Flash ${FILE.name}`, fileName: FILE.name, source: `file:///${FILE.name}` };
    const place = { ports: this.jigs.map(({ entry }) => entry), book, ledger: this.ledger, most };
    const run = new RoundRun(order, place, this.parts);
    run.onDidChange(() => {
      this.views.push(run.view);
      follow(run.view, run);
    });
    return run;
  }

  get entries(): readonly RoundEntry[] {
    return parseLedger(readFileSync(this.ledger, "utf8"), "round.json").entries;
  }

  get stages(): ReadonlySet<string> {
    return new Set(this.views.flatMap(({ lanes }) => lanes.map(({ stage }) => stage)));
  }

  end(): void {
    this.jobs.dispose();
    for (const { chip } of this.jigs) chip?.dispose();
    rmSync(this.folder, { recursive: true });
  }
}

const laneOf = ({ lanes }: View, jig: Jig): RoundLaneView => {
  return lanes.find(({ port }) => port.id === jig.entry.id) ?? assert.fail("no such port");
};

const ENDS = ["verified", "running", "refused", "failed", "same"];

/** Puts the next device on a jig as soon as the one that is there was dealt with. */
function hands(bench: Bench, turns: readonly (readonly SimulatedChip[])[]): (view: View) => void {
  const left = turns.map((turn) => [...turn]);
  const dealtWith = bench.jigs.map(() => "");
  bench.jigs.forEach((jig, i) => (jig.chip = left[i]?.shift()));
  return (view) => {
    bench.jigs.forEach((jig, i) => {
      const { stage, device: name } = laneOf(view, jig);
      const state = `${stage} ${name}`;
      // The last device stays: only another one has anything new.
      if (!ENDS.includes(stage) || state === dealtWith[i]) {
        if (!ENDS.includes(stage)) dealtWith[i] = "";
        return;
      }
      dealtWith[i] = state;
      const next = left[i]?.shift();
      if (next !== undefined) jig.chip = next;
    });
  };
}

describe("a round in the editor", function () {
  this.timeout(30_000);
  let bench: Bench;
  afterEach(() => bench.end());

  it("eight devices on two ports, one unplugged, one of another key, one of another chip: six are flashed, each once", async () => {
    bench = new Bench(2);
    const [left, right] = bench.jigs as [Jig, Jig];
    const [a, b, c, d, e, pulled] = [1, 2, 3, 4, 5, 6].map((last) => device(last)) as [
      SimulatedChip,
      SimulatedChip,
      SimulatedChip,
      SimulatedChip,
      SimulatedChip,
      SimulatedChip,
    ];
    const otherKey = device(7, "bk7231n-zero");
    const otherChip = device(8, "bk7231t");
    const untouched = [otherKey, otherChip].map(({ flash }) => Uint8Array.from(flash));
    const written = programmings(a);
    let first = 0;
    const swap = hands(bench, [
      [a, otherKey, b, a, c],
      [d, otherChip, pulled, e, pulled],
    ]);
    let wasPulled = false;
    let asked = 0;
    const run = await bench.begin(6, (view, round) => {
      if (view.question !== undefined && asked++ === 0) {
        assert.equal(written(), 0, "nothing before the yes");
        round.agree(true);
      }
      const there = laneOf(view, right);
      if (!wasPulled && there.stage === "flashing" && there.device?.startsWith(macOf(6)) === true) {
        wasPulled = true;
        // Pulled off, and the next one is put on: that is not written in its place.
        right.swap(e);
        return;
      }
      if (first === 0 && laneOf(view, left).stage === "verified") first = written();
      swap(view);
    });
    await run.done;
    const results = new Map<string, string[]>();
    for (const { device: mark, result } of bench.entries)
      results.set(mark.mac ?? "", [...(results.get(mark.mac ?? "") ?? []), result]);
    assert.deepEqual([...results].sort(), [
      [macOf(1), ["verified"]],
      [macOf(2), ["verified"]],
      [macOf(3), ["verified"]],
      [macOf(4), ["verified"]],
      [macOf(5), ["verified"]],
      [macOf(6), ["failed", "verified"]],
      [macOf(7), ["refused"]],
      [macOf(8), ["refused"]],
    ]);
    assert.equal([a, b, c, d, e, pulled].every(holdsFile), true);
    assert.deepEqual(
      [otherKey, otherChip].map(({ flash }) => Uint8Array.from(flash)),
      untouched,
    );
    assert.equal(written(), first, "the one that was connected twice was written once");
    const { counts, remaining, devices, status } = run.view;
    assert.deepEqual(
      { counts, remaining, status, devices: devices.length },
      { counts: { good: 6, failed: 0, refused: 2 }, remaining: 0, status: "over", devices: 8 },
    );
    for (const stage of ["asking", "backup", "flashing", "verifying", "verified", "refused", "failed", "same"])
      assert.ok(bench.stages.has(stage), stage);
    const backups = readdirSync(join(bench.folder, "backups")).filter((name) => name.endsWith(".bin"));
    assert.deepEqual(
      backups.sort(),
      [1, 2, 3, 4, 5, 6].map((last) => `bk7231n-${macOf(last).replaceAll(":", "")}.bin`),
    );
    for (const { result, backup, device: mark } of bench.entries)
      if (result === "verified") assert.equal(backup, `bk7231n-${mark.mac?.replaceAll(":", "")}.bin`);
  });

  it("writes nothing without a yes, and keeps its ports from jobs until it is over", async () => {
    bench = new Bench(1);
    const [jig] = bench.jigs as [Jig];
    jig.chip = device(1);
    const writes = programmings(jig.chip);
    let busy: unknown;
    const run = await bench.begin(undefined, (view, round) => {
      if (view.question === undefined || busy !== undefined) return;
      busy = bench.jobs.runningOn(jig.entry.id)?.title;
      void bench.jobs.start({ port: jig.entry, title: "Chip info", request: { kind: "info" } }).then(({ status }) => {
        assert.equal(status, "refused");
        round.agree(false);
      });
    });
    await run.done;
    assert.equal(busy, `Flash ${FILE.name}`);
    assert.equal(writes(), 0);
    assert.equal(run.view.news?.words, "Nothing was flashed.");
    assert.equal(bench.jobs.runningOn(jig.entry.id), undefined);
    assert.equal(run.view.ledger, undefined, "nothing is in the ledger");
  });

  it("flashes a device again where the person says so, and then only that one; says that the file has become another one", async () => {
    bench = new Bench(1);
    const [jig] = bench.jigs as [Jig];
    const [one, two] = [device(1), device(2)];
    jig.chip = one;
    let wanted = false;
    const told = new Set<string | undefined>();
    const run = await bench.begin(undefined, (view, round) => {
      if (view.question !== undefined) round.agree(true);
      const { stage, again } = laneOf(view, jig);
      if (again === "offered" && !wanted) {
        wanted = true;
        round.again(jig.entry.id);
      } else if (wanted && stage === "verified" && bench.entries.length === 2) {
        jig.chip = two;
        bench.hasFileChanged = true;
      } else if (view.counts.good === 2) round.end();
      told.add(view.trouble);
    });
    await run.done;
    assert.deepEqual(
      bench.entries.map(({ device: mark, result }) => [mark.mac, result]),
      [
        [macOf(1), "verified"],
        [macOf(1), "verified"],
        [macOf(2), "verified"],
      ],
    );
    assert.equal(run.view.counts.good, 2, "one device counts once");
    assert.deepEqual([told.size, holdsFile(two)], [2, true]);
    assert.match([...told][1] ?? "", /^practice.* on the disk is another one now/);
  });

  it("two devices that nothing tells apart but what they hold are both flashed, and each once", async () => {
    bench = new Bench(1);
    const [jig] = bench.jigs as [Jig];
    const alike = ["one", "two"].map(() => device(1, "bk7231n", undefined, { mac: "default" }));
    // An address of its own that was given twice, with calibrations that differ.
    const twice = [11, 12].map((last) => device(last, "bk7231n", undefined, { mac: 13 }));
    const [a, b, c, d] = [...alike, ...twice] as [SimulatedChip, SimulatedChip, SimulatedChip, SimulatedChip];
    const turns = [b, c, d];
    jig.chip = a;
    const run = await bench.begin(4, (view, round) => {
      if (view.question !== undefined) round.agree(true);
      // The next hangs there before anybody has seen the last one go.
      if (view.counts.good === 4 - turns.length) jig.chip = turns.shift() ?? d;
    });
    await run.done;
    assert.deepEqual(
      bench.entries.map(({ result, isAnother }) => [result, isAnother]),
      [
        ["verified", undefined],
        ["verified", true],
        ["verified", undefined],
        ["verified", true],
      ],
    );
    assert.equal([a, b, c, d].every(holdsFile), true);
    assert.equal(run.view.counts.good, 4);
    const again = await bench.begin(undefined, (view, round) => {
      if (laneOf(view, jig).stage === "same") round.end();
    });
    await again.done;
    assert.equal(bench.entries.length, 4, "what holds the file is left alone");
  });

  it("waits while it is paused, lets go of the port, and goes on; gone on with after its end, it has its ledger", async () => {
    bench = new Bench(1);
    const [jig] = bench.jigs as [Jig];
    jig.chip = device(1);
    let paused = false;
    const run = await bench.begin(1, (view, round) => {
      if (!paused && view.status === "running") {
        paused = true;
        round.setPause(true);
        return;
      }
      if (laneOf(view, jig).stage === "paused" && view.status === "paused") setTimeout(() => round.setPause(false), 5);
      if (view.question !== undefined) round.agree(true);
    });
    run.setPause(true);
    await run.done;
    assert.equal(bench.stages.has("paused"), true);
    assert.equal(holdsFile(jig.chip), true);
    const again = await bench.begin(undefined, (view, round) => {
      if (laneOf(view, jig).stage === "same") round.end();
    });
    await again.done;
    assert.equal(again.view.counts.good, 1);
    assert.equal(bench.entries.length, 1, "it was not flashed again");
  });
});

/**
 * `npm run bench`: jobs of the flasher on simulated chips at real pace over real ptys, held against physical limits and,
 * where they are installed, other flashers. Writes bench.json and bench.md.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { PRESETS, findPreset, type Preset } from "../../src/simulator/index";
import { timeCoach } from "./coach";
import { CARRIERS, timeOver, type Carrier } from "./carriers";
import { startChip, type ChipProcess } from "./chipProcess";
import {
  APP_AT,
  actualRate,
  buildsOf,
  changedInThreeSectors,
  genuineApp,
  randomFlash,
  speedOf,
  typicalFlash,
} from "./chips";
import type { JobRequest } from "../../src/core/index";
import { timeJob, type TimedJob } from "./jobs";
import { MEASURES, RUNS, STALLS, TITLES, limitOf, requestOf, traitsOf, type Content, type MeasureId } from "./measures";
import { USAGE, parseOptions, type BenchOptions } from "./options";
import { PEERS, installedPeers, timeOurs, timePeer, type PeerId, type PeerJob, type PeerTarget } from "./peers";
import { Trace } from "./trace";
import { VirtualChip } from "./virtual";
import { isLate, isSlow, markdown, median, type CarrierRow, type PeerRow, type Results, type Row } from "./report";

const CPU_RUNS = 5;
/** What carriers are held against each other at: every adapter and every chip does it. */
const CARRIER_BAUD = 921_600;
/** The command to the simulator is through by then, and the chip is still off. */
const POWER_CYCLE_HEARD_MS = 100;
/** What scripts/bench.mjs bundles beside this program. */
const CLI = join(__dirname, "cli.js");
const CPU_PROGRAM = join(__dirname, "cpu.js");

class Bench {
  readonly rows: Row[] = [];
  readonly peers: PeerRow[] = [];
  readonly carriers: CarrierRow[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), "bench-"));
  /** Every file gets a new name: tools keep things beside theirs. */
  private files = 0;

  constructor(private readonly options: BenchOptions) {}

  async run(found: readonly PeerId[]): Promise<void> {
    const { chips, latencies, parts } = this.options;
    try {
      for (const preset of chips.map((id) => findPreset(id) ?? PRESETS.bk7231t)) {
        for (const latencyMs of latencies) {
          for (const ids of OF_THEIR_OWN) {
            const wanted = ids.filter((id) => parts.has(id) && (STALLS[id] === undefined || this.options.simulated));
            await this.onChips(preset, latencyMs, wanted, this.flashFor(ids[0], preset));
          }
          const others = MEASURES.filter((id) => parts.has(id) && !OF_THEIR_OWN.some((ids) => ids.includes(id)));
          await this.onChips(preset, latencyMs, others, this.flashFor(undefined, preset));
          if (parts.has("peers")) for (const peer of found) await this.againstPeer(preset, latencyMs, peer);
        }
      }
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  /** The same write and the same backup over each carrier, on chips that hold the same. */
  async overCarriers(preset: Preset, baud: number): Promise<void> {
    const older = genuineApp(preset, "older");
    const flash = typicalFlash(preset, older);
    for (const id of ["write", "backup-typical"] as const) {
      const over = async (carrier: Carrier): Promise<number> => {
        const content: Content = { app: older, builds: buildsOf(preset) };
        const request = requestOf(id, content, genuineApp(preset, "new"), 0);
        return (await timeOver(carrier, preset, flash, baud, request)).ms / 1000;
      };
      const serialSeconds = await over("serial");
      for (const carrier of Object.keys(CARRIERS) as (keyof typeof CARRIERS)[]) {
        const row = { chip: preset.id, baud, job: TITLES[id], carrier, serialSeconds, limit: CARRIERS[carrier] };
        const seconds = await over(carrier);
        this.carriers.push({ ...row, seconds });
        say(`${carrier} ${id}: ${seconds.toFixed(3)} s, over a serial port ${serialSeconds.toFixed(3)} s`);
      }
    }
  }

  private flashFor(first: MeasureId | undefined, preset: Preset): Uint8Array {
    const isBackup = first === "backup-random" || (first !== undefined && STALLS[first] !== undefined);
    return isBackup ? randomFlash(preset) : typicalFlash(preset, genuineApp(preset, "older"));
  }

  private async withChip(
    preset: Preset,
    latencyMs: number,
    flash: Uint8Array,
    use: (chip: ChipProcess) => Promise<void>,
  ): Promise<void> {
    const { folder } = this;
    const chip = await startChip({ cli: CLI, folder, chip: preset.id, flash, latencyMs });
    try {
      await use(chip);
    } finally {
      await chip.stop();
    }
  }

  /** A chip for each rate: at one it must not hold what was written at another. */
  private async onChips(
    preset: Preset,
    latencyMs: number,
    ids: readonly MeasureId[],
    flash: Uint8Array,
  ): Promise<void> {
    if (ids.length === 0) return;
    for (const baud of this.options.bauds) await this.onChip(preset, baud, latencyMs, ids, flash.slice());
  }

  private async onChip(
    preset: Preset,
    baud: number,
    latencyMs: number,
    ids: readonly MeasureId[],
    flash: Uint8Array,
  ): Promise<void> {
    const content: Content = { app: genuineApp(preset, "older"), builds: buildsOf(preset) };
    const all = async (run: RunJob): Promise<void> => {
      for (const id of ids) this.tell(await this.measure(run, preset, baud, latencyMs, id, content, flash.length));
    };
    if (this.options.simulated) {
      const stallS = STALLS[ids[0] as MeasureId];
      const chip = new VirtualChip(preset, { flash, latencyMs, hashUs: this.options.hashUs, stallS });
      await all(async (request) => {
        const trace = this.options.trace ? new Trace() : undefined;
        const job = await chip.run(baud, request, trace);
        if (trace)
          say(
            `${preset.id} ${baud} ${latencyMs} ms ${request.kind}: ms at start, ms taken, of which wire\n${trace.toString()}`,
          );
        return job;
      });
      chip.dispose();
      return;
    }
    await this.withChip(preset, latencyMs, flash, (chip) =>
      all(async (request) => {
        // Every job finds a chip that nobody has hashed or unlocked in this power cycle.
        chip.powerCycle();
        await setTimeout(POWER_CYCLE_HEARD_MS);
        return await timeJob(chip.port, baud, request);
      }),
    );
  }

  private async measure(
    runJob: RunJob,
    preset: Preset,
    baud: number,
    latencyMs: number,
    id: MeasureId,
    content: Content,
    flashSize: number,
  ): Promise<Row> {
    const actualBaud = actualRate(preset, baud);
    const fresh = genuineApp(preset, "new");
    const runs: number[] = [];
    let last: TimedJob | undefined;
    let failure: string | undefined;
    try {
      for (let run = 0; run < RUNS[id]; run++) {
        last = await runJob(requestOf(id, content, fresh, run));
        runs.push(last.ms / 1000);
      }
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
    const limit = limitOf(id, flashSize, content, actualBaud, speedOf(preset, baud, this.options.hashUs));
    return {
      chip: preset.id,
      baud,
      actualBaud,
      latencyMs,
      measure: id,
      seconds: median(runs),
      runs,
      limitSeconds: limit.ms / 1000,
      chipLimitSeconds: limit.chipMs / 1000,
      traits: last ? traitsOf(last) : {},
      ...(failure !== undefined && { failure }),
    };
  }

  private tell(row: Row): void {
    this.rows.push(row);
    const { chip, baud, latencyMs, measure, seconds, limitSeconds, chipLimitSeconds, traits, failure } = row;
    const figures = `${seconds.toFixed(3)} s, limit ${limitSeconds.toFixed(3)} (${(seconds / limitSeconds).toFixed(2)} x), with chip ${(seconds / chipLimitSeconds).toFixed(3)} x`;
    say(
      `${chip} ${baud} ${latencyMs} ms ${measure}: ${failure === undefined ? `${figures} ${JSON.stringify(traits)}` : `failed: ${failure}`}`,
    );
  }

  /** Each rate from the fastest down until the peer manages it, then its defaults. */
  private async againstPeer(preset: Preset, latencyMs: number, peer: PeerId): Promise<void> {
    const rates = [...this.options.bauds].sort((a, b) => b - a);
    for (const baud of rates) if (await this.peerAt(preset, latencyMs, peer, baud)) break;
    await this.peerAt(preset, latencyMs, peer, undefined);
  }

  private async peerAt(preset: Preset, latencyMs: number, peer: PeerId, baud: number | undefined): Promise<boolean> {
    const app = genuineApp(preset, "new");
    const jobs: readonly (readonly [string, PeerJob, Uint8Array | undefined])[] = [
      ["backup", "backup", undefined],
      ["full write", "write", app],
      ["small change", "write", changedInThreeSectors(app, 1)],
    ];
    let worked = true;
    const flash = typicalFlash(preset, genuineApp(preset, "older"));
    const flashSize = flash.length;
    await this.withChip(preset, latencyMs, flash, async (chip) => {
      for (const [job, kind, bytes] of jobs) {
        const before = job === "small change" ? app : job === "full write" ? genuineApp(preset, "older") : undefined;
        /** Each begins with a chip that is not linked and holds what it held for the other. */
        const prepare = async (): Promise<PeerTarget> => {
          const file = join(this.folder, `file-${this.files++}.bin`);
          if (bytes) writeFileSync(file, bytes);
          if (before)
            await timeJob(chip.port, "auto", requestOf("write", { app: before, builds: buildsOf(preset) }, before, 0));
          chip.powerCycle();
          await setTimeout(POWER_CYCLE_HEARD_MS);
          return { port: chip.port, baud, family: preset.chip, file, address: APP_AT, flashSize };
        };
        const theirs = await timePeer(peer, kind, await prepare());
        const ours = theirs.failure === undefined ? await timeOurs(CLI, kind, await prepare()) : undefined;
        const failure = theirs.failure ?? (ours?.failure === undefined ? undefined : `ours: ${ours.failure}`);
        const row: PeerRow = {
          chip: preset.id,
          latencyMs,
          job,
          peer,
          seconds: theirs.ms / 1000,
          ...(ours && { ourSeconds: ours.ms / 1000 }),
          ...(baud !== undefined && { baud }),
          ...(failure !== undefined && { failure }),
        };
        this.peers.push(row);
        say(`${peer} ${JSON.stringify(row)}`);
        if (theirs.failure !== undefined) worked = false;
      }
    });
    return worked;
  }
}

/** Each of these begins with a chip that holds what no other job has left on it. */
const OF_THEIR_OWN: readonly (readonly [MeasureId, ...MeasureId[]])[] = [
  ["backup-random"],
  ["stall-3"],
  ["stall-30"],
  ["write-rbl", "changed-rbl"],
  ["write-uf2", "changed-uf2"],
];

/** One job on a chip that was just switched on. */
type RunJob = (request: JobRequest) => Promise<TimedJob>;

function measureCpu(): Results["cpu"] {
  const runs = Array.from({ length: CPU_RUNS }, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CPU_PROGRAM], { encoding: "utf8" });
    if (status !== 0) throw new Error(`the CPU figures could not be taken: ${stderr.trim()}`);
    return JSON.parse(stdout) as NonNullable<Results["cpu"]>;
  });
  return {
    wireMs: median(runs.map(({ wireMs }) => wireMs)),
    planMs: median(runs.map(({ planMs }) => planMs)),
    uf2Bytes: runs[0]?.uf2Bytes ?? 0,
    monitor: {
      slow: median(runs.map(({ monitor }) => monitor.slow)),
      fast: median(runs.map(({ monitor }) => monitor.fast)),
      slowHeard: median(runs.map(({ monitor }) => monitor.slowHeard)),
      fastHeard: median(runs.map(({ monitor }) => monitor.fastHeard)),
    },
    lookMs: median(runs.map(({ lookMs: ms }) => ms)),
  };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  const startedAt = new Date().toISOString();
  const load = loadavg();
  const peersFound = options.parts.has("peers") && !options.simulated ? installedPeers() : [];
  const cpu = options.parts.has("cpu") ? measureCpu() : undefined;
  const bench = new Bench(options);
  await bench.run(peersFound);
  if (options.parts.has("carriers") && !options.simulated)
    await bench.overCarriers(findPreset(options.chips[0] ?? "") ?? PRESETS.bk7231t, CARRIER_BAUD);
  const coach = options.parts.has("coach") ? await timeCoach() : [];
  const results: Results = {
    startedAt,
    simulated: options.simulated,
    command: ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
    machine: {
      cpu: cpus()[0]?.model ?? "unknown processor",
      cores: cpus().length,
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      load,
    },
    rows: bench.rows,
    peers: bench.peers,
    carriers: bench.carriers,
    coach,
    peersFound,
    peersAbsent:
      options.parts.has("peers") && !options.simulated ? PEERS.filter((name) => !peersFound.includes(name)) : [],
    cpu,
  };
  mkdirSync(options.out, { recursive: true });
  writeFileSync(join(options.out, "bench.json"), `${JSON.stringify(results, undefined, 2)}\n`);
  const page = markdown(results);
  writeFileSync(join(options.out, "bench.md"), page);
  process.stdout.write(page);
  const failed = bench.rows.some(({ failure }) => failure !== undefined);
  if (failed || bench.carriers.some(isSlow) || isLate(coach)) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  say(USAGE);
  process.exitCode = 2;
});

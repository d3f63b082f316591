/**
 * One scenario: a chip, a job, a fault somewhere in it, and then, where the job did not succeed, the same job with nothing
 * in its way. After each attempt the flash and the host's disk are looked at directly.
 */
import type { ChipIdentity, FlasherError } from "../../src/core/index";
import { wireTimeMs } from "../../src/core/base/timing";
import { START_BAUD } from "../../src/core/beken/protocol/line";
import type { Preset } from "../../src/simulator/index";
import { Bench, type Attempt } from "./bench";
import { Checks } from "./checks";
import { deviceOf, type Condition, type Device } from "./devices";
import { Disk, type HostDisk } from "./disk";
import type { Extent, Fault } from "./fault";
import { FAULTS, type FaultName } from "./faults";
import { NOWHERE } from "./footprint";
import { Content } from "./medium";
import { isJournal } from "./journals";
import { Prelude } from "./prelude";
import { Random } from "./random";
import { TASKS, type Task, type TaskName } from "./tasks";
import { only } from "./programs";
import { WorkspaceDisk } from "./workspaceDisk";
import { OutOfTime } from "./world";

/**
 * A job may take so many times as long as undisturbed, every wait for a link on top, and what it may have to read byte by byte
 * at the lowest speed, before it counts as hung.
 */
const BOUND_FACTOR = 12;
const BOUND_MS = 150_000;
/** Longer than a chip stands still in any scenario. */
const LONGEST_STALL_MS = 12_000;

/**
 * How it went: nothing was noticed, repaired within the job, a clean failure after which the job succeeded, a killed job that
 * was resumed, a write that went astray on a damaged frame and was told, or one that hit the boot code, after which nothing answers.
 */
export const COURSES = ["unharmed", "repaired", "failed", "resumed", "told", "lost"] as const;
export type Course = (typeof COURSES)[number];

export interface Which {
  readonly seed: number;
  readonly preset: Preset;
  readonly condition: Condition;
  readonly task: TaskName;
  readonly fault: FaultName;
}

export interface Verdict {
  readonly course: Course;
  readonly code: string | undefined;
  readonly violations: readonly string[];
  readonly describe: string;
  readonly trace: readonly string[];
  /** Longest attempt, in simulated ms, and what it might have taken. */
  readonly ms: number;
  readonly limitMs: number;
}

/** Faults at which the one file system that a program has differs from the other. */
const OF_THE_DISK: readonly FaultName[] = [
  "killed at a step",
  "killed at the disk",
  "machine loses power",
  "disk refuses",
];

/** The command line has this machine's disk and nothing else; all other programs work over the editor's file system too. */
function isOnBoth(task: TaskName, fault: FaultName): boolean {
  return OF_THE_DISK.includes(fault) && !task.endsWith("by command");
}

export async function runScenario({ seed, preset, condition, task: name, fault: faultName }: Which): Promise<Verdict> {
  const random = new Random(seed);
  const drawn = deviceOf(preset, condition, random) ?? usual(preset);
  const chip = await identityOf(preset);
  const task: Task = TASKS[name].make(drawn, random, chip);
  const { device = drawn } = task;
  const isThroughEditor = isOnBoth(name, faultName) && seed % 2 === 1;
  const makeDisk = (): HostDisk => (isThroughEditor ? new WorkspaceDisk() : new Disk());
  const extent = await extentOf(preset, name, chip, makeDisk);
  const limitMs =
    BOUND_MS * (task.sessions ?? 1) + BOUND_FACTOR * extent.ms + wireTimeMs(task.mayRead ?? 0, START_BAUD);
  let disturbed = true;
  const disk = makeDisk();
  const before = task.prelude && new Prelude(task.prelude, extent, limitMs, random, disk);
  await before?.begin();
  const bench = new Bench(
    device,
    task,
    (one) =>
      FAULTS[faultName]({
        extent,
        random,
        active: () => disturbed,
        powerOnIn: (ms) => one.powerOnIn(ms),
        powerCycle: () => one.chip.powerCycle(),
        standStill: (ms) => one.world.standStill(ms),
        unplug: (line, ms) => one.unplug(line, ms),
      }),
    disk,
  );
  const { fault } = bench;
  const checks = new Checks(bench);
  const attempts: Attempt[] = [];
  let meddled = false;
  try {
    if (fault?.lockedStatus === true) bench.lockStatus();
    for (let number = 0; ; number++) {
      disturbed = number < (fault?.attempts ?? 1);
      if (number > 0) await makeReady(bench, fault, disturbed);
      if (number > 0 && fault?.meddled === true) meddled ||= meddle(bench, checks, random);
      const attempt = await oneAttempt(bench, checks, number, limitMs);
      // What a chip that stands still has been told, it does later.
      if (attempt.result?.kind === "flash" && attempt.result.started) await bench.pass(LONGEST_STALL_MS);
      checks.after(attempt, !disturbed);
      attempts.push(attempt);
      const { error, killed } = attempt;
      if (disturbed && fault?.isSurvived === true && error && error.code !== task.mustFail)
        checks.violate(`it was to be survived, and ended in ${error.code}`);
      if ((!error && !killed) || error?.code === task.mustFail) break;
      if (disturbed) continue;
      if (error && !isDone(bench, error, task) && !bricked(checks))
        checks.violate(`the next run failed: ${error.message}`);
      break;
    }
    const last = attempts.at(-1);
    const earlier = attempts.slice(0, -1);
    if (last && earlier.length > 0 && earlier.every(({ killed }) => killed) && !meddled)
      checks.afterResume(earlier, last);
    await before?.goOn();
    checks.violations.push(...(before?.violations ?? []));
  } finally {
    before?.dispose();
    bench.dispose();
  }
  return verdict(attempts, checks, task, limitMs, [
    device.describe,
    task.describe,
    isThroughEditor ? "through the editor" : undefined,
    fault?.describe,
  ]);
}

function verdict(
  attempts: readonly Attempt[],
  { violations, told, lost }: Checks,
  { mustFail }: Task,
  limitMs: number,
  words: readonly (string | undefined)[],
): Verdict {
  const [first] = attempts as readonly [Attempt, ...Attempt[]];
  const asItShould = first.error !== undefined && first.error.code === mustFail;
  const asNothing: Course = first.troubled ? "repaired" : "unharmed";
  const course: Course = lost
    ? "lost"
    : told
      ? "told"
      : first.killed
        ? "resumed"
        : first.error && !asItShould
          ? "failed"
          : asNothing;
  return {
    course,
    code: asItShould ? undefined : first.error?.code,
    violations,
    describe: words.filter((each) => each !== undefined && each !== "").join("; "),
    trace: attempts.flatMap(({ trace }, i) => (i === 0 ? trace : ["-- again", ...trace])),
    ms: Math.max(...attempts.map(({ ms }) => ms)),
    limitMs,
  };
}

/** Between two attempts: the chip has power, the adapter is plugged in. */
async function makeReady(bench: Bench, fault: Fault | undefined, disturbed: boolean): Promise<void> {
  if (fault?.lastsMs !== undefined) await bench.pass(fault.lastsMs);
  bench.plugIn();
  bench.chip.powerOn();
  if (disturbed || fault?.lockedStatus !== true) return;
  bench.chip.powerOff();
  bench.chip.powerOn();
}

/**
 * While the process is dead somebody else writes to the chip: what is on disk about it is wrong from then on. Or the disk itself goes
 * bad there.
 */
function meddle(bench: Bench, checks: Checks, random: Random): boolean {
  const { task } = checks;
  // What a dead flash answers nobody can change.
  if (!task.meddle || task.mustFail !== undefined || isComplete(bench, task)) return false;
  if (task.changesFlash && random.chance(30) && bench.disk.damage(isJournal, random))
    return (bench.journalDamaged = true);
  const { patch, then } = task.meddle(random);
  bench.medium.change(patch);
  bench.task = then;
  return true;
}

async function oneAttempt(bench: Bench, checks: Checks, number: number, limitMs: number): Promise<Attempt> {
  try {
    return await bench.attempt(number, limitMs);
  } catch (error) {
    const what =
      error instanceof OutOfTime
        ? `it hangs: ${error.message}`
        : `it crashes: ${error instanceof Error ? error.stack : String(error)}`;
    checks.violate(what);
    return {
      result: undefined,
      error: undefined,
      killed: true,
      plan: undefined,
      events: 0,
      troubled: false,
      leftUnprotected: false,
      possible: [],
      stored: 0,
      ms: limitMs,
      trace: [what],
    };
  }
}

/** The run before was killed after its last step: what was asked for is there, and never overwritten. */
function isDone(bench: Bench, { code }: FlasherError, task: Task): boolean {
  return code === "file-exists" && isComplete(bench, task);
}

function isComplete({ disk }: Bench, { files }: Task): boolean {
  return files !== undefined && [...files.keys()].every((name) => disk.files().has(name));
}

/** A frame that was damaged on its way has hit the boot code or locked the flash: no next run can help. */
function bricked({ strays, lockTold, lost }: Checks): boolean {
  return lost || lockTold || [...strays].some((at) => at < 0x11000);
}

function usual(preset: Preset): Device {
  return deviceOf(preset, "usual", new Random(0)) as Device;
}

const identities = new Map<string, Promise<ChipIdentity>>();

/** The chip as a sound job identifies it. */
function identityOf(preset: Preset): Promise<ChipIdentity> {
  let known = identities.get(preset.id);
  if (!known) identities.set(preset.id, (known = identify(preset)));
  return known;
}

async function identify(preset: Preset): Promise<ChipIdentity> {
  const device = usual(preset);
  const content = new Content(device.base);
  const info: Task = {
    flash: content,
    expected: content,
    footprint: NOWHERE,
    program: only({ kind: "info" }),
    changesFlash: false,
  };
  const bench = new Bench(device, info);
  const { result, error } = await bench.attempt(0, BOUND_MS);
  bench.dispose();
  if (result?.kind !== "info") throw error ?? new Error("no identity");
  return result.chip;
}

const extents = new Map<string, Promise<Extent>>();

/** What an undisturbed job of this kind needs; always of the same one, so that a scenario alone is what it is among many. */
function extentOf(preset: Preset, name: TaskName, chip: ChipIdentity, makeDisk: () => HostDisk): Promise<Extent> {
  const disk = makeDisk();
  const key = `${preset.id} ${name} ${disk.constructor.name}`;
  let extent = extents.get(key);
  if (!extent) extents.set(key, (extent = measure(preset, TASKS[name].make(usual(preset), new Random(1), chip), disk)));
  return extent;
}

async function measure(preset: Preset, task: Task, disk: HostDisk): Promise<Extent> {
  const bench = new Bench(usual(preset), task, undefined, disk);
  let commands = 0;
  let flashOperations = 0;
  bench.chip.onEvent(({ type }) => {
    if (type === "command") commands++;
    if (type === "flash") flashOperations++;
  });
  const { events, ms } = await bench.attempt(0, BOUND_MS);
  const { hostBytes, hostWrites } = bench;
  const chipBytes = bench.chip.counters.sent;
  const diskSteps = bench.disk.steps;
  bench.dispose();
  return {
    hostBytes,
    hostWrites,
    chipBytes,
    commands,
    flashOperations: Math.max(1, flashOperations),
    events,
    diskSteps,
    ms,
  };
}

/**
 * The fault campaign: `--count N` scenarios from `--seed S`, the same every time; `--only SEED` one of them, with what
 * happened in it. `--part I/N` is how several processes share the work; the last line printed is the tally as JSON then.
 */
import { parseArgs } from "node:util";
import { PRESETS, type Preset } from "../../src/simulator/index";
import { FAULTS, type FaultName } from "./faults";
import { Random } from "./random";
import { Scenario, type Course } from "./scenario";
import { TASKS, type TaskName } from "./tasks";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    part: { type: "string", default: "0/1" },
    fault: { type: "string" },
    task: { type: "string" },
    chip: { type: "string" },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

const presets: readonly Preset[] = Object.values(PRESETS);
const faults = Object.keys(FAULTS) as FaultName[];
/** Restores and whole backups take longest, and are most alike. */
const tasks = Object.keys(TASKS).flatMap((name) =>
  Array.from({ length: name === "flash" ? 6 : name === "restore" || name === "backup" ? 1 : 3 }, () => name),
) as TaskName[];

function scenario(seed: number): Scenario {
  const random = new Random(seed);
  const preset = values.chip === undefined ? random.pick(presets) : PRESETS[values.chip as keyof typeof PRESETS];
  const task = random.pick(tasks);
  const fault = random.pick(faults);
  return new Scenario(
    seed,
    preset,
    (values.task as TaskName | undefined) ?? task,
    (values.fault as FaultName | undefined) ?? fault,
  );
}

type Tally = Record<string, Record<Course, number> & { readonly codes: Record<string, number> }>;

async function one(seed: number): Promise<void> {
  const which = scenario(seed);
  const { course, code, violations, fault, trace } = await which.run();
  for (const line of trace) say(line);
  say(
    `${seed}: ${which.preset.id}, ${which.taskName}, ${which.faultName} (${fault}): ${course}${code === undefined ? "" : ` [${code}]`}`,
  );
  for (const violation of violations) say(`VIOLATION ${violation}`);
  say(`violations: ${violations.length}`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}

async function many(): Promise<void> {
  const [part, parts] = values.part.split("/").map(Number) as [number, number];
  const first = Number(values.seed) * 1_000_000;
  const tally: Tally = {};
  let violations = 0;
  for (let index = part; index < Number(values.count); index += parts) {
    const which = scenario(first + index);
    const began = performance.now();
    const verdict = await which.run();
    const took = performance.now() - began;
    const row = (tally[which.faultName] ??= { unharmed: 0, repaired: 0, failed: 0, resumed: 0, codes: {} });
    row[verdict.course]++;
    if (verdict.code !== undefined) row.codes[verdict.code] = (row.codes[verdict.code] ?? 0) + 1;
    if (took > 3_000)
      complain(
        `slow: ${which.seed} ${which.preset.id} ${which.taskName} ${which.faultName} (${verdict.fault}): ${Math.round(took)} ms`,
      );
    for (const violation of verdict.violations) {
      violations++;
      complain(
        `VIOLATION ${which.seed} ${which.preset.id}, ${which.taskName}, ${which.faultName} (${verdict.fault}): ${violation}`,
      );
    }
  }
  say(JSON.stringify({ tally, violations }));
}

if (values.only !== undefined) void one(Number(values.only));
else void many();

/**
 * The fault campaign: `--count N` scenarios from `--seed S`, the same every time; `--only SEED` one of them, with what
 * happened in it. `--part I/N` is how several processes share the work; the last line printed is the tally as JSON then.
 */
import { parseArgs } from "node:util";
import { draw } from "./draw";
import { runScenario, type Which } from "./scenario";
import { count, newTally } from "./tally";

const text = { type: "string" } as const;
const { values } = parseArgs({
  options: {
    count: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    part: { type: "string", default: "0/1" },
    only: text,
    fault: text,
    task: text,
    chip: text,
    condition: text,
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

function words({ seed, preset, task, fault }: Which, describe: string): string {
  return `${seed}: ${preset.id}, ${task}, ${fault} (${describe})`;
}

async function one(seed: number): Promise<void> {
  const which = draw(seed, values);
  const { course, code, violations, describe, trace, ms } = await runScenario(which);
  for (const line of trace) say(line);
  say(`${words(which, describe)}: ${course}${code === undefined ? "" : ` [${code}]`}, ${Math.round(ms)} simulated ms`);
  for (const violation of violations) say(`VIOLATION ${violation}`);
  say(`violations: ${violations.length}`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}

async function many(): Promise<void> {
  const [part, parts] = values.part.split("/").map(Number) as [number, number];
  const first = Number(values.seed) * 1_000_000;
  const tally = newTally();
  for (let index = part; index < Number(values.count); index += parts) {
    const which = draw(first + index, values);
    const began = process.cpuUsage();
    const verdict = await runScenario(which);
    const { user, system } = process.cpuUsage(began);
    count(tally, which, verdict, (user + system) / 1000);
    for (const violation of verdict.violations) complain(`VIOLATION ${words(which, verdict.describe)}: ${violation}`);
  }
  say(JSON.stringify(tally));
}

if (values.only !== undefined) void one(Number(values.only));
else void many();

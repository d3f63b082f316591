/** Which scenario a number stands for: drawn by weight, the same on every machine. */
import { PRESETS, type Preset, type PresetId } from "../../src/simulator/index";
import type { Condition } from "./devices";
import { FAULTS, type FaultName } from "./faults";
import { Random } from "./random";
import type { Which } from "./scenario";
import { TASKS, type TaskName } from "./tasks";

/** What a person asked for by name. */
export interface Wishes {
  readonly fault?: string | undefined;
  readonly task?: string | undefined;
  readonly chip?: string | undefined;
  readonly condition?: string | undefined;
}

const PRESET_LIST: readonly Preset[] = Object.values(PRESETS);
const FAULT_LIST = Object.keys(FAULTS) as FaultName[];
const TASK_LIST = spread(Object.entries(TASKS).map(([name, { weight }]) => [name as TaskName, weight]));
const CONDITIONS = spread<Condition>([
  ["usual", 64],
  ["protected", 9],
  ["other part", 14],
  ["unknown part", 4],
  ["lying id", 6],
  ["without boot code", 4],
  ["dead", 3],
]);
/** Nothing can be known of a dead chip beforehand, and refusals of other kinds come first. */
const ON_DEAD_CHIPS: readonly TaskName[] = ["flash", "flash all", "erase"];
/** What can be done to a device that does not start, and what it comes to, is known of these. */
const ON_BOOTLESS_CHIPS: readonly TaskName[] = ["flash", "flash all", "info", "erase", "erase the application", "read"];
const OF_SEVERAL: readonly TaskName[] = ["after another device", "after a clone", "after one like it, without MAC"];
/** They strike only where there is a protection to be lifted. */
const OF_PROTECTION: readonly FaultName[] = ["stuck protection", "locked status register"];

export function draw(seed: number, wishes: Wishes): Which {
  const random = new Random(seed ^ 0x0d12a3);
  const preset = random.pick(PRESET_LIST);
  const task = random.pick(TASK_LIST);
  const fault = random.pick(FAULT_LIST);
  const condition = OF_PROTECTION.includes(fault) && random.chance(80) ? "protected" : random.pick(CONDITIONS);
  const chosen = {
    seed,
    preset: wishes.chip === undefined ? preset : PRESETS[wishes.chip as PresetId],
    task: (wishes.task as TaskName | undefined) ?? task,
    fault: (wishes.fault as FaultName | undefined) ?? fault,
    condition: (wishes.condition as Condition | undefined) ?? condition,
  };
  const tooDead =
    (chosen.condition === "without boot code" && !ON_BOOTLESS_CHIPS.includes(chosen.task)) ||
    (!ON_DEAD_CHIPS.includes(chosen.task) &&
      (chosen.condition === "dead" ||
        (chosen.task === "refused" && chosen.condition !== "usual") ||
        (OF_SEVERAL.includes(chosen.task) && chosen.condition === "unknown part")));
  return tooDead ? { ...chosen, condition: "usual" } : chosen;
}

function spread<T>(weights: readonly (readonly [T, number])[]): T[] {
  return weights.flatMap(([each, weight]) => Array.from({ length: weight }, () => each));
}

/** Tasks that change nothing on the chip: a backup and a reading into files, and a comparison. */
import { application } from "../../src/simulator/index";
import { noise } from "../../src/simulator/prng";
import { APP_AT } from "../component/flash/builds";
import { firmware } from "./firmware";
import { NOWHERE } from "./footprint";
import { Content, SECTOR, type Patch } from "./medium";
import { DUMP, READING, backUp, only, readTo } from "./programs";
import type { MakeTask, Task } from "./tasks";
import { another } from "./writingTasks";

/** Behind the application that devices come with. */
const APP_END = 0x1ba00;

export const backup: MakeTask = ({ base }) => backupOf(new Content(base), base);

function backupOf(content: Content, whole: Uint8Array): Task {
  return {
    flash: content,
    expected: content,
    footprint: NOWHERE,
    program: backUp,
    mayRead: whole.length,
    judge: (result) =>
      result.kind === "backup" && Buffer.compare(result.data, whole) === 0 ? undefined : "not what the chip holds",
    files: new Map([[DUMP, whole]]),
    changesFlash: false,
    meddle(random) {
      const patch = { at: SECTOR * random.below(0x40), bytes: noise(5, SECTOR) };
      const then = content.with([patch]);
      return { patch, then: backupOf(then, then.whole()) };
    },
  };
}

/** Devices that start, and some that do not: what is told of that is all that this is about. */
export const info: MakeTask = ({ preset, base, cannotStart }, random) => {
  const harm = random.pick([undefined, undefined, "blank", "other key", "cut"] as const);
  const patches: Patch[] = [];
  if (harm === "blank") patches.push({ at: APP_AT, bytes: new Uint8Array(APP_END - APP_AT).fill(0xff) });
  if (harm === "other key")
    patches.push({ at: APP_AT, bytes: application(another(preset.key), 7, undefined, undefined, preset.core) });
  if (harm === "cut") patches.push({ at: APP_AT, bytes: new Uint8Array(SECTOR).fill(0xff) });
  const content = new Content(base, patches);
  return {
    flash: content,
    expected: content,
    footprint: NOWHERE,
    program: only({ kind: "info" }),
    changesFlash: false,
    starts: cannotStart !== true && harm === undefined,
    describe: harm ?? "",
  };
};

export const read: MakeTask = ({ base }, random) => {
  const start = random.below(0x30000);
  const length = random.between(1, 0x9000);
  const right = base.subarray(start, start + length);
  const content = new Content(base);
  return {
    flash: content,
    expected: content,
    footprint: NOWHERE,
    program: readTo({ kind: "read", start, length }),
    judge: (result) =>
      result.kind === "read" && Buffer.compare(result.data, right) === 0 ? undefined : "not what the chip holds",
    files: new Map([[READING, right]]),
    changesFlash: false,
    describe: `${length} from ${start.toString(16)}`,
  };
};

export const verify: MakeTask = ({ preset, base }, random) => {
  const { file, patches } = firmware(preset, random.pick([0x1a50, 0x8a50]), random.pick(["crc", "uf2"]));
  const [application] = patches;
  const bytes = application?.bytes.slice() ?? new Uint8Array(0);
  const differs = random.chance(40);
  if (differs) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
  }
  const content = new Content(base, [...patches, { at: APP_AT, bytes }]);
  return {
    flash: content,
    expected: content,
    footprint: NOWHERE,
    program: only({ kind: "verify", file }),
    judge: () => (differs ? "the chip holds something else" : undefined),
    changesFlash: false,
    ...(differs && { mustFail: "verify-failed" as const }),
  };
};

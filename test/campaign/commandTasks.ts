/** Tasks of the command line: what the others ask of the core, asked by its commands, with its own folders and exit codes. */
import { join } from "node:path";
import { command } from "./commandLine";
import { BACKUPS } from "./disk";
import { SECTOR } from "./medium";
import { DUMP } from "./programs";
import * as reading from "./readingTasks";
import type { MakeTask } from "./tasks";
import * as writing from "./writingTasks";

export const flash: MakeTask = (device, random) => {
  const backUp = random.chance(10);
  const by: writing.WriteBy = (request) => async (host) => {
    if (request.kind !== "flash") throw new Error("only flash");
    const path = host.put(request.file.name, request.file.bytes);
    return await command(host, [
      "flash",
      path,
      "--no-reboot",
      ...(backUp ? ["--backup", join(host.folder, BACKUPS)] : ["--no-backup"]),
      ...(request.evenIfItCannotStart === true ? ["--even-if-it-cannot-start"] : []),
    ]);
  };
  return {
    ...writing.writing(device, random, writing.short(device, random), {}, { backUp }, by),
    backsUpFirst: backUp,
  };
};

export const erase: MakeTask = (device, random) => {
  const start = 0x20000 + SECTOR * random.below(16);
  const length = SECTOR * random.between(1, 20);
  const task = writing.eraseOf(device, { start, length });
  const args = ["erase", "--start", `${start}`, "--length", `${length}`, "--no-backup"];
  return { ...task, program: (host) => command(host, args) };
};

export const backup: MakeTask = (device, random, chip) => {
  const task = reading.backup(device, random, chip);
  // What it has read is in its file, and judged there.
  return { ...task, judge: () => undefined, program: (host) => command(host, ["backup", join(host.folder, DUMP)]) };
};

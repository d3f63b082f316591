/** What backups are called, whoever makes them. Names are for people: which device a dump is of is told by its manifest. */
import type { ChipIdentity } from "../core/index";
import type { FileSystem } from "./fileSystem";
import { exists } from "./wholeFiles";

/**
 * `bk7231t-C8478C420001.bin`, or `bk7231t-C8478C420001-20261122-091500.bin`: chip, device, local time.
 * @param chip as far as it is known
 * @param at left out for a name that is the same every time
 */
export function backupName(chip: ChipIdentity | undefined, at?: Date): string {
  const parts = [chip?.chip?.id ?? "backup", chip?.mac?.replaceAll(":", ""), at && timeStamp(at)];
  return `${parts.filter((part) => part !== undefined).join("-")}.bin`;
}

/** `20261122-091500`, local time. */
export function timeStamp(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  return `${day}-${time}`;
}

/** `bulb.bin` as `bulb-2.bin`. */
export function numbered(files: FileSystem, path: string, number: number): string {
  const name = files.nameOf(path);
  const dot = name.lastIndexOf(".");
  const stem = dot > 0 ? dot : name.length;
  return files.join(files.folderOf(path), `${name.slice(0, stem)}-${number}${name.slice(stem)}`);
}

/** The path, or the first with a number that nothing has. */
export async function unusedPath(files: FileSystem, path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const other = number === 1 ? path : numbered(files, path, number);
    if (!(await exists(files, other))) return other;
  }
}

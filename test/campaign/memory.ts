/**
 * What of a disk outlives a machine that loses its power: bytes that were synced, under names that were there when anything was
 * last synced, as on file systems that keep a journal of their names. Looks at a real folder; knows nothing of what is stored.
 */
import fs from "node:fs";
import { join } from "node:path";

/** What a file is left with that was never synced, or has more than was. */
export type Unsynced = "nothing" | "zeros" | "all";

export class DurableMemory {
  /** By inode: what was synced of it. Each is held open, so that no other file gets its number. */
  private readonly contents = new Map<number, { readonly fd: number; bytes: Uint8Array }>();
  private names = new Map<string, number>();

  /** Everything that is there now has been there for long. */
  constructor(private readonly folders: readonly string[]) {
    for (const [path, inode] of this.namesNow()) this.contents.set(inode, held(path));
    this.names = this.namesNow();
  }

  synced(fd: number): void {
    const { ino } = fs.fstatSync(fd);
    this.names = this.namesNow();
    const path = [...this.names].find(([, inode]) => inode === ino)?.[0];
    if (path === undefined) return;
    const known = this.contents.get(ino);
    if (known) known.bytes = new Uint8Array(fs.readFileSync(path));
    else this.contents.set(ino, held(path));
  }

  /** @param namesToo false: names changed since are there all the same, as some file systems have it */
  losePower(namesToo: boolean, unsynced: Unsynced): void {
    const names = namesToo ? this.names : this.namesNow();
    const after = new Map([...names].map(([path, inode]) => [path, this.leftOf(path, inode, unsynced)]));
    for (const path of this.namesNow().keys()) fs.unlinkSync(path);
    for (const [path, bytes] of after) fs.writeFileSync(path, bytes);
    this.dispose();
  }

  dispose(): void {
    for (const { fd } of this.contents.values()) fs.closeSync(fd);
    this.contents.clear();
  }

  private leftOf(path: string, inode: number, unsynced: Unsynced): Uint8Array {
    const durable = this.contents.get(inode)?.bytes ?? new Uint8Array(0);
    // Only a name that is new leads to bytes that were never synced, and only one that is there now can be read.
    if (unsynced === "nothing" || !fs.existsSync(path)) return durable;
    const now = new Uint8Array(fs.readFileSync(path));
    if (unsynced === "all") return now;
    const zeros = new Uint8Array(Math.max(now.length, durable.length));
    zeros.set(durable);
    return zeros;
  }

  private namesNow(): Map<string, number> {
    const found = new Map<string, number>();
    for (const folder of this.folders)
      for (const entry of fs.readdirSync(folder, { withFileTypes: true }))
        if (entry.isFile()) found.set(join(folder, entry.name), fs.statSync(join(folder, entry.name)).ino);
    return found;
  }
}

function held(path: string): { readonly fd: number; bytes: Uint8Array } {
  return { fd: fs.openSync(path, "r"), bytes: new Uint8Array(fs.readFileSync(path)) };
}

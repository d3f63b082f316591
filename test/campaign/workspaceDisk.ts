/**
 * The host's disk as the editor gives it to an extension: every call of `workspace.fs` is one step. What a call has written is
 * flushed once it returns, and the names that were given before with it.
 */
import { readAddition, readFormer } from "../../src/extension/platform/additions";
import type { FileSystem } from "../../src/storage/fileSystem";
import { WorkspaceMemory } from "../workspaceMemory";
import { FIRST_PID, HostProcess, INPUT, flipABit, type DiskFaults, type Durable, type HostDisk } from "./disk";
import type { Random } from "./random";

const FOLDER = "/host";

export class WorkspaceDisk implements HostDisk {
  readonly folder = `memory:${FOLDER}`;
  steps = 0;
  private pids = FIRST_PID;
  private readonly memory = new WorkspaceMemory();
  private seen = this.memory;

  constructor() {
    this.put("", new Uint8Array(0));
    this.empty();
  }

  get fileSystem(): FileSystem {
    return this.seen.files;
  }

  put(name: string, bytes: Uint8Array): string {
    this.memory.put(`${FOLDER}/${INPUT}/${name}`, bytes);
    return this.memory.files.join(this.folder, `${INPUT}/${name}`);
  }

  damage(isMeant: (name: string) => boolean, random: Random): boolean {
    const [found] = [...this.files()].filter(([name]) => isMeant(name));
    if (found === undefined) return false;
    const [name, content] = found;
    const bytes = content.slice();
    if (bytes.length === 0) return false;
    flipABit(bytes, random);
    this.memory.put(`${FOLDER}/${name}`, bytes);
    return true;
  }

  begin(faults: DiskFaults, onDeath: () => void): HostProcess {
    const durable: Durable = {
      losePower: (namesToo) => this.memory.cutPower(namesToo ? "forgotten" : "kept"),
      synced: () => undefined,
      dispose: () => undefined,
    };
    const host = new HostProcess(this, this.pids++, faults, onDeath, durable);
    // A process that is dead sees nothing any more, whichever runs now.
    this.seen = this.memory.seenBy((call, _path, changes, work, begin) =>
      // A full disk still deletes.
      host.step(call, changes && call !== "delete", work, begin && ((keep) => begin.part(keep(begin.length)))),
    );
    return host;
  }

  files(): Map<string, Uint8Array> {
    const paths = new Set<string>();
    for (const path of this.memory.paths()) {
      const at = path.lastIndexOf("/") + 1;
      const name = path.slice(at);
      if (readAddition(name) === undefined) paths.add(`${path.slice(0, at)}${readFormer(name)?.of ?? name}`);
    }
    const found = new Map<string, Uint8Array>();
    for (const path of [...paths].sort()) {
      const content = this.memory.content(path);
      if (content) found.set(path.slice(FOLDER.length + 1), content);
    }
    return found;
  }

  empty(): void {
    this.memory.clear();
  }
}

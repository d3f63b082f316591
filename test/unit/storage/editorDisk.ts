/**
 * The editor's file system on a disk that is not to be trusted. What it has written is flushed, as VS Code does it, and with that
 * the names that were given before; names that came or went since may be forgotten. A write can end half way.
 */
import { WorkspaceMemory } from "../../workspaceMemory";
import { UntrustedDisk } from "./untrustedDisk";

const FOLDER = "/disk";

export class EditorDisk extends UntrustedDisk {
  readonly storing = ["writeFile", "rename"];
  private readonly memory = new WorkspaceMemory((call, path, changes, work, begin) =>
    this.step({ call, path }, changes, work, begin && (() => begin.part(begin.length >> 1))),
  );
  readonly files = this.memory.files;
  readonly folder = `memory:${FOLDER}`;

  constructor() {
    super();
    this.memory.spoil = (bytes) => this.spoil(bytes);
    this.memory.put(`${FOLDER}/x`, new Uint8Array(0));
    this.clear();
  }

  dispose(): void {
    this.clear();
  }

  put(name: string, content: Uint8Array | string, modified = new Date()): string {
    this.memory.put(`${FOLDER}/${name}`, Buffer.from(content), modified.getTime());
    return this.path(name);
  }

  content(name: string): Buffer | undefined {
    const content = this.memory.content(`${FOLDER}/${name}`);
    return content && Buffer.from(content);
  }

  list(): string[] {
    return this.everything().filter((name) => !/(?:^|\/)\.[^/]+\.(?:add|old)$/.test(name));
  }

  everything(): string[] {
    return this.memory
      .paths()
      .map((path) => path.slice(FOLDER.length + 1))
      .sort();
  }

  protected closeAll(): void {
    // The editor holds nothing open.
  }

  cutPower(names: "kept" | "forgotten"): void {
    this.memory.cutPower(names);
  }

  clear(): void {
    this.memory.clear();
  }
}

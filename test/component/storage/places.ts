/** A folder on each of the file systems that storage works over: Node's disk, and the editor's over memory. */
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wholeNames } from "../../../src/extension/platform/additions";
import type { FileSystem } from "../../../src/storage/fileSystem";
import { nodeFiles } from "../../../src/storage/nodeFileSystem";
import { WorkspaceMemory } from "../../workspaceMemory";

export interface Place {
  readonly files: FileSystem;
  readonly folder: string;
  /** Names of files, without what lies beside them while they grow. */
  names(): string[];
  bytes(name: string): Uint8Array;
  /** As somebody else leaves a file there. @returns its path */
  put(name: string, content: Uint8Array | string, changed?: Date): string;
  dispose(): void;
}

function onDisk(): Place {
  const folder = fs.mkdtempSync(join(tmpdir(), "beken-place-"));
  return {
    files: nodeFiles,
    folder,
    names: () => fs.readdirSync(folder),
    bytes: (name) => new Uint8Array(fs.readFileSync(join(folder, name))),
    put(name, content, changed = new Date()) {
      const path = join(folder, name);
      fs.writeFileSync(path, content);
      fs.utimesSync(path, changed, changed);
      return path;
    },
    dispose: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

function inTheEditor(): Place {
  const memory = new WorkspaceMemory();
  const folder = "memory:/place";
  memory.put("/place/x", new Uint8Array(0));
  memory.clear();
  return {
    files: memory.files,
    folder,
    names: () => [...wholeNames(memory.paths().map((path) => path.slice("/place/".length)))],
    bytes: (name) => memory.content(`/place/${name}`) ?? new Uint8Array(0),
    put(name, content, changed = new Date()) {
      memory.put(`/place/${name}`, Buffer.from(content), changed.getTime());
      return memory.files.join(folder, name);
    },
    dispose: () => memory.clear(),
  };
}

export function textOf(place: Place, name: string): string {
  return new TextDecoder().decode(place.bytes(name));
}

/** The same tests on both. */
export function onBothFileSystems(what: string, tests: (make: () => Place) => void): void {
  describe(`${what}, on Node's file system`, () => tests(onDisk));
  describe(`${what}, on the editor's file system`, () => tests(inTheEditor));
}

/** A local file in a browser: as the editor's provider for them behaves, which has handles of single files and of folders that were opened. */
import assert from "node:assert/strict";
import { assertEmpty, fillLone, isLone } from "../../../src/extension/platform/loneFile";

class LocalUri {
  constructor(
    readonly path: string,
    readonly scheme = "file",
  ) {}

  with({ path }: { readonly path: string }): LocalUri {
    return new LocalUri(path, this.scheme);
  }
}

class Handles {
  readonly files = new Map<string, Uint8Array>();
  readonly folders = new Set<string>();
  keep = (bytes: Uint8Array): Uint8Array => bytes;

  stat({ path }: LocalUri): Promise<{ type: number; mtime: number; size: number }> {
    const bytes = this.files.get(path);
    return bytes === undefined
      ? Promise.reject(new Error("No such file or directory, stat"))
      : Promise.resolve({ type: 1, mtime: 0, size: bytes.length });
  }

  readDirectory({ path }: LocalUri): Promise<[string, number][]> {
    return this.folders.has(path)
      ? Promise.resolve([])
      : Promise.reject(new Error("No such file or directory, readdir"));
  }

  readFile({ path }: LocalUri): Promise<Uint8Array> {
    return Promise.resolve(this.files.get(path) ?? new Uint8Array(0));
  }

  writeFile({ path }: LocalUri, bytes: Uint8Array): Promise<void> {
    if (!this.files.has(path)) return Promise.reject(new Error("No such parent directory, writeFile"));
    this.files.set(path, this.keep(bytes));
    return Promise.resolve();
  }
}

describe("a file that the browser's dialog gave", () => {
  const uri = new LocalUri("/copy.bin");
  const bytes = Uint8Array.of(1, 2, 3);
  let handles: Handles;

  beforeEach(() => {
    handles = new Handles();
    handles.files.set(uri.path, new Uint8Array(0));
  });

  it("has no folder around it that could be listed", async () => {
    assert.equal(await isLone(handles, uri), true);
    handles.folders.add("/opened");
    assert.equal(await isLone(handles, new LocalUri("/opened/copy.bin")), false);
    assert.equal(await isLone(handles, new LocalUri("/copy.bin", "vscode-vfs")), false);
  });

  it("is filled at once, though it was made before", async () => {
    await assertEmpty(handles, uri);
    await fillLone(handles, uri, bytes);
    assert.deepEqual(handles.files.get(uri.path), bytes);
  });

  it("is left alone where nobody can say whether something is in it", async () => {
    handles.files.set(uri.path, Uint8Array.of(9));
    handles.stat = () => Promise.reject(new Error("The request is not allowed by the user agent"));
    await assert.rejects(assertEmpty(handles, uri), { code: "file-access" });
    await assert.rejects(fillLone(handles, uri, bytes), { code: "file-access" });
    assert.deepEqual(handles.files.get(uri.path), Uint8Array.of(9));
  });

  it("is left alone where something is in it", async () => {
    handles.files.set(uri.path, Uint8Array.of(9));
    await assert.rejects(assertEmpty(handles, uri), { code: "file-exists" });
    await assert.rejects(fillLone(handles, uri, bytes), { code: "file-exists" });
    assert.deepEqual(handles.files.get(uri.path), Uint8Array.of(9));
  });

  it("is read back: what the disk did not keep is no success, nor is what it refused", async () => {
    handles.keep = (given) => given.subarray(1);
    await assert.rejects(fillLone(handles, uri, bytes), { code: "file-access" });
    handles.files.delete(uri.path);
    await assert.rejects(fillLone(handles, uri, bytes), { code: "file-access" });
  });
});

/** Files that grow and files that are replaced, on a file system that knows whole files only: whole at any moment, by any order of events. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createFile, replaceFile } from "../../../src/storage/wholeFiles";
import { noise } from "../../../src/simulator/prng";
import { MemoryUri, WorkspaceMemory } from "../../workspaceMemory";
import { EditorDisk } from "../storage/editorDisk";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);
const hasCode =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof Error && "code" in error && error.code === code;

describe("the editor's file system", () => {
  let disk: EditorDisk;
  beforeEach(() => {
    disk = new EditorDisk();
  });
  afterEach(() => disk.dispose());

  const add = async (name: string, ...lines: readonly string[]): Promise<void> => {
    const file = await disk.files.openToAppend(disk.path(name));
    for (const line of lines) await file.write(bytes(line), true);
    await file.close();
  };
  const read = async (name: string): Promise<string> => text(await disk.files.read(disk.path(name)));

  it("takes paths apart and puts them together, whatever is in a name", () => {
    const { files } = disk;
    for (const name of ["a.bin", "a b#c?d%20.bin", "备份.bin", "a:b"]) {
      const path = files.join(disk.folder, name);
      assert.equal(files.nameOf(path), name);
      assert.equal(files.folderOf(path), disk.folder);
    }
    assert.equal(files.join("memory:/", "a"), "memory:/a");
    assert.equal(files.folderOf("memory:/a"), "memory:/");
    assert.equal(files.join(disk.folder, "x/y"), files.join(files.join(disk.folder, "x"), "y"));
  });

  for (const names of ["kept", "forgotten"] as const)
    it(`has the one or the other of a file that is replaced, with all that was added, at any moment, with names ${names}`, async () => {
      const found = new Set<string | undefined>();
      const look = (where: string): void => {
        const now = disk.content("j")?.toString();
        assert.ok(now === "old\nadded\n" || now === "new\n", `${where}: ${now}`);
        found.add(now);
      };
      disk.put("j", "old\n");
      await add("j", "added\n");
      const beside = new Map(disk.everything().map((name) => [name, disk.content(name) as Buffer]));
      disk.after = ({ call, path }) => look(`after ${call} of ${path}`);
      await disk.killedAnywhere(
        () => {
          disk.put("j", "old\n");
          for (const [name, content] of beside) if (name !== "j") disk.put(name, content);
        },
        () => replaceFile(disk.files, disk.path("j"), "new\n"),
        (where) => {
          look(where);
          disk.cutPower(names);
          look(`power cut ${where}`);
        },
      );
      assert.equal(found.size, 2);
      // What the power cut has brought back goes with the next.
      await replaceFile(disk.files, disk.path("j"), "new\n");
      assert.deepEqual(
        disk.everything().filter((name) => !name.endsWith(".part")),
        ["j"],
      );
    });

  it("is read whole while it is replaced, and by two at once, in every order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        disk.clear();
        disk.put("j", "old");
        disk.before = () => scheduler.schedule(Promise.resolve());
        const seen: string[] = [];
        disk.after = () => void seen.push(disk.content("j")?.toString() ?? "nothing");
        const work = ["one", "two"].map((content) => disk.run(() => replaceFile(disk.files, disk.path("j"), content)));
        const reading = Array.from({ length: 4 }, async () => {
          await scheduler.schedule(Promise.resolve());
          seen.push(await read("j"));
        });
        await scheduler.waitFor(Promise.all([...work, ...reading]));
        disk.before = undefined;
        disk.after = undefined;
        for (const each of seen) assert.ok(["old", "one", "two"].includes(each), each);
        assert.notEqual(await read("j"), "old");
        assert.deepEqual(disk.everything(), ["j"]);
      }),
      { numRuns: 100 },
    );
  });

  it("keeps what two programs add at once, and the order of each", async () => {
    disk.put("j", "0");
    const files = await Promise.all([1, 2].map(() => disk.files.openToAppend(disk.path("j"))));
    for (const round of ["a", "b", "c"])
      await Promise.all(files.map((file, i) => file.write(bytes(i === 0 ? round : round.toUpperCase()), true)));
    const all = await read("j");
    assert.equal(all.length, 7);
    assert.deepEqual([all.replace(/[^a-z]/g, ""), all.replace(/[^A-Z]/g, "")], ["abc", "ABC"]);
  });

  it("writes what need not be flushed with what must be, and loses none of it", async () => {
    const file = await disk.files.openToAppend(disk.path("j"));
    let goOn = (): void => undefined;
    const heldUp = new Promise<void>((resolve) => (goOn = resolve));
    disk.before = () => heldUp;
    for (let i = 0; i < 50; i++) await file.write(bytes(`${i},`), false);
    const last = file.write(bytes("end"), true);
    goOn();
    await last;
    assert.equal(await read("j"), `${Array.from({ length: 50 }, (_, i) => `${i},`).join("")}end`);
    assert.ok(disk.everything().length < 6, "few files for many lines");
    await file.write(bytes("!"), false);
    await file.close();
    assert.ok((await read("j")).endsWith("end!"));
  });

  it("says so where something was not added, and adds nothing behind a gap", async () => {
    const file = await disk.files.openToAppend(disk.path("j"));
    disk.before = ({ call }) => {
      if (call === "writeFile") throw new Error("ENOSPC: no space left on device");
    };
    await assert.rejects(file.write(bytes("a"), true), hasCode("ENOSPC"));
    disk.before = undefined;
    await assert.rejects(file.write(bytes("b"), true), hasCode("ENOSPC"));
    await file.close();
    assert.equal(await read("j"), "");
  });

  it("puts pieces at their offsets, the latest counting, also onto a file of one piece", async () => {
    const whole = noise(3, 0x300);
    disk.put("d.part", whole.slice(0, 0x100));
    const file = await disk.files.openToPatch(disk.path("d.part"), false);
    await file.write(new Uint8Array(0x100), true, 0x200);
    await file.write(whole.slice(0x200), true, 0x200);
    await file.close();
    const found = await disk.files.read(disk.path("d.part"));
    assert.equal(found.length, 0x300);
    assert.deepEqual([...found.subarray(0x200)], [...whole.subarray(0x200)]);
    assert.deepEqual([...found.subarray(0x100, 0x200)], [...new Uint8Array(0x100)]);
    const { size } = await disk.files.stat(disk.path("d.part"));
    assert.equal(size, 0x300);
    await assert.rejects(disk.files.openToPatch(disk.path("d.part"), true), hasCode("EEXIST"));
    await assert.rejects(disk.files.openToPatch(disk.path("none"), false), hasCode("ENOENT"));
  });

  it("gives a new file nothing of what was added to an earlier one of its name", async () => {
    await add("j", "a");
    const stale = await disk.files.openToAppend(disk.path("j"));
    await disk.files.remove(disk.path("j"));
    await stale.write(bytes("late"), true);
    await createFile(disk.files, disk.path("j"), bytes("new"));
    assert.equal(await read("j"), "new");
    await disk.files.remove(disk.path("j"));
    assert.deepEqual(disk.everything(), []);
  });

  it("keeps what is late for an earlier file, and what a killed run left, out of the one of its name", async () => {
    disk.put("j", "old");
    const late = await disk.files.openToAppend(disk.path("j"));
    await replaceFile(disk.files, disk.path("j"), "new");
    await late.write(bytes("late"), true);
    assert.equal(await read("j"), "new");
    disk.put(".d.part.00000000-000001-00000000-01234567-89ab.add", "left");
    const part = await disk.files.openToPatch(disk.path("d.part"), true);
    await part.close();
    assert.equal(await read("d.part"), "");
  });

  it("takes a file for there that was being replaced when its program was killed", async () => {
    disk.put(".j.01234567-89ab.old", "old");
    assert.equal(await read("j"), "old");
    assert.deepEqual(await disk.files.list(disk.folder), ["j"]);
    await assert.rejects(createFile(disk.files, disk.path("j"), bytes("new")), /file-exists|is in use|already/i);
    await replaceFile(disk.files, disk.path("j"), "new");
    assert.deepEqual([await read("j"), disk.everything()], ["new", ["j"]]);
  });

  it("removes a file with all that lies beside it; killed on the way, what is left is a beginning of it", async () => {
    await disk.killedAnywhere(
      () => disk.put("j", "head\n"),
      async () => {
        await add("j", "1\n", "2\n");
        await disk.files.remove(disk.path("j"));
      },
      (where) => {
        const left = disk.content("j")?.toString() ?? "";
        assert.ok(["", "head\n", "head\n1\n", "head\n1\n2\n", "head\n2\n"].includes(left.replace(/\n.$/, "\n")), where);
      },
    );
    assert.deepEqual(disk.everything(), []);
  });

  it("shows in a folder what is a file, and when it was last added to", async () => {
    disk.put("j", "x", new Date(1_000));
    const { changed } = await disk.files.stat(disk.path("j"));
    assert.equal(changed, 1_000);
    const file = await disk.files.openToAppend(disk.path("j"));
    await file.touch();
    await file.touch();
    assert.ok((await disk.files.stat(disk.path("j"))).changed > 1_000);
    assert.equal(await read("j"), "x");
    assert.deepEqual(await disk.files.list(disk.folder), ["j"]);
    await replaceFile(disk.files, disk.path("j"), "y");
    assert.deepEqual(await disk.files.list(disk.folder), ["j"]);
  });

  it("speaks of failures as a disk does", async () => {
    const { files } = disk;
    disk.put("file", "x");
    await assert.rejects(files.read(disk.path("none")), hasCode("ENOENT"));
    await assert.rejects(files.stat(disk.path("none/deeper")), hasCode("ENOENT"));
    await assert.rejects(files.createFolder(disk.path("file")), hasCode("EEXIST"));
    await assert.rejects(files.write(disk.path("file"), bytes("y")), hasCode("EEXIST"));
    await files.remove(disk.path("none"));
    for (const [said, code] of [
      ["EROFS: read-only file system", "EROFS"],
      ["QuotaExceededError", "ENOSPC"],
      ["something else", "EIO"],
    ] as const) {
      disk.before = () => {
        throw new Error(said);
      };
      await assert.rejects(files.write(disk.path("new"), bytes("y")), hasCode(code));
    }
  });

  it("finds out that a rename led elsewhere, as where two look first and then move", async () => {
    const memory = new WorkspaceMemory();
    const other = bytes("of another program");
    const rename = memory.rename.bind(memory);
    // It moves over whatever came while it looked.
    memory.rename = async (from, to, options) => {
      await rename(from, to, options);
      if (to.path === "/d/a.bin") memory.put("/d/a.bin", other);
    };
    await assert.rejects(createFile(memory.files, "memory:/d/a.bin", bytes("mine")), /file-exists|is in use|already/i);
    assert.deepEqual(memory.content("/d/a.bin"), other);
    assert.equal(MemoryUri.parse("memory:/d/a%20b").path, "/d/a b");
  });
});

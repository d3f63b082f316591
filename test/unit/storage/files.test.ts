/** What is stored is whole under its name or not there at all: with the power cut, other processes at work, and bad media. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { FileError } from "../../../src/core/index";
import { assertCanCreate, createFile, createFolder } from "../../../src/storage/wholeFiles";
import { noise } from "../../../src/simulator/prng";
import { onEveryDisk } from "./disks";
import type { UntrustedDisk } from "./untrustedDisk";

const BYTES = noise(1, 5_000);
const OTHER = noise(2, 7_000);
const isCode =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof FileError && error.code === code;
/** What file systems without hard links say: FAT, many network drives, some containers. */
const noLinks = ({ call }: { readonly call: string }): void => {
  if (call === "link") throw Object.assign(new Error("EPERM: operation not permitted, link"), { code: "EPERM" });
};

onEveryDisk("files that are stored", (make) => {
  let disk: UntrustedDisk;
  beforeEach(() => {
    disk = make();
  });
  afterEach(() => disk.dispose());

  for (const names of ["kept", "forgotten"] as const) {
    it(`are there after a power cut once it was said that they are, on a disk with its names ${names}`, async () => {
      await createFile(disk.files, disk.path("a.bin"), BYTES);
      disk.cutPower(names);
      assert.ok(disk.content("a.bin")?.equals(BYTES));
      await createFolder(disk.files, disk.path("x/y"));
      await createFile(disk.files, disk.path("x/y/b.bin"), OTHER);
      disk.cutPower(names);
      assert.ok(disk.content("x/y/b.bin")?.equals(OTHER));
    });

    it(`are whole or not there after a power cut at any moment, with its names ${names}`, async () => {
      await disk.killedAnywhere(
        () => undefined,
        () => createFile(disk.files, disk.path("a.bin"), BYTES),
        (where) => {
          const now = disk.content("a.bin");
          assert.ok(now === undefined || now.equals(BYTES), `killed ${where}`);
          disk.cutPower(names);
          const left = disk.content("a.bin");
          assert.ok(left === undefined || left.equals(BYTES), `power cut ${where}`);
        },
      );
    });
  }

  it("are never said to be there when the disk kept something else, or less", async () => {
    const spoilt: readonly ((bytes: Uint8Array) => Uint8Array)[] = [
      (bytes) => bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte)),
      (bytes) => bytes.subarray(0, -1),
      (bytes) => bytes.slice().fill(0, 4096),
      () => new Uint8Array(0),
    ];
    for (const spoil of spoilt) {
      disk.spoil = spoil;
      await assert.rejects(createFile(disk.files, disk.path("a.bin"), BYTES), isCode("file-access"));
      assert.deepEqual(disk.everything(), []);
    }
  });

  it("never take the place of a file that is there, nor of one that comes while they are written", async () => {
    disk.put("a.bin", OTHER);
    await assert.rejects(createFile(disk.files, disk.path("a.bin"), BYTES), isCode("file-exists"));
    await assert.rejects(assertCanCreate(disk.files, disk.path("a.bin")), isCode("file-exists"));
    disk.before = ({ call }) => {
      if (call === "link" || call === "rename") disk.put("b.bin", OTHER);
    };
    await assert.rejects(createFile(disk.files, disk.path("b.bin"), BYTES), isCode("file-exists"));
    assert.ok(disk.content("a.bin")?.equals(OTHER) && disk.content("b.bin")?.equals(OTHER));
    assert.deepEqual(disk.everything(), ["a.bin", "b.bin"]);
  });

  for (const [kind, refuse] of [
    ["with", () => undefined],
    ["without", noLinks],
  ] as const) {
    it(`come from one process only when two write the same name, in every order, on a file system ${kind} links`, async () => {
      const both = [BYTES, OTHER];
      await fc.assert(
        fc.asyncProperty(fc.scheduler(), async (scheduler) => {
          disk.clear();
          disk.before = async (step) => {
            await scheduler.schedule(Promise.resolve());
            refuse(step);
          };
          const ends = Promise.all(
            both.map((bytes) =>
              disk
                .run(() => createFile(disk.files, disk.path("a.bin"), bytes))
                .then(
                  () => true,
                  (error: unknown) => {
                    assert.ok(isCode("file-exists")(error), String(error));
                    return false;
                  },
                ),
            ),
          );
          await scheduler.waitFor(ends);
          disk.before = undefined;
          const won = await ends;
          assert.equal(won.filter(Boolean).length, 1);
          assert.ok(disk.content("a.bin")?.equals(both[won.indexOf(true)] as Uint8Array));
          assert.deepEqual(disk.everything(), ["a.bin"]);
        }),
        { numRuns: 60 },
      );
    });
  }

  it("leave nothing behind where the disk is full", async () => {
    for (const full of disk.storing) {
      disk.before = ({ call }) => {
        if (call === full || (full === "link" && call === "rename"))
          throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
      };
      await assert.rejects(createFile(disk.files, disk.path("a.bin"), BYTES), isCode("file-not-stored"), full);
      disk.before = undefined;
      assert.deepEqual(disk.everything(), [], full);
    }
  });
});

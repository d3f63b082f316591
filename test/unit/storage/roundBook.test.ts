import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlasherError, parseLedger, type RoundEntry } from "../../../src/core/index";
import type { FileSystem } from "../../../src/storage/fileSystem";
import { nodeFiles } from "../../../src/storage/nodeFileSystem";
import { roundEntry } from "../round/entry";
import { StoredRoundBook, type RoundBookOptions } from "../../../src/storage/roundBook";

const FILE = { name: "firmware.uf2", sha256: "a".repeat(64), size: 3 };
const UNUSABLE = (error: unknown): boolean => error instanceof FlasherError && error.code === "ledger-unusable";

function entry(id: string, result: RoundEntry["result"] = "verified", detail: string | null = null): RoundEntry {
  return roundEntry({ id, result, detail });
}

describe("round: the ledger on disk", () => {
  let folder: string;
  let path: string;
  const told: string[] = [];

  const options = (more: Partial<RoundBookOptions> = {}): RoundBookOptions => ({
    files: nodeFiles,
    programs: { own: 7, isAlive: () => false },
    path,
    file: FILE,
    tableNotWritten: (table) => void told.push(table),
    ...more,
  });
  const onDisk = (): readonly string[] =>
    parseLedger(readFileSync(path, "utf8"), path).entries.map(({ id, result }) => `${id} ${result}`);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "beken-round-"));
    path = join(folder, "rounds", "round.json");
    told.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("has every entry by the time it is told, also when ports end at once, and goes on when it is opened again", async () => {
    const book = await StoredRoundBook.open(options());
    await book.agree({ chip: "bk7231n", key: "tuya", plan: "00" });
    await Promise.all(["1", "2", "3", "4"].map((id) => book.put(entry(id, "begun"))));
    await Promise.all(["3", "1"].map((id) => book.put(entry(id))));
    assert.deepEqual(onDisk(), ["1 verified", "2 begun", "3 verified", "4 begun"]);
    await book.close();
    const again = await StoredRoundBook.open(options());
    assert.equal(again.ledger.rules?.chip, "bk7231n");
    await again.put(entry("5"));
    assert.equal(onDisk().length, 5);
    await again.close();
    assert.deepEqual(readdirSync(join(folder, "rounds")).sort(), ["round.csv", "round.json"]);
  });

  it("belongs to one program at a time; what a killed one has left of its claim counts for nothing", async () => {
    const book = await StoredRoundBook.open(options());
    await assert.rejects(StoredRoundBook.open(options()), UNUSABLE);
    const other = { own: 8, isAlive: (pid: number) => pid === 7 };
    await assert.rejects(StoredRoundBook.open(options({ programs: other })), UNUSABLE);
    await book.close();
    for (const left of ["7\n", "9\n", "", "nonsense"]) {
      writeFileSync(`${path}.lock`, left);
      await (await StoredRoundBook.open(options())).close();
    }
  });

  it("belongs to one of several that begin at once", async () => {
    // A file is there before its content is.
    const files: FileSystem = {
      ...nodeFiles,
      write: async (place, bytes) => {
        await nodeFiles.write(place, new Uint8Array());
        await new Promise((resolve) => setTimeout(resolve, 5));
        writeFileSync(place, bytes);
      },
    };
    const all = await Promise.allSettled(
      [7, 8, 9, 10].map((own) => StoredRoundBook.open(options({ files, programs: { own, isAlive: () => true } }))),
    );
    assert.deepEqual(all.map(({ status }) => status).sort(), ["fulfilled", "rejected", "rejected", "rejected"]);
    for (const end of all) if (end.status === "fulfilled") await end.value.close();
    assert.deepEqual(readdirSync(join(folder, "rounds")), []);
  });

  it("of another file, or no ledger at all, is left as it is, and free for others", async () => {
    await (await StoredRoundBook.open(options())).put(entry("1"));
    const before = readFileSync(path);
    rmSync(`${path}.lock`);
    const file = { ...FILE, sha256: "b".repeat(64) };
    await assert.rejects(StoredRoundBook.open(options({ file, programs: { own: 9, isAlive: () => false } })), UNUSABLE);
    assert.deepEqual(readFileSync(path), before);
    writeFileSync(path, "{");
    await assert.rejects(StoredRoundBook.open(options({ programs: { own: 9, isAlive: () => false } })), UNUSABLE);
    assert.deepEqual(readdirSync(join(folder, "rounds")).sort(), ["round.csv", "round.json"]);
  });

  it("is whole also where its table cannot be written, which is told once", async () => {
    const files: FileSystem = {
      ...nodeFiles,
      replace: (from, to) => (to.endsWith(".csv") ? Promise.reject(new Error("in use")) : nodeFiles.replace(from, to)),
    };
    const book = await StoredRoundBook.open(options({ files }));
    await book.put(entry("1"));
    await book.put(entry("2"));
    assert.equal(onDisk().length, 2);
    assert.deepEqual(told, [path.replace(/json$/, "csv")]);
    await book.close();
  });

  it("that cannot be written is no ledger: who writes a device is told before", async () => {
    const files: FileSystem = { ...nodeFiles, replace: () => Promise.reject(new Error("full")) };
    const book = await StoredRoundBook.open(options({ files }));
    await assert.rejects(book.put(entry("1")), FlasherError);
    assert.deepEqual(book.ledger.entries, []);
    await book.close();
  });

  it("takes a reason of any length and shape, and reads it back", async () => {
    const book = await StoredRoundBook.open(options());
    await book.put(entry("1", "failed", `line one\nline two\t${"x".repeat(400)}`));
    assert.equal(onDisk().length, 1);
    await book.close();
  });
});

/** What a page of the image viewer gets of a file: pieces of it and never more, no secrets unasked, what it searched and compared. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { FLASH_SIZES, imageOf, straighten, verbsOf } from "../../../src/core/index";
import { contentOf, fileOffsetOf, type DumpContent } from "../../../src/extension/imageViewer/dumpContent";
import { DumpExplorer } from "../../../src/extension/imageViewer/dumpExplorer";
import { MOST_BYTES } from "../../../src/shared/messages";
import { TUYA_KEY, appInFlash, bootCodeInFlash, flashOf } from "../images/flashes";
import { tuyaDump } from "../passport/sampleDump";

const settle = (): Promise<void> => Promise.resolve();

function contentOfFile(bytes: Uint8Array, name = "kitchen.bin"): DumpContent {
  const file = { name, bytes };
  return contentOf(file, imageOf(file));
}

function exploring(content: DumpContent, breathe = settle): { explorer: DumpExplorer; told: () => number } {
  let told = 0;
  const explorer = new DumpExplorer({ changed: () => told++, breathe, hexEditor: false });
  explorer.show(content);
  return { explorer, told: () => told };
}

describe("explorer of a file", () => {
  const dump = tuyaDump();

  it("gives what is asked for and is there, and never more", () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) & 0xff);
    const { explorer } = exploring({ ...contentOfFile(dump), bytes, hidden: [] });
    const place = fc.oneof(fc.integer({ min: 0, max: 100_100 }), fc.constantFrom(Number.MAX_SAFE_INTEGER, -1));
    fc.assert(
      fc.property(place, fc.oneof(fc.integer({ min: 0, max: 200_000 }), place), (start, length) => {
        const answer = explorer.bytes(start, length);
        assert.ok(answer.start >= 0 && answer.start + answer.hex.length / 2 <= bytes.length);
        assert.ok(answer.hex.length / 2 <= MOST_BYTES);
        const wanted = Buffer.from(bytes.subarray(answer.start, answer.start + answer.hex.length / 2));
        assert.equal(answer.hex, wanted.toString("hex"));
      }),
    );
    assert.equal(explorer.bytes(0, 0x10).hex.length, 0x20);
    assert.equal(explorer.bytes(99_999, 10).hex.length, 2, "up to the last byte");
  });

  it("hides every byte of settings and calibration, at whatever border a piece ends, until a person asks", () => {
    const content = contentOfFile(dump);
    const { explorer, told } = exploring(content);
    const isHidden = (at: number): boolean => content.hidden.some(({ start, end }) => start <= at && at < end);
    assert.ok(isHidden(0x1d0024) && isHidden(0x1ee000) && !isHidden(0x11000) && !isHidden(0x100));
    fc.assert(
      fc.property(
        fc.integer({ min: 0x1cff00, max: 0x1f0000 }),
        fc.integer({ min: 1, max: 0x2000 }),
        (start, length) => {
          const { hex } = explorer.bytes(start, length);
          for (let i = 0; i < hex.length / 2; i += 61)
            assert.equal(hex.slice(2 * i, 2 * i + 2) === "..", isHidden(start + i), (start + i).toString(16));
        },
      ),
      { numRuns: 60 },
    );
    const { generation } = explorer.bytes(0, 1);
    explorer.showSecrets(true);
    assert.equal(told(), 1);
    assert.notEqual(explorer.bytes(0, 1).generation, generation, "what a page has kept is void");
    assert.equal(explorer.bytes(0x1d0000, 3).hex, "544c56");
    explorer.showSecrets(false);
    assert.equal(explorer.bytes(0x1d0000, 3).hex, "......");
  });

  it("names secrets as dots, and as they are once a person asked", () => {
    const { explorer } = exploring(contentOfFile(dump));
    const isThere = (text: string): boolean => JSON.stringify(explorer.view).includes(text);
    assert.ok(explorer.view?.passport?.private.some((line) => line.includes("no longer use")));
    assert.equal(isThere("vdevid1234567890ab"), false);
    assert.equal(isThere("tuya gw_di id"), true);
    explorer.showSecrets(true);
    assert.equal(isThere("vdevid1234567890ab"), true);
    const { explorer: other } = exploring(contentOfFile(dump));
    assert.equal(JSON.stringify(other.view).includes("vdevid1234567890ab"), false, "another page has its own");
  });

  it("shows the first place behind the cursor, steps around, and says how many there are", async () => {
    const { explorer } = exploring(contentOfFile(dump));
    await explorer.find("54 4C 56", "hex", 0x100000);
    const first = explorer.view?.goTo;
    assert.equal(first?.start, 0x1d0000);
    const { search } = explorer.view ?? {};
    assert.ok(search?.status === "done" && search.count >= 1 && search.index !== undefined);
    for (let i = 0; i < search.count; i++) explorer.step(1);
    assert.equal(explorer.view?.goTo?.start, 0x1d0000, "once around");
    explorer.step(-1);
    assert.equal(explorer.view?.search?.index, (search.index + search.count - 1) % search.count);
    await explorer.find("nowhere at all", "text", 0);
    assert.deepEqual([explorer.view?.search?.count, explorer.view?.search?.index], [0, undefined]);
    await explorer.find("5", "hex", 0);
    assert.equal(explorer.view?.search?.status, "unreadable");
    assert.match(explorer.view?.search?.problem ?? "", /pairs of hex/);
  });

  it("goes to the first place of all where there is none behind the cursor", async () => {
    const { explorer } = exploring(contentOfFile(dump));
    await explorer.find("54 4C 56", "hex", 0x1f0000);
    assert.equal(explorer.view?.search?.index, 0);
  });

  it("stops when it is told to, when something else is looked for, and when the file is another", async () => {
    let go = (): void => undefined;
    const breathe = (): Promise<void> => new Promise((resolve) => (go = resolve));
    const { explorer } = exploring(contentOfFile(dump), breathe);
    const first = explorer.find("ff", "hex", 0);
    assert.equal(explorer.view?.search?.status, "running");
    explorer.stop();
    go();
    await first;
    assert.equal(explorer.view?.search?.status, "stopped");
    const second = explorer.find("00", "hex", 0);
    const letSecondGo = go;
    const third = explorer.find("54 4C 56", "hex", 0);
    letSecondGo();
    await second;
    assert.equal(explorer.view?.search?.text, "54 4C 56");
    explorer.show(contentOfFile(tuyaDump()));
    go();
    await third;
    assert.equal(explorer.view?.search, undefined);
  });

  it("keeps no more places than anybody steps through, and says that there are more", async () => {
    const { explorer } = exploring(contentOfFile(dump));
    await explorer.find("ff", "hex", 0);
    const { search } = explorer.view ?? {};
    assert.deepEqual([search?.count, search?.more, search?.status], [10_000, true, "done"]);
  });

  it("lists what differs from another file in whole sectors, with where it lies", () => {
    const { explorer } = exploring(contentOfFile(dump));
    const other = dump.slice();
    other[0x1d0100] = 1;
    other[0x1ef000] = (other[0x1ef000] as number) ^ 1;
    explorer.compareWith("other.bin", other);
    const { comparison } = explorer.view ?? {};
    assert.deepEqual(
      comparison?.differences.map(({ start, end, bytes, parts }) => [start, end, bytes, parts]),
      [
        [0x1d0000, 0x1d1000, 1, "calibration"],
        [0x1ef000, 0x1f0000, 1, "tuya"],
      ],
    );
    explorer.comparedWithChip("the chip", [{ start: 0x11000, end: 0x13000 }]);
    assert.deepEqual(
      explorer.view?.comparison?.differences.map(({ parts }) => parts),
      ["app"],
    );
    explorer.endComparison();
    assert.equal(explorer.view?.comparison, undefined);
  });

  it("opens 16 MiB as it opens 2", () => {
    const large = new Uint8Array(FLASH_SIZES.at(-1) ?? 0).fill(0xff);
    large.set(dump);
    const { explorer } = exploring(contentOfFile(large));
    assert.equal(explorer.view?.size, 0x1000000);
    assert.ok(JSON.stringify(explorer.view).length < 20_000, "no bytes in it");
    assert.equal(explorer.bytes(0xfffff0, 0x1000).hex.length, 0x20);
  });

  it("takes files of builders as they are, with the one thing in them to open, and hides what others made", () => {
    const app = flashOf({ app: appInFlash({ key: TUYA_KEY }) }).subarray(0x11000, 0x60000);
    const build = contentOfFile(app, "image_bk7231n_app.0x011000.crc");
    assert.deepEqual([build.isFlash, build.hidden, build.passport], [false, [], undefined]);
    assert.equal(build.parts[0]?.opens, "decrypt");
    const foreign = contentOfFile(new TextEncoder().encode("wifi:\n  password: hunter22\n".repeat(20)), "secrets.yaml");
    assert.deepEqual(foreign.hidden, [{ start: 0, end: foreign.bytes.length }]);
  });
});

describe("what a file is good for", () => {
  const verbs = (bytes: Uint8Array, name: string): readonly string[] => {
    const file = { name, bytes };
    return Object.entries(verbsOf({ ...file, recognised: { ...file, image: imageOf(file) } }))
      .filter(([, can]) => can === true)
      .map(([verb]) => verb);
  };

  it("follows what is in it, whatever it is called", () => {
    const dump = tuyaDump();
    for (const name of ["kitchen.bin", "flash.dump", "noname", "OpenBK7231N_1.17.bin"])
      assert.ok(verbs(dump, name).includes("restore") && !verbs(dump, name).includes("flash"), name);
    const shifted = new Uint8Array([...dump.subarray(0x11000), ...dump.subarray(0, 0x11000)]);
    assert.ok(verbs(shifted, "old-tool.bin").includes("restore"));
    assert.deepEqual(verbs(new Uint8Array(0x200000).fill(0xff), "backup-bk7231t.bin"), []);
    assert.deepEqual(verbs(dump.subarray(0, 0x1e0000), "cut.bin").includes("restore"), false);
    const app = flashOf({ app: appInFlash({ key: TUYA_KEY }) }).subarray(0x11000, 0x60000);
    assert.deepEqual(verbs(app, "backup-bk7231n.bin"), ["flash", "verify"]);
  });

  it("finds a byte of a dump in the file it was read from, however that lies", () => {
    const flash = flashOf({ boot: bootCodeInFlash({ key: TUYA_KEY }), app: appInFlash({ key: TUYA_KEY }) });
    const wrapped = new Uint8Array([...flash.subarray(0x11000), ...flash.subarray(0, 0x11000)]);
    for (const bytes of [flash, wrapped]) {
      const file = { name: "a.bin", bytes };
      for (const address of [0, 0x10fff, 0x11000, 0x1fffff])
        assert.equal(bytes[fileOffsetOf({ file, isFlash: true }, address) ?? -1], straighten(bytes)[address]);
    }
    const headless = { name: "a.bin", bytes: flash.subarray(0x11000) };
    assert.equal(fileOffsetOf({ file: headless, isFlash: true }, 0x100), undefined);
    assert.equal(fileOffsetOf({ file: headless, isFlash: true }, 0x11010), 0x10);
  });
});

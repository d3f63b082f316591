import assert from "node:assert/strict";
import fc from "fast-check";
import { hex32 } from "../../../src/core/base/bytes";
import { crc32 } from "../../../src/core/base/checksum";
import { rangeOf, split } from "../../../src/core/base/ranges";
import { words } from "../../../src/core/base/words";
import { journalLine, readJournalLines } from "../../../src/core/backup/journal";
import { deviceMark } from "../../../src/core/backup/manifest";
import {
  blockOf,
  blocksToRead,
  readBlockLine,
  readJournalDevice,
  resumeRead,
  startReadJournal,
  wholeOf,
} from "../../../src/core/backup/readJournal";
import {
  doneLine,
  erasingLine,
  keptByWrite,
  mayBeLifted,
  mayHaveKept,
  newerLine,
  planFingerprint,
  processOf,
  protectionLifted,
  protectionLine,
  provenByWrite,
  resumeWrite,
  startWriteJournal,
} from "../../../src/core/backup/writeJournal";
import { BK72XX } from "../../../src/core/beken/chips/geometry";
import { planSegments, preservedSectors, sectorContent } from "../../../src/core/plan/planWrite";
import { noise } from "../../../src/simulator/prng";
import { dumpOf, identityOf } from "./dumps";
import { BLOCK, SECTOR } from "../../flashUnits";

const flash = dumpOf("bk7231t");
const device = deviceMark(identityOf(flash));
const whole = rangeOf(0, flash.length);
const BLOCKS = split([whole], BLOCK);

describe("lines of a journal", () => {
  const line = journalLine({ fact: 1 });

  it("are all there, or something is said to be missing: a damaged one, or one that was cut off", () => {
    const read = (text: string): [number, boolean] => {
      const { lines, facts, incomplete } = readJournalLines(text);
      assert.deepEqual([facts, incomplete], [lines.filter((each) => each !== undefined), lines.includes(undefined)]);
      return [facts.length, incomplete];
    };
    assert.deepEqual(read(line + line), [2, false]);
    assert.deepEqual(read(""), [0, false]);
    for (let cut = 1; cut < line.length; cut++) assert.deepEqual(read(line + line.slice(0, cut)), [1, true]);
    assert.deepEqual(read(line + line.replace("1", "2") + line), [2, true]);
    assert.deepEqual(read(line + line.replace(" ", "_")), [1, true]);
    assert.deepEqual(read(`${line}${line.slice(0, 8)} \n`), [1, true]);
  });

  it("of a text longer than any journal are none", () => {
    const count = Math.ceil(0x1000000 / line.length);
    assert.deepEqual(readJournalLines(line.repeat(count + 1)), { lines: [undefined], facts: [], incomplete: true });
  });
});

describe("read journal", () => {
  /** Everything a backup stores, in order: bytes, then their line. */
  function interrupted(stored: number, lineBytes: number): { journal: string; part: Uint8Array } {
    const part = new Uint8Array(flash.length);
    let journal = startReadJournal(device);
    for (const range of BLOCKS.slice(0, stored)) {
      part.set(flash.subarray(range.start, range.end), range.start);
      journal += readBlockLine(blockOf(part, range));
    }
    const next = BLOCKS[stored];
    if (next) {
      part.set(flash.subarray(next.start, next.end), next.start);
      journal += readBlockLine(blockOf(part, next)).slice(0, lineBytes);
    }
    return { journal, part };
  }

  it("after a kill at any byte of any line costs at most one block more", () => {
    fc.assert(
      fc.property(fc.nat(BLOCKS.length - 1), fc.nat(90), (stored, cut) => {
        const { journal, part } = interrupted(stored, cut);
        const resume = resumeRead(journal, part, device);
        const left = blocksToRead(whole, resume?.blocks ?? []);
        assert.ok(left.length <= BLOCKS.length - stored && left.length >= BLOCKS.length - stored - 1);
      }),
      { numRuns: 30 },
    );
  });

  it("offers no block whose stored bytes are not those of its line, or that is not stored at all", () => {
    const { journal, part } = interrupted(8, 0);
    part[3 * BLOCK + 7] = (part[3 * BLOCK + 7] ?? 0) ^ 1;
    const starts = resumeRead(journal, part.subarray(0, 7 * BLOCK - 1), device)?.blocks.map(
      ({ start }) => start / BLOCK,
    );
    assert.deepEqual(starts, [0, 1, 2, 4, 5]);
  });

  it("goes on after a damaged line, and never from another device, size or format", () => {
    const { journal, part } = interrupted(4, 0);
    const lines = journal.split("\n");
    lines[2] = `${lines[2]?.slice(0, -3)}9"}`;
    assert.equal(resumeRead(lines.join("\n"), part, device)?.blocks.length, 3);
    assert.equal(resumeRead(journal, part, { ...device, mac: "C8:47:8C:42:00:99" }), undefined);
    assert.equal(resumeRead(journal, part, { ...device, flashSize: 0x400000 }), undefined);
    assert.equal(resumeRead(journal.slice(journal.indexOf("\n") + 1), part, device), undefined);
    for (const text of ["", "x", "00000000 {}\n"]) assert.equal(resumeRead(text, part, device), undefined);
  });

  it("offers blocks in order, those that end with what is stored as well, and none that reach behind it", () => {
    const zeros = new Uint8Array(flash.length);
    const lines = [5, 0, 3].map((index) => readBlockLine(blockOf(zeros, BLOCKS[index] ?? whole))).join("");
    const starts = (stored: number): unknown =>
      resumeRead(startReadJournal(device) + lines, zeros.subarray(0, stored), device)?.blocks.map(
        ({ start }) => start / BLOCK,
      );
    assert.deepEqual(starts(6 * BLOCK), [0, 3, 5]);
    // What is missing would be zeros too, as a place is that was never written.
    assert.deepEqual(starts(6 * BLOCK - 1), [0, 3]);
    assert.deepEqual(starts(BLOCK), [0]);
    assert.equal(starts(BLOCK - 1), undefined);
  });

  it("offers no block that is none of this flash, or longer than a block is", () => {
    const longer = new Uint8Array(flash.length + 2 * BLOCK);
    const offered = (start: number, length: number): boolean => {
      const line = readBlockLine(blockOf(longer, rangeOf(start, length)));
      return resumeRead(startReadJournal(device) + line, longer, device) !== undefined;
    };
    const end = flash.length;
    assert.deepEqual([offered(0, BLOCK), offered(end - 16, 16), offered(end - 1, 1)], [true, true, true]);
    for (const [start, length] of [
      [0, BLOCK + 1],
      [0, 0],
      [end, 16],
      [end, BLOCK],
      [end - 16, 17],
      [end + 1, 1],
    ] as const)
      assert.equal(offered(start, length), false, `${start} ${length}`);
  });

  it("tells the device, and nothing where it is another format or version", () => {
    const [head] = readJournalLines(startReadJournal(device)).facts;
    const { journal, part } = interrupted(2, 0);
    const rest = journal.slice(journal.indexOf("\n") + 1);
    assert.deepEqual(readJournalDevice(journal), device);
    for (const change of [{ format: "beken-flasher-write-journal" }, { version: 2 }]) {
      const other = journalLine({ ...head, ...change }) + rest;
      assert.equal(readJournalDevice(other), undefined);
      assert.equal(resumeRead(other, part, device), undefined);
    }
    assert.equal(readJournalDevice(""), undefined);
  });

  it("of a dump is as if all its blocks had been read", () => {
    const { bytes, blocks } = wholeOf(flash);
    assert.equal(bytes, flash);
    assert.deepEqual(
      blocks,
      BLOCKS.map((range) => blockOf(flash, range)),
    );
    assert.deepEqual(blocksToRead(whole, blocks), []);
  });

  it("takes any text without failing", () => {
    const { part } = interrupted(1, 0);
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        (text) => resumeRead(startReadJournal(device) + text, part, device) === undefined,
      ),
    );
  });

  it("asks for what is left in whole blocks of the journal", () => {
    const held = [1, 2, 31].map((index) => blockOf(flash, BLOCKS[index] ?? whole));
    const left = blocksToRead(whole, held);
    assert.equal(left.length, 29);
    assert.ok(left.every(({ start, end }) => start % BLOCK === 0 && end - start === BLOCK));
  });
});

describe("write journal", () => {
  const plan = planSegments([{ address: 0x11800, data: noise(1, 0x2900), from: words`x` }], flash.length, {
    allowBootloader: false,
    calibrationAt: undefined,
  });
  const before = new Map(preservedSectors(plan).map((address) => [address, flash.slice(address, address + SECTOR)]));
  const start = startWriteJournal(device, "app.rbl", plan, before);
  const last = preservedSectors(plan).at(-1) ?? 0;

  /** The journal with another head. */
  const withSector = (journal: string, sector: number | undefined): string => {
    const [head, ...rest] = readJournalLines(journal).facts;
    return [{ ...head, sector }, ...rest].map(journalLine).join("");
  };

  it("gives back what sectors held that were being erased, and leaves the others to the chip", () => {
    assert.deepEqual([...before.keys()], [0x11000, 0x14000]);
    const resume = resumeWrite(
      start + erasingLine(rangeOf(0x11000, SECTOR)) + doneLine(0x12000) + doneLine(0x99000),
      device,
      plan,
    );
    assert.deepEqual([...(resume?.kept.keys() ?? [])], [0x11000]);
    assert.deepEqual(resume?.kept.get(0x11000), before.get(0x11000));
    assert.deepEqual(resume?.claimed, [0x12000]);
  });

  it("ends in the flash that was planned, after a kill at any byte of the journal", () => {
    const erasing = plan.erases.map(({ address, length }) => erasingLine(rangeOf(address, length)));
    fc.assert(
      fc.property(fc.nat(erasing.join("").length), (cut) => {
        // The line is on disk before its erase: all whole lines are erased, the rest is as it was.
        const log = erasing.join("").slice(0, cut);
        const erased = log.split("\n").length - 1;
        const now = flash.slice();
        for (const { address, length } of plan.erases.slice(0, erased)) now.fill(0xff, address, address + length);
        const resume = resumeWrite(start + log, device, plan);
        for (const address of preservedSectors(plan)) {
          const held = resume?.kept.get(address) ?? now.subarray(address, address + SECTOR);
          assert.deepEqual(sectorContent(plan, address, held), sectorContent(plan, address, before.get(address)));
        }
      }),
    );
  });

  it("keeps what an earlier interruption had erased through a second one", () => {
    const first = resumeWrite(start + erasingLine(rangeOf(last, SECTOR)), device, plan);
    const held = new Map([...before, ...(first?.kept ?? [])]);
    const second = resumeWrite(startWriteJournal(device, "app.rbl", plan, held, first?.kept.keys()), device, plan);
    assert.deepEqual(second?.kept, first?.kept);
    assert.equal(second?.kept.size, 1);
  });

  it("of an earlier version, which does not say how large its sectors are, is of 4096 bytes", () => {
    const earlier = withSector(start, undefined);
    assert.ok(!earlier.includes("sector"));
    const touched = erasingLine(rangeOf(last, SECTOR));
    assert.deepEqual(resumeWrite(earlier + touched, device, plan), resumeWrite(start + touched, device, plan));
    assert.deepEqual(keptByWrite(earlier + touched, device)?.get(last), before.get(last));
  });

  it("holds sectors as large as those of its plan", () => {
    const geometry = { ...BK72XX, sector: 0x2000, bootCodeEnd: 0x12000 };
    const larger = planSegments([{ address: 0x12800, data: noise(1, 0x2900), from: words`x` }], flash.length, {
      allowBootloader: false,
      calibrationAt: undefined,
      geometry,
    });
    const held = new Map(preservedSectors(larger).map((address) => [address, flash.slice(address, address + 0x2000)]));
    assert.deepEqual([...held.keys()], [0x12000, 0x14000]);
    const journal = startWriteJournal(device, "app.rbl", larger, held) + erasingLine(rangeOf(0x14000, 0x2000));
    assert.deepEqual(resumeWrite(journal, device, larger)?.kept, new Map([[0x14000, held.get(0x14000)]]));
    assert.equal(keptByWrite(withSector(journal, 0x1000), device), undefined);
  });

  it("is of one plan and one device only", () => {
    const other = planSegments([{ address: 0x11800, data: noise(2, 0x2900), from: words`x` }], flash.length, {
      allowBootloader: false,
      calibrationAt: undefined,
    });
    assert.notEqual(planFingerprint(plan), planFingerprint(other));
    assert.equal(resumeWrite(start, device, other), undefined);
    assert.equal(resumeWrite(start, { ...device, mac: "C8:47:8C:42:00:99" }, plan), undefined);
    const touched = start + erasingLine(rangeOf(0x11000, SECTOR));
    // Whatever cannot be told from another device gets nothing of it.
    for (const doubt of [
      { mac: null },
      { mac: "C8:47:8C:42:88:48" },
      { calibration: null },
      { calibration: "0123456789ABCDEF" },
    ]) {
      const other = { ...device, ...doubt };
      assert.equal(resumeWrite(touched, other, plan), undefined);
      assert.equal(keptByWrite(touched, other), undefined);
      assert.equal(mayHaveKept(touched, other), true);
    }
    const shared = { ...device, mac: "C8:47:8C:42:88:48" };
    assert.equal(resumeWrite(startWriteJournal(shared, "f", plan, before, [0x11000]), shared, plan), undefined);
    assert.equal(mayHaveKept(touched, device), false);
    assert.equal(mayHaveKept(touched, { ...device, mac: "C8:47:8C:42:00:99" }), false);
  });

  it("of what a later write has found to be newer gives nothing, however damaged it is", () => {
    const [first] = [...before.keys()] as [number];
    const all = startWriteJournal(device, "f", plan, before, before.keys());
    assert.equal(keptByWrite(all, device)?.has(first), true);
    for (const rest of [newerLine(first), `${newerLine(first)}torn`, `${doneLine(first)}${newerLine(first)}`])
      assert.equal(keptByWrite(`${all}${rest}`, device)?.has(first), false);
  });

  it("counts as whole again what was proven, until it is erased anew, alone or with its block", () => {
    const proven = (...lines: readonly string[]): readonly number[] => {
      const found = [...provenByWrite(start + lines.join(""), device)];
      assert.deepEqual([...(resumeWrite(start + lines.join(""), device, plan)?.proven ?? [])], found);
      return found;
    };
    const [first] = [...before.keys()] as [number];
    assert.deepEqual(proven(), []);
    assert.deepEqual(proven(doneLine(first)), []);
    assert.deepEqual(proven(doneLine(first, true), doneLine(last, true)), [first, last]);
    const again = erasingLine(rangeOf(first, SECTOR));
    assert.deepEqual(proven(doneLine(first, true), doneLine(last, true), again), [last]);
    assert.deepEqual(proven(again, doneLine(first, true)), [first]);
    assert.deepEqual(proven(doneLine(last, true), erasingLine(rangeOf(0x10000, BLOCK))), []);
    assert.deepEqual([...provenByWrite("", device)], []);
  });

  it("counts nothing as whole again that was proven before a line that is damaged: it may have been of an erase", () => {
    const proven = (...lines: readonly string[]): readonly number[] => [
      ...provenByWrite(start + lines.join(""), device),
    ];
    const [first] = [...before.keys()] as [number];
    const [done, again] = [doneLine(first, true), erasingLine(rangeOf(first, SECTOR))];
    for (let at = 0; at < again.length - 1; at++)
      assert.deepEqual(proven(done, `${again.slice(0, at)}#${again.slice(at + 1)}`, doneLine(last, true)), [last]);
    for (let cut = 1; cut < again.length; cut++) {
      assert.deepEqual(proven(done, again.slice(0, cut)), []);
      // What is appended to a line that was cut off begins with a line end.
      assert.deepEqual(proven(done, `${again.slice(0, cut)}\n`, doneLine(last, true)), [last]);
    }
    assert.deepEqual(proven(done, journalLine({ erasing: -1, length: SECTOR }), doneLine(last, true)), [last]);
    assert.deepEqual(proven(done, journalLine({ what: "a later version adds" })), []);
  });

  it("says what the status register held until it is back, the last word counts", () => {
    const lifted = (...lines: readonly string[]): number | undefined => {
      const text = start + lines.join("");
      assert.equal(resumeWrite(text, device, plan)?.protection, protectionLifted(text, device));
      return protectionLifted(text, device);
    };
    assert.equal(lifted(), undefined);
    assert.equal(lifted(protectionLine(0x0a7c), doneLine(0x12000)), 0x0a7c);
    assert.equal(lifted(protectionLine(0)), 0);
    assert.equal(lifted(protectionLine(0xffff)), 0xffff);
    assert.equal(lifted(protectionLine(0x0a7c), protectionLine(undefined), erasingLine(whole)), undefined);
    assert.equal(lifted(protectionLine(0x1c), protectionLine(undefined), protectionLine(0x2c)), 0x2c);
    for (const none of [0x10000, -1, 0.5]) assert.equal(lifted(protectionLine(0x1c), protectionLine(none)), 0x1c);
    assert.equal(protectionLifted(start + protectionLine(0x1c), { ...device, mac: null }), undefined);
  });

  it("of another device or of none says so much: what may be lifted, and of this plan what may be written", () => {
    const text = start + doneLine(0x13000) + doneLine(0x12000) + doneLine(0x13000) + protectionLine(0x1c);
    const doubtful = { ...device, mac: null };
    const other = planSegments([{ address: 0x11800, data: noise(2, 0x2900), from: words`x` }], flash.length, {
      allowBootloader: false,
      calibrationAt: undefined,
    });
    assert.deepEqual(mayBeLifted(text, doubtful, plan), { protection: 0x1c, claimed: [0x13000, 0x12000] });
    assert.deepEqual(mayBeLifted(text, doubtful, other), { protection: 0x1c, claimed: [] });
    assert.equal(mayBeLifted(text, device, plan), undefined);
    assert.equal(mayBeLifted(text, { ...device, mac: "C8:47:8C:42:00:99" }, plan), undefined);
    assert.equal(mayBeLifted(text + protectionLine(undefined), doubtful, plan), undefined);
  });

  it("offers what is said to be done once, in order, and nothing outside the plan or half of it", () => {
    const done = [0x14000, 0x12000, 0x14000, 0x10000, 0x15000, 0x11000, 0x13800].map((at) => doneLine(at)).join("");
    assert.deepEqual(resumeWrite(start + done, device, plan)?.claimed, [0x11000, 0x12000, 0x14000]);
    const beyond = [...before, [0x40000, flash.slice(0x40000, 0x41000)] as const];
    const more = startWriteJournal(device, "f", plan, new Map(beyond), before.keys());
    assert.deepEqual(resumeWrite(more, device, plan)?.kept, before);
  });

  it("is of a plan with all that it writes, erases and keeps, and goes on in each of its ranges", () => {
    const options = { allowBootloader: false, calibrationAt: undefined };
    const fresh = (at: number, seed: number, size = flash.length): ReturnType<typeof planSegments> =>
      planSegments(
        [
          { address: 0x11800, data: noise(1, 0x2900), from: words`x` },
          { address: at, data: noise(seed, 0x1800), from: words`y` },
        ],
        size,
        options,
      );
    const two = fresh(0x30800, 2);
    assert.equal(planFingerprint(fresh(0x30800, 2)), planFingerprint(two));
    const others = [fresh(0x30800, 3), fresh(0x40800, 2), fresh(0x30400, 2), fresh(0x30800, 2, 2 * flash.length)];
    assert.equal(new Set([two, ...others].map(planFingerprint)).size, 5);
    const held = new Map(preservedSectors(two).map((address) => [address, flash.slice(address, address + SECTOR)]));
    const journal = startWriteJournal(device, "f", two, held, held.keys()) + doneLine(0x31000) + doneLine(0x12000);
    assert.deepEqual(resumeWrite(journal, device, two)?.kept, held);
    assert.deepEqual(resumeWrite(journal, device, two)?.claimed, [0x12000, 0x31000]);
  });

  it("gives no sector that its plan does not touch", () => {
    const [head] = readJournalLines(start).facts;
    const [sector] = head?.["kept"] as readonly object[];
    const far = journalLine({ ...head, kept: [sector, { ...sector, address: 0x40000 }] });
    const text = far + erasingLine(whole);
    assert.deepEqual([...(resumeWrite(text, device, plan)?.kept.keys() ?? [])], [0x11000]);
  });

  it("names the process that wrote it, where it does", () => {
    const [head] = readJournalLines(start).facts;
    assert.equal(processOf(start), undefined);
    assert.equal(processOf(startWriteJournal(device, "f", plan, before, [], 4711)), 4711);
    assert.equal(processOf(journalLine({ ...head, pid: "4711" })), undefined);
    assert.equal(processOf(""), undefined);
  });

  it("gives nothing where a kept sector is not what its sum says, or not as long as a sector", () => {
    const [head] = readJournalLines(start).facts;
    const kept = head?.["kept"] as readonly {
      readonly address: number;
      readonly content: string;
      readonly crc32: string;
    }[];
    const touched = erasingLine(rangeOf(0x11000, SECTOR));
    const withKept = (change: object): unknown =>
      keptByWrite(journalLine({ ...head, kept: [{ ...kept[0], ...change }, ...kept.slice(1)] }) + touched, device);
    assert.notEqual(withKept({}), undefined);
    assert.equal(withKept({ crc32: "00000000" }), undefined);
    assert.equal(withKept({ content: "" }), undefined);
    assert.equal(withKept({ content: 7 }), undefined);
    assert.equal(withKept({ content: `${kept[0]?.content.slice(0, -4)}AA==` }), undefined);
    assert.equal(withKept({ content: `${kept[0]?.content.slice(0, -4)}!A==` }), undefined);
    // As many characters, and two bytes more.
    const longer = noise(4, SECTOR + 2);
    const sum = hex32(crc32(longer));
    assert.equal(withKept({ content: Buffer.from(longer).toString("base64"), crc32: sum }), undefined);
    assert.equal(withKept({ address: -1 }), undefined);
    for (const change of [{ format: "other" }, { version: 2 }, { plan: "x" }, { kept: {} }, { device: 1 }])
      assert.equal(keptByWrite(journalLine({ ...head, ...change }) + touched, device), undefined);
  });

  it("counts every sector as touched when a line is damaged, and gives nothing when its head is", () => {
    const damaged = `${start}${erasingLine(rangeOf(0x11000, SECTOR)).replace("4096", "8192")}`;
    assert.deepEqual(resumeWrite(damaged, device, plan)?.kept, before);
    fc.assert(
      fc.property(fc.nat(start.length - 2), (at) => {
        const flipped = `${start.slice(0, at)}${start[at] === "x" ? "y" : "x"}${start.slice(at + 1)}`;
        assert.equal(resumeWrite(flipped, device, plan), undefined);
      }),
    );
  });
});

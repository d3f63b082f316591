import assert from "node:assert/strict";
import boards from "../../fixtures/vectors/boards.json";
import { BOARDS, findBoard } from "../../../src/core/beken/chips/boards";
import { CHIPS, bearsRomName, findChipById, findChipsById } from "../../../src/core/beken/chips/chips";
import { keyKindOf, parseCoefficients } from "../../../src/core/beken/chips/keys";
import { LAYOUTS, findLayout, partitionAt, pickLayout } from "../../../src/core/beken/chips/layouts";

describe("chip table", () => {
  it("is complete and consistent", () => {
    assert.equal(Object.keys(CHIPS).length, 13);
    for (const [id, chip] of Object.entries(CHIPS)) {
      assert.equal(chip.id, id);
      assert.equal(chip.runs[0], id, "its own firmware first");
      assert.equal(new Set(chip.calibrationAt).size, chip.calibrationAt.length);
      for (const address of chip.calibrationAt) assert.equal(address % 0x1000, 0);
      assert.ok((chip.calibrationAt[0] ?? Infinity) < chip.usualFlashSize, id);
      for (const layout of chip.layouts) assert.ok(findLayout(layout), layout);
      const [first] = chip.layouts;
      const usual =
        first === undefined ? undefined : findLayout(first)?.partitions.find(({ name }) => name === "calibration");
      if (usual) assert.ok(chip.calibrationAt.includes(usual.offset), id);
    }
  });

  it("lets firmware run both ways between chips of one die", () => {
    for (const chip of Object.values(CHIPS)) {
      if (chip.id === "bl2028n") continue;
      for (const other of chip.runs) assert.ok(CHIPS[other].runs.includes(chip.id), `${chip.id} ${other}`);
    }
    assert.deepEqual(CHIPS.bk7231s.runs.includes("bk7231t"), true);
    assert.deepEqual(CHIPS.bk7231m.runs.includes("bk7231n"), true);
    assert.deepEqual(CHIPS.bk7252.runs.includes("bk7251"), true);
    assert.deepEqual(CHIPS.bk7231n.runs.includes("bk7231t"), false);
    assert.deepEqual(CHIPS.bk7252n.runs.includes("bk7252"), false);
  });

  it("looks for the seed case's calibration first on BK7231S", () => {
    assert.equal(CHIPS.bk7231s.calibrationAt[0], 0x1f3000);
    assert.equal(CHIPS.bk7231n.calibrationAt[0], 0x1d0000);
    assert.equal(CHIPS.bk7258.calibrationAt[0], 0x7fe000);
  });
});

describe("finding a chip by its id register", () => {
  it("knows the documented values", () => {
    const documented: [number, string][] = [
      [0x7231, "bk7231q"],
      [0x7231a, "bk7231t"],
      [0x7231c, "bk7231n"],
      [0x7238, "bk7238"],
      [0x7252, "bk7252"],
      [0x7252a, "bk7252n"],
      [0x7221a, "bk7252"],
      [0x7236, "bk7236"],
    ];
    for (const [value, id] of documented) assert.equal(findChipById(value)?.id, id);
    assert.deepEqual(
      findChipsById(0x7231c).map(({ id }) => id),
      ["bk7231n", "bk7231m", "bl2028n"],
    );
  });

  it("tolerates the other byte order and a 1 in front, nothing else", () => {
    assert.equal(findChipById(0x1c230700)?.id, "bk7231n");
    assert.equal(findChipById(0x0107231c)?.id, "bk7231n");
    assert.equal(findChipById(0x17231c)?.id, "bk7231n");
    for (const value of [0, 0xffffffff, -1, 0x7256, 0x7259, 0x0207231c, 0x723])
      assert.equal(findChipById(value), undefined);
  });
});

describe("finding an Armv8-M chip by its id register", () => {
  const found = (value: number): readonly string[] => findChipsById(value).map(({ id }) => id);

  it("takes the id in the upper half, whatever the revision below says", () => {
    for (const value of [0x7236, 0x72360000, 0x72360001, 0x7236ffff, 0x36720000])
      assert.deepEqual(found(value), ["bk7236", "bk7258"], value.toString(16));
  });

  it("takes no other chip by its upper half, and none by less than the whole of it", () => {
    for (const value of [0x72380001, 0x72310000, 0x7231c000, 0x72370001, 0x07236000, 0x723])
      assert.deepEqual(found(value), []);
  });

  it("has rows of its own kind: no eFuse, one name for the ROM, and it is told that they are inferred", () => {
    for (const chip of Object.values(CHIPS)) {
      const isThumb = chip.vectors === "thumb";
      assert.equal(chip.hasEfuse, !isThumb, chip.id);
      assert.equal(chip.inferred !== undefined, isThumb, chip.id);
      assert.equal(bearsRomName(chip, "BK7236"), isThumb, chip.id);
    }
    assert.ok(bearsRomName(CHIPS.bl2028n, "BK7231") && bearsRomName(CHIPS.bk7231n, "BK7231"));
    assert.ok(!bearsRomName(CHIPS.bk7258, "BK7258") && !bearsRomName(CHIPS.bk7238, "BK7231"));
  });
});

describe("layouts", () => {
  it("lie inside their flash on sector boundaries; only Tuya's own area may overlap", () => {
    assert.equal(new Set(LAYOUTS.map(({ id }) => id)).size, LAYOUTS.length);
    for (const { id, flashSize, partitions } of LAYOUTS) {
      const end = new Map<string, number>();
      let last = 0;
      for (const { name, offset, length } of partitions.filter((p) => p.name !== "tuya")) {
        assert.ok(!end.has(name), `${id} ${name} twice`);
        end.set(name, offset + length);
        assert.equal(offset % 0x1000, 0);
        assert.equal(length % 0x1000, 0);
        assert.ok(offset >= last && length > 0, `${id} ${name} overlaps`);
        last = offset + length;
      }
      assert.ok(last <= flashSize, id);
      assert.equal(end.get("bootloader"), 0x11000);
    }
  });

  it("answers which partition an address is in", () => {
    const layout = findLayout("libretiny-bk7231t-tuya");
    assert.ok(layout);
    const name = (address: number): string | undefined => partitionAt(layout, address)?.name;
    assert.equal(name(0), "bootloader");
    assert.equal(name(0x10fff), "bootloader");
    assert.equal(name(0x11000), "app");
    assert.equal(name(0x131fff), "app");
    assert.equal(name(0x132000), "download");
    assert.equal(name(0x1e0fff), "calibration");
    assert.equal(name(0x1e1000), undefined);
    assert.equal(name(0x1ed000), "userdata");
    assert.equal(name(0x200000), undefined);
  });

  it("picks by calibration address and flash size", () => {
    const pick = (chip: keyof typeof CHIPS, size: number, at?: number): string | undefined =>
      pickLayout(CHIPS[chip], size, at)?.id;
    assert.equal(pick("bk7231t", 0x200000), "libretiny-bk7231t-tuya");
    assert.equal(pick("bk7231n", 0x200000, 0x1d0000), "libretiny-bk7231n-tuya");
    assert.equal(pick("bk7231n", 0x200000, 0x1e0000), "libretiny-2m");
    assert.equal(pick("bk7238", 0x200000, 0x1e3000), "libretiny-bk7238-tuya");
    assert.equal(pick("bk7238", 0x200000, 0x1e0000), "libretiny-2m");
    assert.equal(pick("bk7252", 0x400000, 0x3fe000), "libretiny-bk7252");
    assert.equal(pick("bk7252", 0x200000), "openbeken-2m");
    assert.equal(pick("bk7231t", 0x400000), "libretiny-bk7231t-tuya");
    // The seed case: calibration where no known layout has it.
    assert.equal(pick("bk7231s", 0x200000, 0x1f3000), undefined);
    assert.equal(pick("bk7236", 0x400000, 0x3fe000), "sdk-bk7236");
    assert.equal(pick("bk7258", 0x800000, 0x7fe000), "sdk-bk7258");
    assert.equal(pick("bk7258", 0x400000, 0x3fe000), "sdk-bk7258-4m");
    assert.equal(pick("bk7231t", 0x80000), undefined);
  });
});

describe("boards", () => {
  it("agree with LibreTiny's definitions in chip, key, size and every partition", () => {
    assert.equal(boards.boards.length, 29);
    assert.deepEqual(BOARDS.map(({ board }) => board).sort(), boards.boards.map(({ board }) => board).sort());
    for (const genuine of boards.boards) {
      const ours = findBoard(genuine.board);
      assert.ok(ours, genuine.board);
      assert.equal(ours.chip, genuine.mcu);
      const key = genuine.coeffs === null ? "zero" : keyKindOf(parseCoefficients(genuine.coeffs));
      assert.equal(ours.keyKind, key, genuine.board);
      const layout = findLayout(ours.layout);
      assert.deepEqual(layout?.partitions, genuine.partitions, genuine.board);
      assert.equal(layout?.flashSize, genuine.upload_size);
      assert.ok(CHIPS[ours.chip].layouts.includes(ours.layout), genuine.board);
    }
  });

  it("have a chip whose first UF2 family is LibreTiny's", () => {
    const families: Record<string, number> = {
      BK7231Q: 0xafe81d49,
      BK7231T: 0x675a40b0,
      BK7231N: 0x7b3ef230,
      BK7238: 0x159ac324,
      BK7251: 0x6a82cc42,
    };
    for (const { board, family } of boards.boards) {
      const profile = findBoard(board);
      assert.ok(profile);
      assert.equal(CHIPS[profile.chip].uf2Families[0], families[family], board);
    }
  });

  it("are found in any case, and are not guessed from a prefix", () => {
    assert.equal(findBoard("CB2S")?.chip, "bk7231n");
    assert.equal(findBoard("wb2l-m1")?.chip, "bk7231n");
    assert.equal(findBoard("xh-wb3s")?.chip, "bk7238");
    assert.equal(findBoard("cb9x"), undefined);
  });
});

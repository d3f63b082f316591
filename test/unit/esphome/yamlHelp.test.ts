/** What is said on hovering, and what can be written at a place. */
import assert from "node:assert/strict";
import { TUYA_KEY, ZERO_KEY } from "../../../src/core/beken/chips/keys";
import {
  checkYaml,
  completionsAt,
  hoverAt,
  type KnownChip,
  type YamlCompletion,
  type YamlHover,
} from "../../../src/esphome/index";

const SEED: KnownChip = {
  chip: "bk7231s",
  module: undefined,
  key: "zero",
  coefficients: ZERO_KEY,
  calibrationAt: 0x1f3000,
};

/** `|` is where the pointer or the cursor is. */
function at(marked: string): { readonly text: string; readonly offset: number } {
  const offset = marked.indexOf("|");
  return { text: marked.replace("|", ""), offset };
}
function hover(marked: string, chip?: KnownChip): (Omit<YamlHover, "texts"> & { readonly said: string }) | undefined {
  const { text, offset } = at(marked);
  const found = hoverAt(text, offset, { chip });
  return found && { ...found, said: found.texts.map(String).join("\n") };
}
function complete(marked: string, chip?: KnownChip): readonly YamlCompletion[] {
  const { text, offset } = at(marked);
  return completionsAt(text, offset, chip);
}
const labels = (list: readonly YamlCompletion[]): string[] => list.map(({ label }) => label);
/** The text with one of them taken. */
function taken(marked: string, label: string, chip?: KnownChip): string {
  const { text } = at(marked);
  const item = complete(marked, chip).find((each) => each.label === label);
  assert.ok(item, label);
  return text.slice(0, item.start) + item.insert + text.slice(item.end);
}

describe("hover in a configuration", () => {
  it("has chip, key, flash, partitions and pins of a board, and whether the chip at hand takes it", () => {
    const board = hover("bk72xx:\n  board: cb|2s\n");
    assert.equal(board?.title, "cb2s");
    assert.match(board.said, /^BK7231N, Tuya's key, 2 MiB of flash\n/);
    assert.match(board.said, /download 0x12A000-0x1D0000/);
    assert.match(board.said, /P6 P7 P8 P10/);
    assert.doesNotMatch(board.said, /at hand/);
    assert.match(hover("bk72xx: {board: |cb2s}\n", SEED)?.said ?? "", /Not for the BK7231S at hand/);
    assert.match(
      hover("bk72xx:\n  board: generic-bk7231t-qfn32-|tuya", SEED)?.said ?? "",
      /Fits the BK7231S at hand together with options for its key/,
    );
    const tuya = { ...SEED, chip: "bk7231n", key: "tuya", coefficients: TUYA_KEY, calibrationAt: 0x1d0000 } as const;
    assert.match(hover("bk72xx:\n  board: cb|2s\n", tuya)?.said ?? "", /Fits the BK7231N at hand as it is/);
    assert.match(hover("bk72xx:\n  board: generic-bk|7252\n")?.said ?? "", /no key, 4 MiB/);
  });

  it("has the meaning of keys, and what values become on the way", () => {
    const options = "bk72xx:\n  board: wb3s\nesphome:\n  platformio_options:\n";
    assert.match(hover(`${options}    board_build.bk|crypt_coeffs: 0\n`)?.said ?? "", /32 hex digits/);
    assert.match(hover(`${options}    board_flash.own|thing: 0x1+0x1\n`)?.said ?? "", /A partition/);
    assert.match(hover(`${options}    board_build.bkrbl_size_app: 0x10|8700\n`)?.said ?? "", /Arrives as 1083136/);
    assert.match(hover("bk72xx:\n  frame|work:\n    version: dev\n")?.said ?? "", /LibreTiny/);
    assert.match(hover("bk72xx:\n  board: $|{b}\n")?.said ?? "", /nothing here says what b is/);
  });

  it("says nothing of anything else", () => {
    for (const text of [
      "bk72xx:\n  board: wb3s\nwifi:\n  ss|id: x\n",
      "bk72xx:\n  board: own-|board\n",
      "esp32:\n  bo|ard: esp32dev\n",
      "bk72xx:\n  board: wb3s\n|",
    ])
      assert.equal(hover(text), undefined, text);
  });
});

describe("completion in a configuration", () => {
  it("has every board, the one for the chip at hand first", () => {
    const list = complete("bk72xx:\n  board: |\n", SEED);
    assert.equal(list.length, 29);
    assert.deepEqual([list[0]?.label, list[0]?.isBest], ["generic-bk7231t-qfn32-tuya", true]);
    assert.equal(String(list[0]?.detail), "BK7231T, Tuya's key, 2 MiB of flash");
    const module = complete("bk72xx:\n  board: wb|\n", { ...SEED, chip: "bk7231t", module: "WB3S" });
    assert.deepEqual([module[0]?.label, module[1]?.isBest], ["wb3s", false]);
    assert.equal(
      complete("bk72xx:\n  board: |").some(({ isBest }) => isBest),
      false,
    );
    assert.equal(taken("bk72xx:\n  board: cb|\nlogger:\n", "cb2s"), "bk72xx:\n  board: cb2s\nlogger:\n");
    assert.equal(taken('bk72xx:\n  board: "cb|\n', "cb2s"), "bk72xx:\n  board: cb2s\n");
  });

  it("has the keys that are not there yet, with values that say what they mean", () => {
    const options = "bk72xx:\n  board: wb3s\nesphome:\n  name: x\n  platformio_options:\n    upload_speed: 1\n";
    const list = labels(complete(`${options}    board_build.|\n    board_build.mcu: bk7231u\n`));
    assert.equal(list.includes("board_build.bkcrypt_coeffs"), true);
    assert.equal(list.includes("board_build.mcu"), false);
    assert.equal(
      list.some((label) => label.endsWith(".")),
      false,
    );
    const text = taken(`${options}    board_build.bkc|\n`, "board_build.bkcrypt_coeffs");
    assert.equal(text, `${options}    board_build.bkcrypt_coeffs: "${"0".repeat(32)}"\n`);
    for (const { label } of complete(
      `bk72xx:\n  board: generic-bk7231t-qfn32-tuya\nesphome:\n  platformio_options:\n    |\n`,
    )) {
      const marked = "bk72xx:\n  board: generic-bk7231t-qfn32-tuya\nesphome:\n  platformio_options:\n    |\n";
      const found = checkYaml(taken(marked, label)).filter(({ code }) => code !== "value-missing");
      assert.deepEqual(found, [], label);
    }
    assert.deepEqual(labels(complete("bk72xx:\n  board: wb3s\n  |\n")), ["family", "framework"]);
    assert.equal(labels(complete("bk72xx:\n  framework:\n    |")).includes("version"), true);
  });

  it("has nothing anywhere else", () => {
    for (const text of [
      "wifi:\n  board: |\n",
      "esp32:\n  |\n",
      "bk72xx:\n  board: wb3s # |\n",
      "|",
      "esphome:\n  name: |\n",
      "bk72xx:\n  board: wb3s\nswitch:\n  - platform: gpio\n    |\n",
    ])
      assert.deepEqual(labels(complete(text)), [], text);
  });
});

/** The YAML rules: every harmful way to write a value has its diagnostic and the right fix, every harmless one none, and good YAMLs none at all. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { TUYA_KEY, ZERO_KEY } from "../../../src/core/beken/chips/keys";
import { applyFixes, checkYaml, type KnownChip, type YamlDiagnostic } from "../../../src/esphome/index";
import { readPlain } from "../../../src/esphome/yamlScalars";
import { readVector, vectors } from "../passport/reference";
import { GOOD_YAMLS } from "./samples";

const codes = (found: readonly YamlDiagnostic[]): string[] => found.map(({ code }) => code);
const withOption = (key: string, value: string, board = "generic-bk7231t-qfn32-tuya"): string =>
  `esphome:\n  name: x\n  platformio_options:\n    ${key}: ${value}\nbk72xx:\n  board: ${board}\n`;

/** A row of the reference in the place it is about. */
function placed(key: string, value: string): string | undefined {
  if (key === "substitution") return `substitutions:\n  x: ${value}\nbk72xx:\n  board: cb2s\n`;
  if (key === "bk72xx.board") return `bk72xx:\n  board: ${value}\n`;
  if (key === "bk72xx.family") return `bk72xx:\n  board: cb2s\n  family: ${value}\n`;
  const framework = /^bk72xx\.framework\.(options\.)?(\w+)$/.exec(key);
  if (framework)
    return `bk72xx:\n  board: cb2s\n  framework:\n${framework[1] ? "    options:\n  " : ""}    ${framework[2] ?? ""}: ${value}\n`;
  if (key === "logger.baud_rate") return `bk72xx:\n  board: cb2s\nlogger:\n  baud_rate: ${value}\n`;
  const board = key === "board_flash.calibration" && value.startsWith("0x1D0000") ? "cb2s" : undefined;
  return withOption(key, value, board);
}

interface Row {
  readonly key: string;
  readonly yaml: string;
  readonly pyyaml_type: string;
  readonly pyyaml_value: unknown;
  readonly cv_string: string | null;
  readonly cv_string_error: string | null;
  readonly ltchiptool?: string;
  readonly libretiny_layout?: string;
}

/** By what the reference ran: it fails, or another text arrives where that matters. */
function isHarmful({
  key,
  yaml,
  cv_string,
  cv_string_error,
  ltchiptool = "ok",
  libretiny_layout = "offset",
}: Row): boolean {
  if (cv_string_error !== null || /Error|falls back/.test(ltchiptool) || libretiny_layout.includes("Error"))
    return true;
  if (
    key.startsWith("custom_flash.") ||
    key === "board_build.bkcrypt_coeffs" ||
    yaml.startsWith('"') ||
    yaml.startsWith("'")
  )
    return false;
  return cv_string !== yaml;
}

const chip = (known: Partial<KnownChip>): KnownChip => ({
  chip: undefined,
  module: undefined,
  key: "unknown",
  coefficients: undefined,
  calibrationAt: undefined,
  ...known,
});

describe("YAML rules", () => {
  it("reads unquoted scalars as PyYAML does, in every row of the reference", function () {
    if (vectors === undefined) this.skip();
    const rows = readVector<{ readonly cases: readonly Row[] }>("yaml-scalars.json")?.cases ?? [];
    assert.equal(rows.length > 45, true);
    for (const { yaml, pyyaml_type, cv_string } of rows) {
      if (/^["']/.test(yaml)) continue;
      const read = readPlain(yaml);
      const kind = { int: "number", float: "number", bool: "boolean", NoneType: "null", str: "text" }[pyyaml_type];
      assert.equal(read.kind, kind, yaml);
      if (cv_string !== null && "text" in read) assert.equal(read.text, cv_string, yaml);
    }
  });

  it("has a diagnostic for every row that hurts, none for any other, and fixes that leave nothing to say", function () {
    if (vectors === undefined) this.skip();
    const rows = readVector<{ readonly cases: readonly Row[] }>("yaml-scalars.json")?.cases ?? [];
    for (const row of rows) {
      const text = placed(row.key, row.yaml) ?? "";
      const found = checkYaml(text);
      assert.equal(found.length, isHarmful(row) ? 1 : 0, `${row.key}: ${row.yaml} ${JSON.stringify(found)}`);
      if (found[0]?.fixes.length) assert.deepEqual(checkYaml(applyFixes(text, found)), [], applyFixes(text, found));
    }
  });

  it("fixes values to what was meant", () => {
    const fixed = (key: string, value: string): string => {
      const text = withOption(key, value);
      const line = applyFixes(text, checkYaml(text)).split("\n")[3] ?? "";
      return line.slice(line.indexOf(": ") + 2);
    };
    const zeros = "0".repeat(32);
    assert.equal(fixed("board_build.bkcrypt_coeffs", zeros), `"${zeros}"`);
    assert.equal(fixed("board_build.bkcrypt_coeffs", "0"), `"${zeros}"`);
    assert.equal(fixed("board_build.bkcrypt_coeffs", '""'), `"${zeros}"`);
    assert.equal(
      fixed("board_build.bkcrypt_coeffs", "0x510fb093a3cbeadc5993a17ec7adeb03"),
      '"510fb093a3cbeadc5993a17ec7adeb03"',
    );
    assert.equal(
      fixed("board_build.bkcrypt_coeffs", "01234567012345670123456701234567"),
      '"01234567012345670123456701234567"',
    );
    assert.equal(fixed("board_build.bkrbl_size_app", "0x108700"), '"0x108700"');
    assert.equal(fixed("board_build.bkrbl_size_app", "1083136"), '"0x108700"');
    assert.equal(fixed("board_flash.calibration", "0x1F3000"), "0x1F3000+0x1000");
    assert.equal(fixed("board_build.bkboot_version", "1.10"), '"1.10"');
    assert.equal(fixed("board_build.bkota.compression", "off"), '"off"');
    assert.equal(fixed("board_build.bkota.iv", "0123456701234567"), '"0123456701234567"');
  });

  it("keeps partitions out of boot code, out of each other and inside the flash", () => {
    const of = (key: string, value: string, board?: string): string[] =>
      codes(checkYaml(withOption(key, value, board)));
    assert.deepEqual(of("board_flash.calibration", "0x10000+0x1000"), ["partition-in-boot-code"]);
    assert.deepEqual(of("board_flash.calibration", "0x140000+0x1000"), ["partition-overlap"]);
    assert.deepEqual(of("board_flash.calibration", "0x1DF000+0x1000"), ["partition-overlap"]);
    assert.deepEqual(of("board_flash.kvs", "0x1FF000+0x8000"), ["partition-past-end"]);
    assert.deepEqual(of("custom_flash.calibration", "0x8000"), ["partition-in-boot-code"]);
    assert.deepEqual(of("board_flash.calibration", "0x1F3000+0x1000"), []);
    assert.deepEqual(of("board_flash.calibration", "0x3FE000+0x1000", "generic-bk7252"), []);
    assert.deepEqual(of("board_flash.calibration", "not a partition"), ["partition-form"]);
  });

  it("knows boards, families and keys that contradict each other", () => {
    const of = (text: string): string[] => codes(checkYaml(text));
    assert.deepEqual(of("bk72xx:\n  board: cb2z\n"), ["board-unknown"]);
    assert.equal(
      applyFixes("bk72xx:\n  board: cb2z\n", checkYaml("bk72xx:\n  board: cb2z\n")),
      "bk72xx:\n  board: cb2l\n",
    );
    assert.deepEqual(of("bk72xx:\n  board: cb2s\n  family: BK7231T\n"), ["board-family"]);
    assert.deepEqual(
      of(withOption("board_build.bkcrypt_coeffs", "510fb093a3cbeadc5993a17ec7adeb03", "generic-bk7238")),
      ["board-key"],
    );
    assert.deepEqual(of("libretiny:\n  board: cb2s\n"), ["block-renamed"]);
  });

  it("knows the pins of a board, and those that flashing needs", () => {
    const of = (text: string): string[] => codes(checkYaml(`bk72xx:\n  board: cb2s\n${text}`));
    assert.deepEqual(of("switch:\n  - platform: gpio\n    pin: P14\n"), ["pin-not-on-board"]);
    assert.deepEqual(of("switch:\n  - platform: gpio\n    pin:\n      number: GPIO14\n"), ["pin-not-on-board"]);
    assert.deepEqual(of("sensor:\n  - platform: hlw8012\n    cf_pin: 9\n"), ["pin-not-on-board"]);
    assert.deepEqual(of("uart:\n  rx_pin: RX1\n  tx_pin: P11\n"), ["pin-for-flashing", "pin-for-flashing"]);
  });

  it("compares with the chip at hand: the seed's chip has no key and another place for its calibration", () => {
    const seed = chip({ chip: "bk7231s", key: "zero", coefficients: ZERO_KEY, calibrationAt: 0x1f3000 });
    const text =
      "esphome:\n  name: bulb\n  platformio_options:\n    board_build.bkcrypt_coeffs: 00000000000000000000000000000000\n    board_flash.calibration: 0x1F3000+0x1000\nbk72xx:\n  board: generic-bk7231n-qfn32-tuya\n";
    const found = checkYaml(text, { chip: seed });
    assert.deepEqual(codes(found), ["value-changes", "chip-board"]);
    const fixed = applyFixes(text, found);
    assert.equal(
      fixed,
      text
        .replace("00000000000000000000000000000000", '"00000000000000000000000000000000"')
        .replace("bk7231n", "bk7231t"),
    );
    assert.deepEqual(checkYaml(fixed, { chip: seed }), []);
    const bare = "bk72xx:\n  board: generic-bk7231t-qfn32-tuya\nesphome:\n  name: bulb\n";
    const lacking = checkYaml(bare, { chip: seed });
    assert.deepEqual(codes(lacking), ["chip-key"]);
    assert.deepEqual(checkYaml(applyFixes(bare, lacking), { chip: seed }), []);
    assert.match(applyFixes(bare, lacking), /platformio_options:\n {4}board_build.bkcrypt_coeffs: "0{32}"\n/);
    const tuya = chip({ chip: "bk7231t", key: "tuya", coefficients: TUYA_KEY, calibrationAt: 0x1e0000 });
    assert.deepEqual(checkYaml(bare, { chip: tuya }), []);
    assert.deepEqual(codes(checkYaml(fixed, { chip: tuya })), ["chip-key", "chip-calibration"]);
    const put = applyFixes(fixed, checkYaml(fixed, { chip: tuya }));
    assert.deepEqual(checkYaml(put, { chip: tuya }), []);
  });

  it("resolves substitutions where it can", () => {
    const filled = `substitutions:\n  b: cb2z\nbk72xx:\n  board: \${b}\n`;
    assert.deepEqual(codes(checkYaml(filled)), ["board-unknown"]);
  });

  it("has nothing to say of good YAMLs", () => {
    assert.equal(GOOD_YAMLS.length >= 50, true);
    for (const text of GOOD_YAMLS) {
      const found = checkYaml(text).filter(
        ({ severity, code }) => severity !== "information" || !/-unknown$/.test(code),
      );
      assert.deepEqual(found, [], text);
    }
  });

  it("never throws, and its edits stay inside the text", () => {
    const piece = fc.constantFrom(
      "bk72xx:",
      "\n",
      "  ",
      "board: ",
      "cb2s",
      "platformio_options:",
      "esphome:",
      "board_flash.x: ",
      "0x1",
      "&a ",
      "*a",
      "${b}",
      "!secret ",
      "- ",
      '"',
      "'",
      "|",
      "{",
      "}",
      "[",
      "]",
      "~",
      "0",
      ":",
      "#",
      "<<: ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join("");
        const found = checkYaml(text, {
          chip: chip({ chip: "bk7231n", key: "zero", coefficients: ZERO_KEY, calibrationAt: 0x1000 }),
        });
        for (const { start, end, fixes } of found) {
          assert.equal(start >= 0 && end >= start && end <= text.length, true);
          for (const { edits } of fixes)
            for (const edit of edits) assert.equal(edit.start <= edit.end && edit.end <= text.length, true);
        }
        applyFixes(text, found);
      }),
      { numRuns: 400 },
    );
  });
});

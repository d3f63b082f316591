/** What a YAML takes in from other files: followed where they are there, said to be unknown where they are not, put right where it is written. */
import assert from "node:assert/strict";
import { ZERO_KEY } from "../../../src/core/beken/chips/keys";
import { applyFixes, checkYaml, gatherSources, type YamlDiagnostic } from "../../../src/esphome/index";
import { pathFrom } from "../../../src/esphome/yamlSources";

type Files = Readonly<Record<string, string>>;

const ZEROS = "0".repeat(32);
const SEED = {
  chip: "bk7231s",
  module: undefined,
  key: "zero",
  coefficients: ZERO_KEY,
  calibrationAt: 0x1f3000,
} as const;

/** Names in a folder of these files; undefined where none is below it. */
function listed(files: Files, folder: string): readonly string[] | undefined {
  const below = Object.keys(files).flatMap((path) => (path.startsWith(folder) ? [path.slice(folder.length)] : []));
  const names = below.map((path) => (path.includes("/") ? path.slice(0, path.indexOf("/") + 1) : path));
  return below.length === 0 ? undefined : [...new Set(names)];
}

async function checked(text: string, files: Files = {}, chip?: typeof SEED): Promise<readonly YamlDiagnostic[]> {
  const sources = await gatherSources(text, {
    read: (path) => Promise.resolve(files[path]),
    list: (path) => Promise.resolve(listed(files, path)),
  });
  return checkYaml(text, { sources, chip });
}
const codes = async (text: string, files: Files = {}, chip?: typeof SEED): Promise<string[]> =>
  (await checked(text, files, chip)).map(({ code }) => code);

const withKey = (value: string): string =>
  `esphome:\n  name: x\n  platformio_options:\n    board_build.bkcrypt_coeffs: ${value}\nbk72xx:\n  board: wb3s\n`;

describe("what a YAML takes in", () => {
  it("is a secret as YAML reads it there, and is put right there", async () => {
    const text = withKey("!secret key");
    assert.deepEqual(await codes(text), ["value-unknown"]);
    assert.deepEqual(await codes(text, { "secrets.yaml": "other: 1" }), ["value-unknown"]);
    assert.deepEqual(await codes(text, { "secrets.yaml": `key: "${ZEROS}"\n` }), []);
    const secrets = `wifi: x\nkey: ${ZEROS}\n`;
    const [found] = await checked(text, { "secrets.yaml": secrets });
    assert.equal(found?.code, "value-changes");
    assert.equal(found.file, "secrets.yaml");
    assert.equal(text.slice(found.start, found.end), "key");
    const edit = found.fixes[0]?.edits[0];
    assert.ok(edit);
    assert.deepEqual(
      [edit.file, edit.text, secrets.slice(edit.start, edit.end)],
      ["secrets.yaml", `"${ZEROS}"`, ZEROS],
    );
    assert.equal(applyFixes(text, [found]), text);
  });

  it("is an included file, with what is handed to it, in any depth", async () => {
    const files = {
      "common/chip.yaml": "board: ${which}\nframework: !include parts/framework.yaml\n",
      "common/parts/framework.yaml": "version: 1.10\n",
    };
    const text = `bk72xx: !include {file: common/chip.yaml, vars: {which: cb2z}}\n`;
    const found = await checked(text, files);
    assert.deepEqual(
      found.map(({ code, file }) => [code, file]),
      [
        ["value-changes", "common/parts/framework.yaml"],
        ["board-unknown", "common/chip.yaml"],
      ],
    );
    assert.deepEqual(await codes("bk72xx:\n  board: !include board.txt\n"), ["value-unknown"]);
  });

  it("is packages of every form, the nearest value first", async () => {
    const files = { "base.yaml": withKey(ZEROS), "good.yaml": withKey(`"${ZEROS}"`) };
    for (const packages of ["!include base.yaml", "\n  base: !include base.yaml", "\n  - !include base.yaml"])
      assert.deepEqual(await codes(`packages: ${packages}\n`, files), ["value-changes"], packages);
    assert.deepEqual(await codes("packages:\n  a: !include base.yaml\n  b: !include good.yaml\n", files), []);
    assert.deepEqual(await codes(`packages: !include base.yaml\n${withKey(`"${ZEROS}"`)}`, files), []);
    const inline = "packages:\n  own:\n    bk72xx:\n      board: cb2z\n";
    assert.deepEqual(await codes(inline), ["board-unknown"]);
  });

  it("is merged in by a file or by several anchors", async () => {
    const files = { "options.yaml": `board_build.bkcrypt_coeffs: ${ZEROS}\n` };
    const text = (merge: string): string =>
      `esphome:\n  platformio_options:\n    <<: ${merge}\nbk72xx:\n  board: wb3s\n`;
    assert.deepEqual(await codes(text("!include options.yaml"), files), ["value-changes"]);
    const anchors = `.a: &a {board_build.bkota.iv: 0123456701234567}\n.b: &b {x: "1"}\n`;
    assert.deepEqual(await codes(`${anchors}${text("[*a, *b]")}`), ["value-changes"]);
  });

  it("is a folder in each of its four forms, or said to be unknown", async () => {
    const files = {
      "all/a.yaml": withKey(`"${ZEROS}"`),
      "all/deep/b.yaml": withKey(ZEROS),
      "all/.hidden.yaml": "bk72xx:\n  board: cb2z\n",
      "all/secrets.yaml": "bk72xx:\n  board: cb2z\n",
      "all/note.txt": "not: yaml: at all",
      "options/key.yaml": `board_build.bkcrypt_coeffs: ${ZEROS}\n`,
      "lists/a.yaml": "- bk72xx: {board: cb2z}\n",
    };
    // Of two packages the later one counts.
    for (const tag of ["!include_dir_list", "!include_dir_named"])
      assert.deepEqual(await codes(`packages: ${tag} all\n`, files), ["value-changes"], tag);
    const found = await checked("packages: !include_dir_named all\n", files);
    assert.equal(found[0]?.file, "all/deep/b.yaml");
    assert.deepEqual(await codes("packages: !include_dir_merge_list lists\n", files), ["board-unknown"]);
    const merged = (folder: string): string =>
      `esphome:\n  platformio_options: !include_dir_merge_named ${folder}\nbk72xx:\n  board: wb3s\n`;
    assert.deepEqual(await codes(merged("options"), files), ["value-changes"]);
    assert.deepEqual(await codes(merged("options/"), files), ["value-changes"]);
    const later = { ...files, "options/z.yaml": `board_build.bkcrypt_coeffs: "${ZEROS}"\n` };
    assert.deepEqual(await codes(merged("options"), later), []);
    const bare = "esphome:\n  platformio_options: !include_dir_merge_named gone\nbk72xx:\n  board: wb3s\n";
    assert.deepEqual(await codes(bare, files, SEED), ["package-unknown"]);
  });

  it("is said to be unknown where a board may come from the network or a file that is not here", async () => {
    for (const source of ["github://acme/esphome/x.yaml@main", "{url: https://example.org/x, files: [a.yaml]}"]) {
      assert.deepEqual(await codes(`packages:\n  x: ${source}\nbk72xx:\n`), ["package-unknown"], source);
      assert.deepEqual(await codes(`packages:\n  x: ${source}\nbk72xx:\n  board: wb3s\n`), [], source);
    }
    assert.deepEqual(await codes("packages:\n  x: !include gone.yaml\nbk72xx:\n"), ["package-unknown"]);
    assert.deepEqual(await codes("packages:\n  x: !include_dir_named all\nbk72xx:\n"), ["package-unknown"]);
    assert.deepEqual(await codes("packages:\n  x: github://acme/x.yaml\nesp32:\n  board: esp32dev\n"), []);
    assert.deepEqual(await codes("bk72xx:\n  board: ${which}\n"), ["value-unknown"]);
    assert.deepEqual(await codes("bk72xx:\n  board: ${ 'cb' + '2s' }\n"), ["value-unknown"]);
  });

  it("is no reason to call a key lacking that may stand where nobody can look", async () => {
    const bare = "esphome:\n  name: x\nbk72xx:\n  board: generic-bk7231t-qfn32-tuya\n";
    assert.deepEqual(await codes(bare, {}, SEED), ["chip-key"]);
    assert.deepEqual(await codes(`packages:\n  x: !include gone.yaml\n${bare}`, {}, SEED), ["package-unknown"]);
    const options = "esphome:\n  platformio_options: !include options.yaml\nbk72xx:\n  board: wb3s\n";
    assert.deepEqual(await codes(options, {}, SEED), ["package-unknown"]);
    const files = {
      "options.yaml": `board_build.bkcrypt_coeffs: "${ZEROS}"\nboard_flash.calibration: 0x1F3000+0x1000\n`,
    };
    assert.deepEqual(await codes(options, files, SEED), []);
  });

  it("may take itself in, or a thousand files", async () => {
    const self = "packages:\n  a: !include self.yaml\n  b: !include self.yaml\nbk72xx:\n  board: wb3s\n";
    assert.deepEqual(
      (await codes(self, { "self.yaml": self })).every((code) => code === "package-unknown"),
      true,
    );
    const many = Array.from({ length: 1000 }, (_, index) => `  p${index}: !include f${index}.yaml`).join("\n");
    let reads = 0;
    const read = (): Promise<string> => {
      reads++;
      return Promise.resolve("x: 1");
    };
    await gatherSources(`packages:\n${many}\n`, { read, list: () => Promise.resolve(undefined) });
    assert.equal(reads, 64);
  });

  it("is looked for beside the file that names it", () => {
    assert.equal(pathFrom("", "./a/../b.yaml"), "b.yaml");
    assert.equal(pathFrom("common/x.yaml", "y.yaml"), "common/y.yaml");
    assert.equal(pathFrom("common/x.yaml", "../../y.yaml"), "../y.yaml");
    assert.equal(pathFrom("common/x.yaml", "/etc/y.yaml"), "/etc/y.yaml");
    assert.equal(pathFrom("", "..\\common\\y.yaml"), "../common/y.yaml");
  });
});

describe("options put into a YAML", () => {
  const LINES = [
    `    board_build.bkcrypt_coeffs: "${ZEROS}"`,
    "    board_build.bkota.key: 0123456789ABCDEF0123456789ABCDEF",
    "    board_build.bkota.iv: 0123456789ABCDEF",
    "    board_flash.calibration: 0x1F3000+0x1000",
  ];
  const BOARD = "bk72xx:\n  board: wb3s\n";
  const block = (indent: string): string => LINES.map((line) => `${indent}${line.trim()}\n`).join("");
  const inline = LINES.map((line) => line.trim()).join(", ");
  const PAIRS: readonly (readonly [before: string, after: string])[] = [
    [BOARD, `esphome:\n  platformio_options:\n${block("    ")}\n${BOARD}`],
    [`# head\n---\n${BOARD}`, `# head\n---\nesphome:\n  platformio_options:\n${block("    ")}\n${BOARD}`],
    [`${BOARD}esphome:\n`, `${BOARD}esphome:\n  platformio_options:\n${block("    ")}`],
    [`${BOARD}esphome: # mine`, `${BOARD}esphome: # mine\n  platformio_options:\n${block("    ")}`.trimEnd()],
    [`esphome:\n    name: x\n${BOARD}`, `esphome:\n    platformio_options:\n${block("      ")}    name: x\n${BOARD}`],
    [
      `esphome:\n  name: x\n  platformio_options:\n${BOARD}`,
      `esphome:\n  name: x\n  platformio_options:\n${block("    ")}${BOARD}`,
    ],
    [
      `esphome:\n  platformio_options:\n     upload_speed: "1"\n${BOARD}`,
      `esphome:\n  platformio_options:\n${block("     ")}     upload_speed: "1"\n${BOARD}`,
    ],
    [`esphome: {name: x}\n${BOARD}`, `esphome: {platformio_options: {${inline}}, name: x}\n${BOARD}`],
    [
      `esphome: {name: x, platformio_options: {a: b}}\n${BOARD}`,
      `esphome: {name: x, platformio_options: {${inline}, a: b}}\n${BOARD}`,
    ],
    [`{bk72xx: {board: wb3s}}`, `{esphome: {platformio_options: {${inline}}}, bk72xx: {board: wb3s}}`],
    [
      `esphome:\r\n  name: x\r\nbk72xx:\r\n  board: wb3s\r\n`,
      `esphome:\r\n  platformio_options:\r\n${block("    ").replaceAll("\n", "\r\n")}  name: x\r\nbk72xx:\r\n  board: wb3s\r\n`,
    ],
    [`\uFEFF${BOARD}`, `\uFEFFesphome:\n  platformio_options:\n${block("    ")}\n${BOARD}`],
  ];

  for (const [before, after] of PAIRS)
    it(`in the style that is there: ${JSON.stringify(before.slice(0, 40))}`, () => {
      const fixed = applyFixes(before, checkYaml(before, { chip: SEED }));
      assert.equal(fixed, after);
      assert.deepEqual(checkYaml(fixed, { chip: SEED }), []);
    });
});

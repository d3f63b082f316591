/** Generated configurations hold no key that their component does not take, lack none that it needs, and check clean; in Chinese only the comments differ. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isMap, isScalar, isSeq, parseDocument, visit, type YAMLMap } from "yaml";
import { checkYaml, deviceConfig, espHomeYaml } from "../../../src/esphome/index";
import { passportOf } from "../../../src/core/passport/passport";
import { encodeStorage } from "../passport/encoder";
import schema from "../../fixtures/esphome/schema.json";

const KEYS: Readonly<Record<string, readonly string[] | undefined>> = schema.keys;
const FOLDER = join("test", "fixtures", "esphome");
const GOLDENS = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));

function keysOf(map: YAMLMap): string[] {
  return map.items.map(({ key }) => (isScalar(key) ? String(key.value) : "?"));
}

/** What of a block the schema does not know, or misses. */
function faults(block: string, node: unknown): string[] {
  const rows = isSeq(node) ? node.items : [node];
  return rows.flatMap((row) => {
    const platform = isMap(row) ? row.get("platform") : undefined;
    const name = typeof platform === "string" ? `${block}/${platform}` : block;
    const known = KEYS[name];
    if (!known) return [`${name} is not known`];
    if (!isMap(row)) return known.some((key) => key.endsWith("!")) ? [`${name} has nothing below it`] : [];
    const there = keysOf(row);
    const allowed = known.map((key) => key.replace("!", ""));
    return [
      ...there.filter((key) => !allowed.includes(key)).map((key) => `${name}: ${key} is not taken`),
      ...known
        .filter((key) => key.endsWith("!") && !there.includes(key.slice(0, -1)))
        .map((key) => `${name}: no ${key}`),
    ];
  });
}

function problems(text: string): string[] {
  const document = parseDocument(text, { logLevel: "silent" });
  const found = document.errors.map(({ message }) => message);
  if (!isMap(document.contents)) return [...found, "no map"];
  for (const { key, value } of document.contents.items)
    found.push(...faults(isScalar(key) ? String(key.value) : "?", value));
  visit(document, {
    Map: (_, map) => {
      if (isScalar(map.get("number", true))) found.push(...faults("pin", map));
    },
  });
  return found;
}

describe("generated configurations", () => {
  for (const name of GOLDENS)
    it(`${name} has the keys its components take, and nothing is wrong with it`, () => {
      const text = readFileSync(join(FOLDER, name), "utf8");
      assert.deepEqual(problems(text), []);
      const wrong = checkYaml(text).filter(({ severity }) => severity !== "information");
      assert.deepEqual(wrong, []);
    });

  it("are fourteen, and a wrong key or a lacking one would show", () => {
    assert.equal(GOLDENS.length, 14);
    const text = readFileSync(join(FOLDER, GOLDENS[0] ?? ""), "utf8");
    assert.notDeepEqual(problems(text.replace("board:", "bord:")), []);
    assert.notDeepEqual(problems(`${text}\nsensor2:\n  - platform: x\n`), []);
  });

  it("have their comments in the reader's language, and the same below them", () => {
    const pins =
      "{rl1_pin:26,rl1_lv:1,bt1_pin:11,bt1_lv:0,chip_type:0,ele_pin:6,vi_pin:7,sel_pin_pin:8,module:CB2S,crc:1,}";
    const config = deviceConfig(passportOf(encodeStorage({ values: { user_param_key: pins } }).bytes));
    const plain = espHomeYaml(config).yaml;
    const said = espHomeYaml(config, (text) => `<${text.toString()}>`).yaml;
    const comments = (text: string): string[] => text.split("\n").filter((line) => line.startsWith("#"));
    const rest = (text: string): string[] => text.split("\n").filter((line) => !line.startsWith("#"));
    assert.deepEqual(rest(said), rest(plain));
    for (const line of comments(said)) assert.match(line, /^#(?: (?:- )?<.*>)?$/);
    assert.equal(comments(said).length > 5, true);
  });
});

/**
 * What a chip, its loader or its boot ROM can do is a field of its row: code asks the field. Reads the sources for what asks for
 * a family or a chip by name instead; those names are data, and stay with it.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { CHIPS } from "../../src/core/beken/chips/chips";
import { PROFILES } from "../../src/core/beken/chips/profiles";

/** Where names are data; the simulator is a chip, and knows which. */
const DATA = ["src/core/beken/chips/", "src/core/beken/images/", "src/simulator/"] as const;

const FAMILY_NAMES = Object.keys(PROFILES).join("|");
const ASKED = [
  new RegExp(`["'\`](?:${FAMILY_NAMES})["'\`]`),
  /\bfamily\b\s*[!=]==?/,
  /(?:[!=]==?\s*|\.includes\(\s*)[\w.?]*\bfamily\b/,
  /\b(?:switch|case)\b.*\bfamily\b/,
  /\bPROFILES\b/,
  new RegExp(`[!=]==?\\s*["'\`](?:${Object.keys(CHIPS).join("|")})\\b`, "i"),
] as const;

/** Lines of code that ask, with their place. */
function askers(name: string, text: string): readonly string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ""));
  return code.split("\n").flatMap((line, i) => {
    const bare = line.replace(/\/\/.*/, "");
    return ASKED.some((asked) => asked.test(bare)) ? [`${name}:${i + 1} ${bare.trim()}`] : [];
  });
}

describe("capabilities", () => {
  it("are asked of the row, and no code outside the chips' data asks for a family or a chip by name", () => {
    const files = ["src", "webview-ui"].flatMap((folder) =>
      readdirSync(folder, { recursive: true })
        .map((name) => posix.join(folder, String(name).replaceAll("\\", "/")))
        .filter((name) => /\.tsx?$/.test(name) && !DATA.some((data) => name.startsWith(data))),
    );
    assert.ok(files.length > 200);
    assert.deepEqual(
      files.flatMap((name) => askers(name, readFileSync(name, "utf8"))),
      [],
    );
  });

  it("are seen by this test when they are not", () => {
    for (const line of [
      'if (device.profile.family === "rom") return;',
      'const isRom = "rom" === profile.family;',
      "if (PROFILES.rom === device.profile) return;",
      'if (["A", x].includes(protocol.family)) return;',
      "if (device.family !== before.family) return;",
      "switch (profile.family) {",
      'if (chip.id === "bk7231n") return;',
    ])
      assert.equal(askers("x.ts", line).length, 1, line);
    assert.deepEqual(askers("x.ts", '/** family === "rom" */\nshow(protocol.family); // "rom"'), []);
  });

  it("of a boot ROM and of flash loaders are whole rows", () => {
    const { rom, ...loaders } = PROFILES;
    assert.ok(rom.knowsJedec && rom.hasStatusRegister && rom.hasEfuse && !rom.unprotectsByLinkCheck);
    assert.equal(rom.resyncFiller, "inside-plan");
    for (const loader of Object.values(loaders)) {
      assert.ok(loader.unprotectsByLinkCheck && !loader.hasStatusRegister && !loader.knowsJedec && !loader.hasEfuse);
      // Only where limits refuse an address may a byte be chosen that points nowhere.
      assert.equal(loader.resyncFiller, "refused");
      assert.ok(Math.min(...Object.values(loader.limits)) > 0);
    }
    for (const [family, row] of Object.entries(PROFILES)) assert.ok(row.byVersionAlone.some((one) => one === family));
    // What asks for these needs the commands for it.
    for (const { knowsJedec, hasStatusRegister, hasEfuse, commands } of Object.values(PROFILES)) {
      assert.equal(knowsJedec, commands.has("spiTransfer"));
      assert.equal(hasStatusRegister, commands.has("readStatusRegister") && commands.has("writeStatusRegister"));
      assert.equal(hasEfuse, commands.has("readRegister") && commands.has("writeRegister"));
    }
  });
});

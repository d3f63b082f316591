/** One Chinese word for one thing, in everything that is Chinese: the table of docs/architecture.md ("Texts"), held to. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { CHINESE_GUIDE_PATH } from "../../src/core/base/guideLinks";

interface Term {
  readonly english: string;
  readonly chinese: string;
  readonly unwanted: readonly string[];
}

const strings = (path: string): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;

function glossary(): readonly Term[] {
  const text = readFileSync("docs/architecture.md", "utf8");
  const rows = text.split("| English | Chinese | not |\n")[1]?.split("\n\n")[0]?.split("\n").slice(1) ?? [];
  return rows.map((row) => {
    const [, english = "", chinese = "", unwanted = ""] = row.split("|").map((cell) => cell.trim());
    return { english, chinese, unwanted: unwanted.split(", ").filter((word) => word !== "") };
  });
}

/** English and Chinese of everything that the editor shows. */
function pairs(): readonly (readonly [english: string, chinese: string])[] {
  const manifest = strings("package.nls.json");
  return [
    ...Object.entries(strings("l10n/bundle.l10n.zh-cn.json")),
    ...Object.entries(strings("package.nls.zh-cn.json")).map(([key, text]) => [manifest[key] ?? "", text] as const),
  ];
}

/** Options of the command line, ids of commands and files named by a pattern are no words. */
const wordsOf = (english: string): string => english.replace(/--[a-z-]+|command:\S+|`[^`]*`/g, "");

describe("Chinese words", () => {
  const terms = glossary();

  it("are in the table", () => {
    assert.ok(terms.length > 20);
    for (const { english, chinese } of terms) assert.ok(/^[a-z]/.test(english) && chinese !== "", english);
  });

  it("are the ones of the table and no others, in the editor and in the guide", () => {
    const texts = [...pairs().map(([, chinese]) => chinese), readFileSync(CHINESE_GUIDE_PATH, "utf8")];
    const found = terms.flatMap(({ unwanted }) =>
      unwanted.flatMap((word) => texts.filter((text) => text.includes(word)).map((text) => [word, text.slice(0, 80)])),
    );
    assert.deepEqual(found, []);
  });

  it("stand where English has theirs", () => {
    // "Flash" is two words in Chinese, and the verb is often a noun there.
    const nouns = terms.filter(({ english }) => !english.includes("flash") || english === "the flasher");
    const missing = nouns.flatMap(({ english, chinese }) => {
      const term = new RegExp(`(?<![-\\w])${english.replaceAll(" ", "[- ]")}s?(?![-\\w])`, "i");
      return pairs().filter(([text, translation]) => term.test(wordsOf(text)) && !translation.includes(chinese));
    });
    assert.deepEqual(missing, []);
  });
});

/** One word for one thing, in everything that is said in a language: the terms of its folder, held to. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { OWN, TRANSLATIONS, manifestTextsOf, textsOf } from "../languages";

/** English and translation of everything that the editor shows. */
function pairs(id: string): readonly (readonly [english: string, translated: string])[] {
  const manifest = manifestTextsOf(OWN.id);
  return [
    ...Object.entries(textsOf(id)),
    ...Object.entries(manifestTextsOf(id)).map(([key, text]) => [manifest[key] ?? "", text] as const),
  ];
}

/** Options of the command line, ids of commands and files named by a pattern are no words. */
const wordsOf = (english: string): string => english.replace(/--[a-z-]+|command:\S+|`[^`]*`/g, "");

for (const { id, terms, letters, guide } of TRANSLATIONS) {
  describe(`words of ${id}`, () => {
    it("are in its table", () => {
      assert.ok(terms.length > 20);
      for (const { english, word } of terms) assert.ok(/^[a-z]/.test(english) && word !== "", english);
      assert.ok(terms.some(({ word }) => letters.test(word)));
    });

    it("are the ones of the table and no others, in the editor and in the guide", () => {
      const texts = [...pairs(id).map(([, translated]) => translated), readFileSync(guide.path, "utf8")];
      const found = terms.flatMap(({ not }) =>
        not.flatMap((word) => texts.filter((text) => text.includes(word)).map((text) => [word, text.slice(0, 80)])),
      );
      assert.deepEqual(found, []);
    });

    it("stand where English has theirs", () => {
      // "Flash" is two words in many languages, and the verb is often a noun there.
      const nouns = terms.filter(({ english }) => !english.includes("flash") || english === "the flasher");
      const missing = nouns.flatMap(({ english, word }) => {
        const term = new RegExp(`(?<![-\\w])${english.replaceAll(" ", "[- ]")}s?(?![-\\w])`, "i");
        return pairs(id).filter(([text, translation]) => term.test(wordsOf(text)) && !translation.includes(word));
      });
      assert.deepEqual(missing, []);
    });
  });
}

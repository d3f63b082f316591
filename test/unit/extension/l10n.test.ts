/** Every sentence the extension can say, its own and the core's, is there in every language, with the same places to fill in, and no language has leftovers. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { FLASHER_ERROR_CODES, FlasherError, remedyFor, type ErrorContext } from "../../../src/core/index";
import { SURROUNDING_STEPS, type SurroundingKind } from "../../../src/core/base/remediesAround";
import { LANGUAGES } from "../../../src/languages/list";
import { allTexts } from "../../../src/shared/strings";
import { OWN, TRANSLATIONS, textsOf } from "../../languages";
import { extensionTexts, untaggedSentences, wordsTemplates } from "./sourceTexts";

/** What a chip can answer with, and what it cannot. */
const STATUSES = [...Array.from({ length: 16 }, (_, value) => value), 0xee, 0xfe];
const ANSWERS: readonly ErrorContext[] = [
  {},
  ...STATUSES.map((status) => ({ status })),
  ...(["blank", "zeros", "nothing"] as const).map((crcSays) => ({ crcSays })),
  { lifeline: true },
  ...(["boot-code", "application", "key"] as const).flatMap((trouble) =>
    [{}, { lifeline: true }, { holdsBootCode: true }].map((more) => ({ trouble, ...more })),
  ),
  { instead: "" },
  ...(["openbeken-qio", "openbeken-ua", "esphome-uf2", "build-uf2"] as const).map((kind) => ({
    instead: "",
    download: { kind, chip: "c" },
  })),
];

function remedyTexts(): Set<string> {
  const texts = new Set<string>();
  for (const code of FLASHER_ERROR_CODES) {
    for (const flash of ["untouched", "partly-written", "written"] as const) {
      for (const answer of ANSWERS) {
        const error = new FlasherError(code, "try", {
          address: 1,
          port: "p",
          file: "f",
          instead: "i",
          ...answer,
        });
        error.flash = flash;
        error.around = (Object.keys(SURROUNDING_STEPS) as SurroundingKind[]).map((kind) => ({ kind }));
        for (const outside of ["in-doubt", "changed", "untouched"] as const) {
          error.outside = outside;
          remedyFor(error, (text) => {
            texts.add(text);
            return text;
          });
        }
        for (const job of ["erase", "restore", "verify"]) {
          error.job = job;
          remedyFor(error, (text) => {
            texts.add(text);
            return text;
          });
        }
        error.job = undefined;
        for (const suspect of [undefined, "power", "line", "place", "cable"] as const) {
          error.suspect = suspect;
          remedyFor(error, (text) => {
            texts.add(text);
            return text;
          });
        }
      }
    }
  }
  return texts;
}

const placeholders = (text: string): readonly string[] => [...new Set(text.match(/\{\d+\}/g) ?? [])].sort();

describe("l10n", () => {
  const texts = new Set([...extensionTexts(), ...wordsTemplates(), ...allTexts(), ...remedyTexts()]);
  const english = textsOf(OWN.id);
  const missing = (names: Iterable<string>, from: Readonly<Record<string, string>>): readonly string[] =>
    [...names].filter((name) => !(name in from));

  it("reads the sources", () => {
    assert.ok(extensionTexts().size > 150 && wordsTemplates().size > 250 && remedyTexts().size > 100);
    assert.ok(texts.has("block {0} at file offset {1} does not hold"));
  });

  it("there is no sentence for people that could not be translated", () => {
    assert.deepEqual(untaggedSentences(), []);
  });

  it("no template has braces of its own, which would be taken for places to fill in", () => {
    for (const template of wordsTemplates()) assert.doesNotMatch(template.replace(/\{\d+\}/g, ""), /[{}]/, template);
  });

  it("English has every text, as it is in the code", () => {
    assert.deepEqual(missing(texts, english), []);
    assert.deepEqual(
      Object.entries(english).filter(([key, text]) => key !== text),
      [],
    );
  });

  it("English has no text that nobody says", () => {
    assert.deepEqual(missing(Object.keys(english), Object.fromEntries([...texts].map((text) => [text, text]))), []);
  });

  for (const { id } of TRANSLATIONS) {
    const translated = textsOf(id);

    it(`${id} has every text, and none that nobody says`, () => {
      assert.deepEqual(missing(texts, translated), []);
      assert.deepEqual(missing(Object.keys(translated), english), []);
    });

    it(`${id} fills in the same places`, () => {
      const wrong = Object.entries(translated).filter(
        ([key, text]) => placeholders(key).join() !== placeholders(text).join(),
      );
      assert.deepEqual(wrong, []);
    });
  }

  it("every folder of a language is in the list, and named like it", () => {
    const folders = readdirSync("src/languages", { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual(folders.map(({ name }) => name).sort(), LANGUAGES.map(({ id }) => id).sort());
  });
});

/** The first page, in every language: it says the same, leads somewhere, and names what there is. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { OWN, TRANSLATIONS, manifestTextsOf } from "../languages";
import { factsOf, shapeOf } from "../markdown";

const ENGLISH = readFileSync("README.md", "utf8");
const PAGES = [
  { name: "README.md", text: ENGLISH },
  ...TRANSLATIONS.map(({ id }) => ({ name: `README.${id}.md`, text: readFileSync(`README.${id}.md`, "utf8") })),
];

/** What is typed, without what is said beside it. */
const codeOf = (text: string): readonly string[] =>
  [...text.matchAll(/```\w+\n([^]*?)```/g)].map(([, code = ""]) => code.replace(/ +#.*$/gm, ""));

const linksOf = (text: string): readonly string[] =>
  [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);

/** Figures with their units left out, which languages write each in its way. */
const figuresOf = (text: string): readonly string[] => text.match(/\d+(?:[.,]\d+)*/g)?.sort() ?? [];

describe("the first page", () => {
  const { scripts, contributes } = JSON.parse(readFileSync("package.json", "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
    readonly contributes: { readonly configuration: readonly { readonly properties: object }[] };
  };

  for (const { name, text } of PAGES) {
    it(`${name} leads to what is there`, () => {
      const links = linksOf(text);
      assert.ok(links.length > 10);
      for (const link of links) assert.ok(existsSync(link), link);
    });

    it(`${name} names scripts and settings that there are`, () => {
      for (const [, script = ""] of text.matchAll(/npm run ([\w:]+)/g)) assert.ok(scripts[script], script);
      const settings = JSON.stringify(contributes.configuration);
      for (const [, setting = ""] of text.matchAll(/`(beken\.\w+)`/g))
        assert.ok(settings.includes(`"${setting}"`), setting);
    });
  }

  for (const { id, terms, guide } of TRANSLATIONS) {
    const text = readFileSync(`README.${id}.md`, "utf8");

    it(`says the same in ${id}: parts, commands, figures and places`, () => {
      assert.deepEqual(shapeOf(text), shapeOf(ENGLISH));
      assert.deepEqual(codeOf(text), codeOf(ENGLISH));
      assert.deepEqual(factsOf(text), factsOf(ENGLISH));
      assert.deepEqual(figuresOf(text), figuresOf(ENGLISH));
      // Each names the other page and guide first.
      const swapped = linksOf(text).map(
        (link) =>
          ({ "README.md": `README.${id}.md`, [guide.path]: OWN.guide.path, [OWN.guide.path]: guide.path })[link] ??
          link,
      );
      assert.deepEqual(swapped, linksOf(ENGLISH));
    });

    it(`uses the words of ${id}, and calls commands as the editor does`, () => {
      const wrong = terms.flatMap(({ not }) => not.filter((word) => text.includes(word)));
      assert.deepEqual(wrong, []);
      const titles = Object.values(manifestTextsOf(id)).map((title) => title.replace("...", ""));
      for (const [, name = ""] of text.matchAll(/\*Beken: ([^*]+)\*/g)) assert.ok(titles.includes(name), name);
    });
  }
});

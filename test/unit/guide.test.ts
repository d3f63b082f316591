/** The user guides: made from the code where they can be, whole, of one shape, and found by every link that leads to them. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { FLASHER_ERROR_CODES } from "../../src/core/base/errors";
import { GUIDE_PATH, guideAnchor, guidePaths, guideUrl } from "../../src/core/base/guideLinks";
import { REMEDIES } from "../../src/core/base/remedies";
import { STATUS_BYTES } from "../../src/core/base/statusBytes";
import { IMAGE_WARNINGS } from "../../src/languages/en/notes";
import { LANGUAGES } from "../../src/languages/list";
import { PART_NAMES, renderGuide } from "../../src/guide/render";
import { OWN, TRANSLATIONS, manifestTextsOf, textsOf } from "../languages";
import { factsOf, shapeOf } from "../markdown";

const guideText = (path: string): string => readFileSync(path, "utf8");

/** Anchors as GitHub and VS Code make them of headings; both keep Chinese characters, and drop what is no letter. */
const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-"),
  );

function sectionOf(text: string, anchor: string): string {
  const start = text.indexOf(`\n### ${anchor}\n`);
  assert.ok(start >= 0, anchor);
  const next = text.indexOf("\n### ", start + 1);
  return text.slice(start, next < 0 ? undefined : next);
}

for (const { id, guide: language, sentence: whole } of LANGUAGES) {
  const guide = guideText(language.path);
  const anchors = anchorsOf(guide);

  describe(`user guide, ${id}`, () => {
    it("is what `npm run guide` makes of it", () => {
      assert.ok(renderGuide(guide, language) === guide, `${language.path} is out of date: npm run guide`);
    });

    it("cannot be rendered without a place for each part", () => {
      for (const name of PART_NAMES)
        assert.throws(() => renderGuide(guide.replace(`<!-- made: ${name} -->`, ""), language), new RegExp(name));
    });

    it("has a section for every code: what was seen, what it means, what to do", () => {
      const { seen, means, betweenSentences } = language.labels;
      for (const code of FLASHER_ERROR_CODES) {
        const section = sectionOf(guide, guideAnchor(code));
        const lines = section.split("\n");
        const after = (start: string): string =>
          lines.find((line) => line.startsWith(start))?.slice(start.length) ?? "";
        assert.match(after("**").slice(0, -"**".length), whole, code);
        for (const label of [seen, means]) assert.match(after(`- ${label}${betweenSentences}`), whole, code);
        assert.match(after("1. "), /\p{L}/u, code);
        assert.doesNotMatch(section, /undefined|\[object|\{\d\}/, code);
      }
    });

    it("says of a failure what the editor says", () => {
      const bundle = textsOf(id);
      for (const code of FLASHER_ERROR_CODES) {
        const section = sectionOf(guide, guideAnchor(code)).replaceAll("\\<", "<");
        const { title, steps } = REMEDIES[code];
        assert.ok(section.includes(`**${bundle[title] ?? "?"}**`), title);
        for (const step of steps) assert.ok(section.includes(`. ${bundle[step] ?? "?"}\n`), step);
      }
    });

    it("has no anchor twice, and no link in it leads nowhere", () => {
      assert.equal(new Set(anchors).size, anchors.length);
      const links = [...guide.matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);
      assert.ok(links.length > FLASHER_ERROR_CODES.length);
      for (const link of links) assert.ok(link.startsWith("#") && anchors.includes(link.slice(1)), link);
    });

    it("decodes every status byte and the special CRCs", () => {
      const { say, statusMeanings } = language;
      assert.deepEqual(Object.keys(statusMeanings), Object.keys(STATUS_BYTES));
      for (const [value, { words }] of Object.entries(STATUS_BYTES))
        assert.ok(guide.includes(`${say(words)} | ${statusMeanings[Number(value)] ?? "?"}`), words.toString());
      for (const crc of ["FFFFFFFF", "BEFD79D6", "FEA8A821", "B7BFA0CE"]) assert.ok(guide.includes(`\`${crc}\``), crc);
    });

    it("says whole sentences, no two codes the same", () => {
      const { explanations, notes, imageWarnings, restoreWarnings } = language;
      const sentences = Object.values(explanations).flatMap(({ seen, means }) => [seen, means]);
      const all = [...sentences, ...[notes, imageWarnings, restoreWarnings].flatMap((each) => Object.values(each))];
      for (const each of all) assert.match(each, whole, each);
      assert.equal(new Set(Object.values(explanations).map(({ seen }) => seen)).size, FLASHER_ERROR_CODES.length);
    });

    it("names commands as the editor does", () => {
      const titles = Object.entries(manifestTextsOf(id)).flatMap(([key, title]) =>
        /^command\..*\.title$/.test(key) ? title : [],
      );
      const named = [...guide.matchAll(language.command)];
      assert.ok(named.length >= 3);
      for (const [, name = ""] of named) assert.ok(titles.includes(name) || titles.includes(`${name}...`), name);
    });
  });
}

describe("user guides", () => {
  const english = guideText(OWN.guide.path);

  it("have one shape: headings, paragraphs, tables and lists", () => {
    for (const { id, guide } of TRANSLATIONS) assert.deepEqual(shapeOf(guideText(guide.path)), shapeOf(english), id);
  });

  it("have the same figures, flags and codes", () => {
    assert.ok(factsOf(english).length > 100);
    for (const { id, guide } of TRANSLATIONS) assert.deepEqual(factsOf(guideText(guide.path)), factsOf(english), id);
  });

  it("explain every warning that a file can carry", () => {
    const warned = readdirSync("src/core/beken/images")
      .map((name) => readFileSync(`src/core/beken/images/${name}`, "utf8"))
      .flatMap((source) => [...source.matchAll(/(?:\.warn|warningOf)\(\s*"([a-z-]+)"/g)].map(([, code = ""]) => code));
    assert.deepEqual([...new Set(warned)].sort(), Object.keys(IMAGE_WARNINGS).sort());
  });

  it("open in the editor's language, which is English where there is no other", () => {
    const shipped = new Set(TRANSLATIONS.map(({ id }) => `dist/guide/guide.${id}.md`));
    const found = (language: string): string => guidePaths(language).find((path) => shipped.has(path)) ?? GUIDE_PATH;
    for (const { id } of TRANSLATIONS) {
      for (const language of [id, id.toUpperCase(), `${id}-u-nu-hanidec`])
        assert.equal(found(language), `dist/guide/guide.${id}.md`);
    }
    const others = ["en", "en-US", "zh-tw", "zh-hk", "zh", "zh-cnx", "de", ""];
    for (const language of others.filter((other) => !TRANSLATIONS.some(({ id }) => `${other}-`.startsWith(`${id}-`))))
      assert.equal(found(language), GUIDE_PATH, language);
    assert.equal(OWN.guide.path, GUIDE_PATH);
  });

  it("are found on the web where the project has a repository, whatever way that is written", () => {
    const page = "https://github.com/a/b/blob/HEAD/docs/guide.md#port-busy";
    for (const repository of [
      "github:a/b",
      "https://github.com/a/b",
      { url: "git+https://github.com/a/b.git" },
      { url: "https://github.com/a/b/" },
    ])
      assert.equal(guideUrl({ repository }, "port-busy"), page);
    for (const repository of ["", "git@host:a/b.git", {}, { url: "" }])
      assert.equal(guideUrl({ repository }, "port-busy"), undefined);
    assert.equal(guideUrl({}, "port-busy"), undefined);
  });
});

describe("the guide in Chinese", () => {
  const chinese = guideText("src/languages/zh-cn/guide.md");

  it("quotes nothing but what the editor says", () => {
    const said = [textsOf("zh-cn"), manifestTextsOf("zh-cn")].flatMap((texts) => Object.values(texts));
    const quoted = [...chinese.matchAll(/“(?:Beken: )?([^”]+)”/g)];
    assert.ok(quoted.length > 5);
    for (const [, label = ""] of quoted) assert.ok(said.includes(label), label);
  });

  it("has no bold that Markdown would not close, and no line broken in the middle of a sentence", () => {
    const bold = [...chinese.matchAll(/(.?)\*\*([^*\n]+)\*\*(.?)/g)];
    assert.ok(bold.length > FLASHER_ERROR_CODES.length);
    for (const [span, before = "", inside = "", after = ""] of bold) {
      assert.ok(!/^\p{P}/u.test(inside) || /^[\s\p{P}]?$/u.test(before), span);
      assert.ok(!/\p{P}$/u.test(inside) || /^[\s\p{P}]?$/u.test(after), span);
    }
    assert.doesNotMatch(chinese, /\p{Script=Han}[，、；]?\n(?![\n|]|\d\.|- |#)\p{L}/u);
  });

  it("has no English sentence", () => {
    const prose = chinese.replace(/`[^`]*`|\[[a-z-]+\]\(#[a-z-]+\)|^#+ .*$|<!--.*-->/gm, "");
    assert.deepEqual(prose.match(/\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b/gi) ?? [], []);
  });
});

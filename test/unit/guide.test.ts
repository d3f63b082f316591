/** The user guides: made from the code where they can be, whole, of one shape, and found by every link that leads to them. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { FLASHER_ERROR_CODES } from "../../src/core/base/errors";
import { CHINESE_GUIDE_PATH, GUIDE_PATH, guideAnchor, guidePath, guideUrl } from "../../src/core/base/guideLinks";
import { REMEDIES } from "../../src/core/base/remedies";
import { STATUS_BYTES } from "../../src/core/base/statusBytes";
import { IMAGE_WARNINGS } from "../../src/guide/notes";
import { LANGUAGES, PART_NAMES, renderGuide } from "../../src/guide/render";

const strings = (path: string): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;

const guides = LANGUAGES.map((language) => {
  const text = readFileSync(language.path, "utf8");
  return { language, text, chinese: language.path === CHINESE_GUIDE_PATH };
});

/** Anchors as GitHub and VS Code make them of headings; both keep Chinese characters, and drop what is no letter. */
const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-"),
  );

/** Of each block between blank lines: what it is, and how many lines, cells or items it has. */
function shapeOf(text: string): readonly string[] {
  return text.split(/\n{2,}/).map((block) => {
    const lines = block.trim().split("\n");
    const [first = ""] = lines;
    if (first.startsWith("#")) return first.split(" ")[0] ?? "";
    if (first.startsWith("|")) return `table ${lines.map((line) => line.split("|").length).join()}`;
    if (/^(?:\d+\.|-) /.test(first)) return `list ${lines.filter((line) => /^(?:\d+\.|-) /.test(line)).length}`;
    return first.startsWith("<!--") ? first : "paragraph";
  });
}

/** Figures, flags and codes, which are the same in every language. */
const factsOf = (text: string): readonly string[] =>
  [
    ...new Set(
      text.match(/--[a-z]{2}[a-z-]+|0x[0-9a-f]+|\b[0-9A-F]{8}\b|\b(?:BK|CP|CH|FT|PL|P|TX|RX)\d+\w*|`[a-z-]+`/g) ?? [],
    ),
  ].sort();

function sectionOf(text: string, anchor: string): string {
  const start = text.indexOf(`\n### ${anchor}\n`);
  assert.ok(start >= 0, anchor);
  const next = text.indexOf("\n### ", start + 1);
  return text.slice(start, next < 0 ? undefined : next);
}

for (const { language, text: guide, chinese } of guides) {
  const anchors = anchorsOf(guide);

  describe(`user guide, ${language.path}`, () => {
    it("is what `npm run guide` makes of it", () => {
      assert.ok(renderGuide(guide, language) === guide, `${language.path} is out of date: npm run guide`);
    });

    it("cannot be rendered without a place for each part", () => {
      for (const name of PART_NAMES)
        assert.throws(() => renderGuide(guide.replace(`<!-- made: ${name} -->`, ""), language), new RegExp(name));
    });

    it("has a section for every code: what was seen, what it means, what to do", () => {
      const whole = chinese
        ? /\n\*\*.+。\*\*\n\n- \*\*现象\*\*：\p{L}.*。\n- \*\*含义\*\*：\p{L}.*。\n\n1\. .*\p{Script=Han}/u
        : /\*Seen:\* [A-Z].*\.\n- \*Means:\* [A-Z].*\.\n\n1\. [A-Z]/;
      for (const code of FLASHER_ERROR_CODES) {
        const section = sectionOf(guide, guideAnchor(code));
        assert.match(section, whole, code);
        assert.doesNotMatch(section, /undefined|\[object|\{\d\}/, code);
      }
    });

    it("says of a failure what the editor says", () => {
      const bundle = strings(`l10n/bundle.l10n${chinese ? ".zh-cn" : ""}.json`);
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
      const whole = chinese ? /^[\p{L}.].*\p{Script=Han}.*[。）]$/u : /^[A-Z].*[.)]$/;
      for (const sentence of all) assert.match(sentence, whole, sentence);
      assert.equal(new Set(Object.values(explanations).map(({ seen }) => seen)).size, FLASHER_ERROR_CODES.length);
    });

    it("names commands as the editor does", () => {
      const manifest = strings(`package.nls${chinese ? ".zh-cn" : ""}.json`);
      const titles = Object.entries(manifest).flatMap(([key, title]) =>
        /^command\..*\.title$/.test(key) ? title : [],
      );
      const named = [...guide.matchAll(chinese ? /“Beken: ([^”]+)”/g : /\*Beken: ([^*]+)\*/g)];
      assert.ok(named.length >= 3);
      for (const [, name = ""] of named)
        assert.ok(titles.includes(name) || (!chinese && titles.includes(`${name}...`)), name);
    });
  });
}

describe("user guides", () => {
  const [english, chinese] = guides.map(({ text }) => text);
  assert.ok(english !== undefined && chinese !== undefined);

  it("have one shape: headings, paragraphs, tables and lists", () => {
    assert.deepEqual(shapeOf(chinese), shapeOf(english));
  });

  it("have the same figures, flags and codes", () => {
    assert.ok(factsOf(english).length > 100);
    assert.deepEqual(factsOf(chinese), factsOf(english));
  });

  it("in Chinese quote nothing but what the editor says", () => {
    const said = ["package.nls.zh-cn.json", "l10n/bundle.l10n.zh-cn.json"].flatMap((path) =>
      Object.values(strings(path)),
    );
    const quoted = [...chinese.matchAll(/“(?:Beken: )?([^”]+)”/g)];
    assert.ok(quoted.length > 5);
    for (const [, label = ""] of quoted) assert.ok(said.includes(label), label);
  });

  it("in Chinese have no bold that Markdown would not close, and no line broken in the middle of a sentence", () => {
    const bold = [...chinese.matchAll(/(.?)\*\*([^*\n]+)\*\*(.?)/g)];
    assert.ok(bold.length > FLASHER_ERROR_CODES.length);
    for (const [span, before = "", inside = "", after = ""] of bold) {
      assert.ok(!/^\p{P}/u.test(inside) || /^[\s\p{P}]?$/u.test(before), span);
      assert.ok(!/\p{P}$/u.test(inside) || /^[\s\p{P}]?$/u.test(after), span);
    }
    assert.doesNotMatch(chinese, /\p{Script=Han}[，、；]?\n(?![\n|]|\d\.|- |#)\p{L}/u);
  });

  it("in Chinese have no English sentence", () => {
    const prose = chinese.replace(/`[^`]*`|\[[a-z-]+\]\(#[a-z-]+\)|^#+ .*$|<!--.*-->/gm, "");
    assert.deepEqual(prose.match(/\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b/gi) ?? [], []);
  });

  it("explain every warning that a file can carry", () => {
    const warned = readdirSync("src/core/beken/images")
      .map((name) => readFileSync(`src/core/beken/images/${name}`, "utf8"))
      .flatMap((source) => [...source.matchAll(/(?:\.warn|warningOf)\(\s*"([a-z-]+)"/g)].map(([, code = ""]) => code));
    assert.deepEqual([...new Set(warned)].sort(), Object.keys(IMAGE_WARNINGS).sort());
  });

  it("open in the editor's language, which is English where there is no other", () => {
    for (const language of ["zh-cn", "zh-CN", "zh-cn-u-nu-hanidec"])
      assert.equal(guidePath(language), CHINESE_GUIDE_PATH);
    for (const language of ["en", "en-US", "zh-tw", "zh-hk", "zh", "zh-cnx", "de", ""])
      assert.equal(guidePath(language), GUIDE_PATH, language);
    assert.deepEqual(guides.map(({ language }) => language.path).sort(), [GUIDE_PATH, CHINESE_GUIDE_PATH].sort());
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

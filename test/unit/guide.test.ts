/** The user guide: made from the code where it can be, whole, and found by every link that leads to it. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { FLASHER_ERROR_CODES } from "../../src/core/base/errors";
import { GUIDE_PATH, guideAnchor, guideUrl } from "../../src/core/base/guide";
import { STATUS_BYTES } from "../../src/core/base/statusBytes";
import { EXPLANATIONS } from "../../src/guide/explanations";
import { IMAGE_WARNINGS } from "../../src/guide/notes";
import { PART_NAMES, renderGuide } from "../../src/guide/render";

const guide = readFileSync(GUIDE_PATH, "utf8");

/** Anchors as GitHub and VS Code make them of headings. */
const anchors = [...guide.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-"),
);

function sectionOf(anchor: string): string {
  const start = guide.indexOf(`\n### ${anchor}\n`);
  assert.ok(start >= 0, anchor);
  const next = guide.indexOf("\n### ", start + 1);
  return guide.slice(start, next < 0 ? undefined : next);
}

describe("user guide", () => {
  it("is what `npm run guide` makes of it", () => {
    assert.ok(renderGuide(guide) === guide, "docs/guide.md is out of date: npm run guide");
  });

  it("cannot be rendered without a place for each part", () => {
    for (const name of PART_NAMES)
      assert.throws(() => renderGuide(guide.replace(`<!-- made: ${name} -->`, "")), new RegExp(name));
  });

  it("has a section for every code: what was seen, what it means, what to do", () => {
    for (const code of FLASHER_ERROR_CODES) {
      const section = sectionOf(guideAnchor(code));
      assert.match(section, /\*Seen:\* [A-Z].*\.\n- \*Means:\* [A-Z].*\.\n\n1\. [A-Z]/, code);
      assert.doesNotMatch(section, /undefined|\[object|\{\d\}/, code);
    }
  });

  it("has no anchor twice, and no link in it leads nowhere", () => {
    assert.equal(new Set(anchors).size, anchors.length);
    const links = [...guide.matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);
    assert.ok(links.length > FLASHER_ERROR_CODES.length);
    for (const link of links) assert.ok(link.startsWith("#") && anchors.includes(link.slice(1)), link);
  });

  it("decodes every status byte and the special CRCs", () => {
    for (const { words, means } of Object.values(STATUS_BYTES))
      assert.ok(guide.includes(`${words.toString()} | ${means}`), words.toString());
    for (const crc of ["FFFFFFFF", "BEFD79D6", "FEA8A821", "B7BFA0CE"]) assert.ok(guide.includes(`\`${crc}\``), crc);
  });

  it("explains every warning that a file can carry", () => {
    const warned = readdirSync("src/core/images")
      .map((name) => readFileSync(`src/core/images/${name}`, "utf8"))
      .flatMap((source) => [...source.matchAll(/(?:\.warn|warningOf)\(\s*"([a-z-]+)"/g)].map(([, code = ""]) => code));
    assert.deepEqual([...new Set(warned)].sort(), Object.keys(IMAGE_WARNINGS).sort());
  });

  it("says whole sentences, no two codes the same", () => {
    const sentences = Object.values(EXPLANATIONS).flatMap(({ seen, means }) => [seen, means]);
    for (const sentence of sentences) assert.match(sentence, /^[A-Z].*[.)]$/, sentence);
    assert.equal(new Set(Object.values(EXPLANATIONS).map(({ seen }) => seen)).size, FLASHER_ERROR_CODES.length);
  });

  it("is found on the web where the project has a repository, whatever way that is written", () => {
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

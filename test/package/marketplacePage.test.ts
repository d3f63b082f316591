/** The page of a marketplace, made for an owner's address: every link and picture on it leads somewhere. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { unzipSync } from "fflate";
import MarkdownIt from "markdown-it";
import { TRANSLATIONS } from "../languages";

const ADDRESS = "https://github.com/example/beken-flasher";
const PACKAGE = "out/with-address.vsix";

/** Of what was built before the tests: others read it at the same time. */
const pack = (address: string) =>
  spawnSync(process.execPath, ["scripts/package.mjs", PACKAGE, "--built", "--repository", address], {
    encoding: "utf8",
  });

describe("marketplace page", () => {
  let files: Readonly<Record<string, Uint8Array>>;
  const text = (name: string): string => new TextDecoder().decode(files[`extension/${name}`]);

  before(function () {
    this.timeout(5 * 60_000);
    const made = pack("git@github.com:example/beken-flasher.git");
    assert.equal(made.status, 0, made.stderr);
    files = unzipSync(readFileSync(PACKAGE));
  });

  it("names code, questions, faults and start page by the one address", () => {
    const manifest = JSON.parse(text("package.json")) as Record<string, unknown>;
    assert.deepEqual(
      [manifest["repository"], manifest["bugs"], manifest["homepage"], manifest["qna"]],
      [
        { type: "git", url: `${ADDRESS}.git` },
        { url: `${ADDRESS}/issues` },
        `${ADDRESS}#readme`,
        `${ADDRESS}/discussions`,
      ],
    );
  });

  for (const page of ["readme.md", "changelog.md", ...TRANSLATIONS.map(({ id }) => `README.${id}.md`)])
    it(`has no link in ${page} that leads nowhere once it is rendered`, () => {
      const html = new MarkdownIt({ html: true }).render(text(page));
      const targets = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, target]) => target ?? "");
      for (const target of targets) {
        const [, path] =
          /^https:\/\/github\.com\/example\/beken-flasher\/(?:blob|raw)\/HEAD\/([^#]*)/.exec(target) ?? [];
        if (path !== undefined) assert.ok(existsSync(decodeURIComponent(path)), `${target}: there is no such file`);
        else assert.match(target, /^https:\/\//, target);
      }
      if (page !== "changelog.md")
        assert.ok(targets.filter((target) => target.endsWith(".png")).length >= 3, "pictures");
    });

  it("says in one sentence what is no address", () => {
    const { status, stderr } = pack("example/beken-flasher");
    assert.equal(status, 2);
    assert.equal(
      stderr,
      '"example/beken-flasher" is no repository\'s address, such as https://github.com/OWNER/REPOSITORY\n',
    );
  });
});

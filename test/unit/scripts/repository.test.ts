/** The owner's one address: every shape in which people have it, and the links that follow from it. */
import assert from "node:assert/strict";
import { readRepository, withAddresses } from "../../../scripts/repository.mjs";

/** A repository's address as browsers, `git remote -v` and manifests have it, and the one it is. */
const SHAPES: readonly (readonly [string, string])[] = [
  ["https://github.com/owner/repository", "https://github.com/owner/repository"],
  ["https://github.com/owner/repository/", "https://github.com/owner/repository"],
  ["https://github.com/owner/repository.git", "https://github.com/owner/repository"],
  ["https://github.com/owner/repository.git/", "https://github.com/owner/repository"],
  [" https://www.GitHub.com/owner/re.po-sitory?tab=readme#top ", "https://github.com/owner/re.po-sitory"],
  ["git+https://github.com/owner/repository.git", "https://github.com/owner/repository"],
  ["git://github.com/owner/repository.git", "https://github.com/owner/repository"],
  ["git@github.com:owner/repository.git", "https://github.com/owner/repository"],
  ["ssh://git@github.com:22/owner/repository.git", "https://github.com/owner/repository"],
  ["git+ssh://git@github.com/owner/repository.git", "https://github.com/owner/repository"],
  ["https://someone:secret@github.com/owner/repository", "https://github.com/owner/repository"],
  ["github:owner/repository", "https://github.com/owner/repository"],
  ["gitlab:group/below/repository", "https://gitlab.com/group/below/repository"],
  ["https://gitlab.com/group/below/repository", "https://gitlab.com/group/below/repository"],
  ["git@gitlab.example.org:group/repository.git", "https://gitlab.example.org/group/repository"],
  ["https://codeberg.org/owner/repository", "https://codeberg.org/owner/repository"],
];

describe("the repository's address", () => {
  for (const [shape, address] of SHAPES)
    it(`is taken as "${shape}"`, () => {
      const { git, start } = readRepository(shape);
      assert.deepEqual([git, start], [`${address}.git`, `${address}#readme`]);
    });

  it("leads to the pages as each host calls them", () => {
    const pages = (address: string) => {
      const { issues, questions, files, pictures } = readRepository(address);
      return [issues, questions, files, pictures].map((page) => page.slice(address.length + 1));
    };
    assert.deepEqual(pages("https://github.com/o/r"), ["issues", "discussions", "blob/HEAD", "raw/HEAD"]);
    assert.deepEqual(pages("https://gitlab.com/o/r"), ["-/issues", "-/issues", "-/blob/HEAD", "-/raw/HEAD"]);
    assert.deepEqual(pages("https://codeberg.org/o/r"), ["issues", "issues", "src/branch/main", "raw/branch/main"]);
  });

  for (const wrong of [
    "",
    " ",
    "owner/repository",
    "github.com/owner/repository",
    "http://github.com/owner/repository",
    "https://github.com/owner",
    "https://github.com//repository",
    "https://github.com/owner/..",
    "https://github.com/owner/re pository",
    "file:///owner/repository",
    "C:\\owner\\repository",
    "javascript:alert(1)/a/b",
  ])
    it(`is not "${wrong}"`, () => {
      assert.throws(() => readRepository(wrong), /is no repository's address, such as https:/);
    });

  it("is never printed with what may be a password", () => {
    for (const wrong of [
      "https://me:s3cret@github.com/owner",
      "https://me:s3cret@example.org/o/r",
      "https://s3cret@github.com/o/r/tree/main",
      "http://me:s3cret@github.com/o/r",
      "me:s3cret@github.com",
      "https://me:s3c/s3cret@github.com/o/r",
    ])
      assert.throws(
        () => readRepository(wrong),
        ({ message }: Error) => !message.includes("s3c"),
        wrong,
      );
  });

  it("is not that of a page in it", () => {
    assert.throws(() => readRepository("https://github.com/o/r/tree/main"), /is a page in a repository/);
  });

  it("is refused where nobody knows how pages are called", () => {
    assert.throws(
      () => readRepository("https://example.org/o/r"),
      /example\.org is not known.*GitHub; GitLab; Codeberg/,
    );
  });
});

describe("a page that ships", () => {
  const repository = { files: "https://host/files", pictures: "https://host/pictures" };
  const said = (markdown: string): string => withAddresses(markdown, repository);

  it("has links into the working tree lead into the repository", () => {
    assert.equal(said("a [b](docs/c.md#d) e"), "a [b](https://host/files/docs/c.md#d) e");
    assert.equal(said("[b](./docs/)"), "[b](https://host/files/docs)");
    assert.equal(said("![a picture](a/b.png)"), "![a picture](https://host/pictures/a/b.png)");
    assert.equal(said("[![p](a.png)](b.md)"), "[![p](https://host/pictures/a.png)](https://host/files/b.md)");
  });

  it("keeps what leads elsewhere, or into itself", () => {
    for (const link of ["[a](https://b/c)", "[a](#b)", "[a](mailto:b@c)", "a [b] (c)", "`x[1]`"])
      assert.equal(said(link), link);
  });
});

import assert from "node:assert/strict";
import { visible, visibleLines } from "../../src/core/base/visible";

/** Everything that a terminal obeys or a screen does not show, and what must stay as it is. */
const HIDDEN = [
  ..."\0\b\t\n\v\r\x1b\x7f\x85\x9b\xad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff",
  "\u{e0041}",
];
const SHOWN = "plug-\u00fcber \u706f\u6ce1 \u05d0\u05d1 \u{1f468}\u200d\u{1f469} \\ [x](y) $(z)";

describe("text from outside, made visible", () => {
  it("has nothing hidden left, and all else as it was", () => {
    for (const char of HIDDEN)
      assert.match(visible(`a${char}b`), /^a\\(?:[nrt]|x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]+\})b$/);
    for (let code = 0; code < 0xa0; code++)
      assert.doesNotMatch(visible(String.fromCharCode(code)), /\p{Cc}/u, code.toString(16));
    assert.equal(visible(SHOWN), SHOWN);
    assert.equal(visible("two\nlines\u001b[31m\u202euf2"), String.raw`two\nlines\x1b[31m\u202euf2`);
  });

  it("keeps line ends where a text is made of lines", () => {
    assert.equal(visibleLines("a\n\tb\r\u001b[2J"), "a\n\tb\\r\\x1b[2J");
  });
});

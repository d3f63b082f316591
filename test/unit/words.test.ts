/** Texts as data: English by themselves wherever they are printed or stored, and put together from other texts. */
import assert from "node:assert/strict";
import { FlasherError } from "../../src/core/base/errors";
import { Words, english, fillIn, listed, oneOf, sameText, sayBy, words } from "../../src/core/base/words";

describe("a text for people", () => {
  const block = words`block ${5} at ${"0x0000AA"} does not hold`;

  it("is a template with numbered places, and what goes there", () => {
    assert.equal(block.template, "block {0} at {1} does not hold");
    assert.deepEqual(block.values, [5, "0x0000AA"]);
    assert.equal(words`plain`.template, "plain");
    assert.equal(words`${"a"}${"b"}`.template, "{0}{1}");
  });

  it("is said in another language with the texts in it, and strings as they are", () => {
    const say = sayBy((template, ...values) => fillIn(template.toUpperCase(), values));
    assert.equal(say(words`of ${block}: ${"a.rbl"}, ${2}`), "OF BLOCK 5 AT 0x0000AA DOES NOT HOLD: a.rbl, 2");
    assert.equal(say("as it is"), "as it is");
  });

  it("is English when it is printed, put into a string or stored as JSON", () => {
    assert.equal(english(block), "block 5 at 0x0000AA does not hold");
    assert.equal(english("as it is"), "as it is");
    assert.equal(JSON.stringify({ detail: block }), '{"detail":"block 5 at 0x0000AA does not hold"}');
    assert.equal([block, "and"].join(" "), "block 5 at 0x0000AA does not hold and");
  });

  it("holds texts, which are told apart by what they say", () => {
    const outer = words`CRC-16 blocks: ${block}`;
    assert.equal(english(outer), "CRC-16 blocks: block 5 at 0x0000AA does not hold");
    assert.ok(outer.values[0] instanceof Words);
    assert.ok(sameText(words`Key`, words`Key`) && !sameText(words`Key`, words`Board`));
  });

  it("lists values, and any of several", () => {
    assert.equal(english(listed(["a", words`b ${1}`, "c"])), "a, b 1, c");
    assert.equal(english(listed([])), "");
    assert.deepEqual([oneOf(["A"]), oneOf(["A", "B", "C"])].map(english), ["A", "A or B or C"]);
  });

  it("leaves alone what no value was given for, and braces in values", () => {
    assert.equal(fillIn("{0} and {1}", ["x"]), "x and {1}");
    assert.equal(fillIn("{0} and {1}", ["{1}", "y"]), "{1} and y");
  });

  it("of an error is its message", () => {
    const error = new FlasherError("image-corrupt", words`check ${"a.rbl"}`, {
      detail: block,
      expected: "AAAA",
      actual: words`nothing`,
    });
    const message = "check a.rbl: block 5 at 0x0000AA does not hold, expected AAAA, got nothing [image-corrupt]";
    assert.deepEqual([error.message, english(error.words)], [message, message]);
    assert.equal(english(new FlasherError("cancelled", "read").words), "read [cancelled]");
  });
});

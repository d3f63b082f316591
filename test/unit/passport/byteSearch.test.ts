/** Searches find every place and no other, wherever pieces end. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { english } from "../../../src/core/base/words";
import { needleOf, searchBytes, type Needle } from "../../../src/core/passport/byteSearch";

function placesIn(bytes: Uint8Array, needle: Needle, step?: number): readonly number[] {
  return [...searchBytes(bytes, needle, step)].flatMap(({ found }) => found);
}

function needle(text: string, as: "hex" | "text"): Needle {
  const read = needleOf(text, as);
  assert.ok("bytes" in read, text);
  return read;
}

/** The plainest search there is. */
function plainly(bytes: Uint8Array, wanted: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 0; at + wanted.length <= bytes.length; at++)
    if (wanted.every((byte, i) => bytes[at + i] === byte)) found.push(at);
  return found;
}

describe("search in a file", () => {
  it("finds what crosses the end of a piece, and counts nothing twice", () => {
    const few = fc.constantFrom(0, 1, 0x41);
    fc.assert(
      fc.property(
        fc
          .uint8Array({ maxLength: 90 })
          .chain((bytes) =>
            fc.tuple(fc.constant(bytes.map((byte) => byte % 3)), fc.array(few, { minLength: 1, maxLength: 5 })),
          ),
        fc.integer({ min: 1, max: 40 }),
        ([bytes, wanted], step) => {
          const bytesWanted = Uint8Array.from(wanted, (byte) => byte % 3);
          assert.deepEqual(
            placesIn(bytes, { bytes: bytesWanted, foldsCase: false }, step),
            plainly(bytes, bytesWanted),
          );
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("says up to where it has looked, in pieces that go to the end", () => {
    const steps = [...searchBytes(new Uint8Array(1000), needle("01", "hex"), 300)];
    assert.deepEqual(
      steps.map(({ done }) => done),
      [300, 600, 900, 1000],
    );
    assert.deepEqual(placesIn(new Uint8Array(2), needle("00 00 00", "hex")), []);
  });

  it("takes letters of text large or small, and bytes as they are", () => {
    const bytes = new TextEncoder().encode("Wlan, wLAN; WLAN[{");
    assert.deepEqual(placesIn(bytes, needle("wlan", "text")), [0, 6, 12]);
    assert.deepEqual(placesIn(bytes, needle("77 4C", "hex")), [6]);
    assert.deepEqual(placesIn(bytes, needle("{", "text")), [17], "only letters have two cases");
    assert.deepEqual(placesIn(new TextEncoder().encode("küche KÜCHE"), needle("küche", "text")), [0]);
  });

  it("reads bytes as people write them, and says why where it cannot", () => {
    for (const text of ["544c56", "54 4C 56", "0x54 0x4c 0x56", "54:4C:56", "54-4c-56"])
      assert.deepEqual([...needle(text, "hex").bytes], [0x54, 0x4c, 0x56], text);
    for (const text of ["", "5", "54 4", "TLV", "0x"]) {
      const reason = needleOf(text, "hex");
      assert.ok(!("bytes" in reason), text);
      assert.match(english(reason), /pairs of hex digits/);
    }
    assert.ok(!("bytes" in needleOf("", "text")));
    assert.ok(!("bytes" in needleOf("x".repeat(5000), "text")));
  });
});

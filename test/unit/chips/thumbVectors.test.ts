import assert from "node:assert/strict";
import { concat, u32 } from "../../../src/core/base/bytes";
import { bootCodeKey } from "../../../src/core/beken/chips/keyEvidence";
import { thumbVectors } from "../../../src/core/beken/chips/thumbVectors";

const of = (stack: number, reset: number): ReturnType<typeof thumbVectors> =>
  thumbVectors(concat(u32(stack), u32(reset)));

describe("vectors of Armv8-M chips", () => {
  it("say where the code starts, in the flash as the processor sees it", () => {
    // Boot code for BK7258 that others have written, and an application behind it.
    assert.deepEqual(of(0x2809f700, 0x02000201), { stack: 0x2809f700, start: 0x200 });
    assert.deepEqual(of(0x28001234, 0x02010001), { stack: 0x28001234, start: 0x10000 });
    assert.deepEqual(of(0x28001234, 0x12010401)?.start, 0x10400);
    assert.equal(of(0x40000000, 0x02ffffff)?.start, 0xfffffe);
  });

  it("are not those of other processors, of blank flash, or of what is too short", () => {
    for (const [stack, reset] of [
      [0xea00000e, 0xe59ff014], // ARM9
      [0x20005000, 0x08000101], // STM32
      [0x1fffffff, 0x02000201],
      [0x2809f701, 0x02000201], // stack not on a word
      [0x2809f700, 0x02000200], // not Thumb
      [0x2809f700, 0x02000001], // in the table itself
      [0x2809f700, 0x03000001],
      [0x40000004, 0x02000201],
      [0xffffffff, 0xffffffff],
      [0, 0],
    ] as const)
      assert.equal(of(stack, reset), undefined, stack.toString(16));
    assert.equal(thumbVectors(u32(0x2809f700)), undefined);
  });

  it("show boot code that is not scrambled", () => {
    assert.equal(bootCodeKey(concat(u32(0x2809f700), u32(0x02000201))), "zero");
    assert.equal(bootCodeKey(concat(u32(0x2809f700), u32(0x02000200))), "unknown");
  });
});

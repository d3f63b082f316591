/** Names of modules as settings and people write them: the chip in each, and the board to build for. */
import assert from "node:assert/strict";
import { boardFor, chipOfModule } from "../../../src/core/passport/modules";

const MODULES: readonly (readonly [module: string, chip: string | undefined, board: string | undefined])[] = [
  ["CB2S", "bk7231n", "cb2s"],
  ["cb3se", "bk7231n", "cb3se"],
  ["CBLC9", "bk7231n", "generic-bk7231n-qfn32-tuya"],
  ["WB8P", "bk7231t", "generic-bk7231t-qfn32-tuya"],
  ["WB2L_M1", "bk7231n", "wb2l-m1"],
  ["LSC LMA35", "bk7231n", "lsc-lma35"],
  ["LSC-LMA35-T", "bk7231t", "lsc-lma35-t"],
  ["XH-WB3S", "bk7238", "xh-wb3s"],
  ["T1-2S", "bk7238", "t1-2s"],
  ["T1-5S", "bk7238", "generic-bk7238-tuya"],
  ["T34", "bk7231n", "generic-bk7231n-qfn32-tuya"],
  ["WBR3", undefined, undefined],
  ["CR3L", undefined, undefined],
  ["T5-E1", "bk7258", undefined],
];

describe("modules", () => {
  for (const [module, chip, board] of MODULES)
    it(`${module} has ${chip ?? "none of our chips"}`, () => {
      assert.equal(chipOfModule(module), chip);
      assert.equal(boardFor(module, chipOfModule(module))?.board.board, board);
    });

  it("leave a chip without one of Tuya's with its own general board", () => {
    assert.equal(boardFor(undefined, "bk7238")?.board.board, "generic-bk7238");
  });
});

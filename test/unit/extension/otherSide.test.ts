import assert from "node:assert/strict";
import { otherSide } from "../../../src/extension/ports/otherSide";
import { useTranslation } from "../../../src/extension/text/l10n";
import { fillIn } from "../../../src/core/base/words";

describe("the side of a remote window that has the ports", () => {
  before(() => useTranslation((message, ...values) => fillIn(message, values.map(String))));

  it("is told where the extension runs there, by the name people know", () => {
    for (const [remote, name] of [
      ["ssh-remote", /\(SSH\)/],
      ["codespaces", /\(GitHub Codespaces\)/],
      ["dev-container", /\(Dev Container\)/],
      ["wsl", /\(WSL\)/],
      ["kubernetes", /\(kubernetes\)/],
    ] as const) {
      const [step, ...more] = otherSide(remote, true);
      assert.match(step ?? "", name);
      assert.match(step ?? "", /Install Locally/);
      assert.deepEqual(more, []);
    }
  });

  it("is no matter where it runs at this computer", () => {
    assert.deepEqual(otherSide("ssh-remote", false), []);
    assert.deepEqual(otherSide(undefined, true), []);
  });
});

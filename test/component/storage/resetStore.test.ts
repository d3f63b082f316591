/** How each adapter resets its chip, over programs that end. */
import assert from "node:assert/strict";
import { ResetStore, forgetResets } from "../../../src/storage/resetStore";
import { onBothFileSystems, type Place } from "./places";

onBothFileSystems("how adapters reset their chips", (make) => {
  let place: Place;
  beforeEach(() => {
    place = make();
  });
  afterEach(() => place.dispose());

  it("is in a file that holds for the next run, for each adapter its own, until it is forgotten", async () => {
    const { files, folder } = place;
    const state = files.join(folder, "state");
    const one = new ResetStore(files, "0403:6001:A1", state);
    const other = new ResetStore(files, "1a86:7523:COM5", state);
    assert.equal(await one.recall(), undefined);
    await forgetResets(files, state);
    await one.keep({ works: "rts-twice", missed: 0, told: true });
    await other.keep({ missed: 0, told: true });
    await one.keep({ works: "dtr", missed: 1, told: true });
    assert.deepEqual(await new ResetStore(files, "0403:6001:A1", state).recall(), {
      works: "dtr",
      missed: 1,
      told: true,
    });
    assert.deepEqual(await other.recall(), { missed: 0, told: true });
    assert.deepEqual(await files.list(state), ["resets.json"]);
    await forgetResets(files, state);
    assert.equal(await one.recall(), undefined);
  });

  it("is as good as nothing where the file holds something else", async () => {
    const { files, folder } = place;
    const store = new ResetStore(files, "A", files.join(folder, "state"));
    await store.keep({ missed: 0, told: false });
    const rubbish = ["", "[]", "null", '{"A":1}', '{"A":{"missed":-1,"told":true}}', '{"A":{"missed":0}}'];
    for (const text of [...rubbish, '{"A":{"works":"R1 D0","missed":0,"told":false}}']) {
      place.put("state/resets.json", text);
      assert.equal(await store.recall(), undefined, text);
    }
    await store.keep({ works: "rts", missed: 0, told: false });
    assert.deepEqual(await store.recall(), { works: "rts", missed: 0, told: false });
    assert.deepEqual(await files.list(files.join(folder, "state")), ["resets.json"]);
  });
});

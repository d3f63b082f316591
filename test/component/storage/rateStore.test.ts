/** The rates that held with each adapter, over programs that end. */
import assert from "node:assert/strict";
import { RateStore } from "../../../src/storage/rateStore";
import { onBothFileSystems, type Place } from "./places";

onBothFileSystems("rates that held", (make) => {
  let place: Place;
  beforeEach(() => {
    place = make();
  });
  afterEach(() => place.dispose());

  it("are in a file that holds for the next run, whole or not at all", async () => {
    const { files, folder } = place;
    const state = files.join(folder, "state");
    const store = new RateStore(files, "0403:6001:A1", state);
    assert.deepEqual(await store.hint(), { speedHint: {} });
    await store.store({ family: "B", baudRate: 921_600, lowered: false });
    await new RateStore(files, "1a86:7523:COM5", state).store({ family: "A", baudRate: 460_800, lowered: true });
    assert.deepEqual(await store.hint(), { speedHint: { B: { baudRate: 921_600 } } });
    assert.deepEqual(await files.list(state), ["rates.json"]);
    for (const rubbish of ["", "[]", '{"0403:6001:A1":{"B":{"baudRate":-1}}}']) {
      place.put("state/rates.json", rubbish);
      assert.deepEqual(await store.hint(), { speedHint: {} });
    }
    await store.store({ family: "C", baudRate: 230_400, lowered: false });
    assert.deepEqual(await store.hint(), { speedHint: { C: { baudRate: 230_400 } } });
  });
});

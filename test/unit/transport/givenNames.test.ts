import assert from "node:assert/strict";
import { GivenNames } from "../../../src/core/transport/givenNames";

const CH340 = "usb-1a86-7523";

/** A port object as a browser makes one, anew with each plugging in. */
class Plugged {
  constructor(readonly kind = CH340) {}
}

describe("names of ports that have none", () => {
  let names: GivenNames<Plugged>;
  const of = (...ports: readonly Plugged[]): readonly string[] =>
    names.name(ports.map((port) => ({ port, kind: port.kind })));

  beforeEach(() => {
    names = new GivenNames();
  });

  it("are those of their kind, numbered where there are several", () => {
    assert.deepEqual(of(new Plugged(), new Plugged("serial"), new Plugged()), [CH340, "serial", `${CH340}-2`]);
  });

  it("stay with their ports in whatever order these are listed", () => {
    const [one, two] = [new Plugged(), new Plugged()];
    of(one, two);
    assert.deepEqual(of(two, one), [`${CH340}-2`, CH340]);
    assert.deepEqual(of(two), [`${CH340}-2`]);
  });

  it("are those from before when an adapter is plugged in again, however often", () => {
    for (let round = 0; round < 3; round++) {
      assert.deepEqual(of(new Plugged()), [CH340]);
      of();
    }
    assert.deepEqual(of(new Plugged()), [CH340], "taken away and plugged in between two looks");
  });

  it("come back to the one of two equal adapters that was away", () => {
    const stays = new Plugged();
    of(new Plugged(), stays);
    assert.deepEqual(of(stays), [`${CH340}-2`]);
    assert.deepEqual(of(stays, new Plugged()), [`${CH340}-2`, CH340]);
  });

  it("are new where either of two equal adapters may have come back", () => {
    of(new Plugged(), new Plugged());
    of();
    assert.deepEqual(of(new Plugged()), [`${CH340}-3`]);
  });

  it("are new for a second one of the kind that was never there", () => {
    const first = new Plugged();
    of(first);
    of();
    // Both in one look: which of them is the one that was there?
    assert.deepEqual(of(new Plugged(), new Plugged()), [`${CH340}-2`, `${CH340}-3`]);
    assert.deepEqual(of(first), [CH340], "a browser that knows the port again says so by its object");
  });
});

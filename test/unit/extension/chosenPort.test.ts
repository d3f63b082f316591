import assert from "node:assert/strict";
import { SURE_AFTER_LOOKS, chosenPort } from "../../../src/extension/ports/chosenPort";
import { adapterEntry, type PortEntry } from "../../../src/extension/ports/portEntry";

const CP2102 = "10c4:ea60";
/** As `serial.web.ts` names the ports of a page: by ids, and a number from the second on. */
const adapter = (path: string): PortEntry =>
  adapterEntry({ path, vendorId: "10c4", productId: "ea60", adapter: "CP210x" });
const [first, second, third] = [
  adapter("usb-10c4-ea60"),
  adapter("usb-10c4-ea60-2"),
  adapter("usb-10c4-ea60-3"),
] as const;
const other = adapterEntry({ path: "usb-1a86-7523", vendorId: "1a86", productId: "7523" });

const choice = (before: readonly PortEntry[], now: readonly PortEntry[], looks = 0): string => {
  const found = chosenPort(new Set(before.map(({ id }) => id)), now, CP2102, looks);
  return typeof found === "string" ? found : found.id;
};

describe("the port chosen in a browser", () => {
  it("is the one that is new, also beside its twin", () => {
    assert.equal(choice([], [first]), first.id);
    assert.equal(choice([first], [first, second]), second.id);
    assert.equal(choice([first, other], [first, other, second]), second.id);
  });

  it("is not its twin that was there before, as long as the new one may yet be heard of", () => {
    for (let looks = 0; looks < SURE_AFTER_LOOKS; looks++) assert.equal(choice([first], [first], looks), "waiting");
    assert.equal(choice([first], [first], SURE_AFTER_LOOKS), first.id);
    assert.equal(choice([first, other], [first, other], SURE_AFTER_LOOKS), first.id);
  });

  it("is none of two equal ones", () => {
    assert.equal(choice([first, second], [first, second]), "waiting");
    assert.equal(choice([first, second], [first, second], SURE_AFTER_LOOKS), "unclear");
    assert.equal(choice([first], [first, second, third]), "unclear");
  });

  it("is waited for while nothing like it is there", () => {
    for (const looks of [0, 49]) assert.equal(choice([other], [other], looks), "waiting");
  });

  it("is also found where it is not on USB, and has no ids", () => {
    const own = adapterEntry({ path: "serial" });
    const had = new Set([first.id, own.id]);
    assert.equal(chosenPort(had, [first, own], undefined, SURE_AFTER_LOOKS), own);
  });
});

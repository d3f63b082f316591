/**
 * Runs in a page of its own, which outlives what happens to the workbench's: a simulated chip, and what the person let the workbench have.
 * Spoken to by browserPort.ts over a channel, and by browserSerial.ts by its globals.
 */
import { createChip } from "../../../src/simulator/chip/simulatedChip";
import { CHOSEN, WIRE, type ToChip, type ToPort } from "./browserWire";

const chip = createChip("bk7231t", { pace: "none", person: "auto", idleRebootMs: 30_000 });
const wire = new BroadcastChannel(WIRE);
const state = {
  chip,
  isGranted: false,
  /** From so many bytes on nothing goes over the wire any more, neither way. */
  holdsAfter: Number.POSITIVE_INFINITY,
  received: 0,
};
const isHeld = (): boolean => state.received > state.holdsAfter;

const tellGranted = (): void => wire.postMessage({ granted: state.isGranted } satisfies ToPort);
new BroadcastChannel(CHOSEN).onmessage = () => {
  state.isGranted = true;
  tellGranted();
};
chip.onTransmit((bytes, baud) => {
  if (!isHeld()) wire.postMessage({ bytes: bytes.slice(), baud } satisfies ToPort);
});
wire.onmessage = (event) => {
  const data = event.data as ToChip;
  if ("asks" in data) tellGranted();
  else if ("lines" in data) chip.setControlLines(data.lines);
  else if ("present" in data) chip.hostPresent(data.present);
  else {
    state.received += data.bytes.length;
    if (!isHeld()) chip.hostSends(data.bytes, data.baud);
  }
};
Object.assign(globalThis, { testChip: state });

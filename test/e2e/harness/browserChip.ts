/**
 * Runs in the worker that is the extension host: a simulated chip behind a port as browsers have it. Put there by
 * browserSerial.ts, which speaks to it by these globals.
 */
import { createChip } from "../../../src/simulator/chip/simulatedChip";
import { SimulatedWebSerialPort } from "../../../src/simulator/host/webSerialPort";

const chip = createChip("bk7231t", { pace: "none", person: "auto", idleRebootMs: 30_000 });
const port = Object.assign(new SimulatedWebSerialPort(chip), {
  getInfo: () => ({ usbVendorId: 0x10c4, usbProductId: 0xea60 }),
});
let isGranted = false;
new BroadcastChannel("chosen-port").onmessage = () => (isGranted = true);
Object.defineProperty(navigator, "serial", {
  value: { getPorts: () => Promise.resolve(isGranted ? [port] : []) },
});
Object.assign(globalThis, { testChip: chip });

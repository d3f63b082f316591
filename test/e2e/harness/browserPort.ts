/** Runs in the worker that is the extension host: a port as browsers have it, to the chip that is in a page of its own. Put there by browserSerial.ts. */
import { SimulatedWebSerialPort } from "../../../src/simulator/host/webSerialPort";
import { WIRE, type ToChip, type ToPort } from "./browserWire";

const wire = new BroadcastChannel(WIRE);
const send = (message: ToChip): void => wire.postMessage(message);
let receive: (bytes: Uint8Array, baud: number) => void = () => undefined;
let isGranted: boolean | undefined;
let told = (): void => undefined;
const asked = new Promise<void>((resolve) => (told = resolve));
wire.onmessage = (event) => {
  const data = event.data as ToPort;
  if ("bytes" in data) receive(data.bytes, data.baud);
  else {
    isGranted = data.granted;
    told();
  }
};
send({ asks: "granted" });

const port = Object.assign(
  new SimulatedWebSerialPort({
    hostSends: (bytes, baud) => send({ bytes, baud }),
    onTransmit: (listener) => (receive = listener),
    setControlLines: (lines) => send({ lines }),
    hostPresent: (present) => send({ present }),
  }),
  { getInfo: () => ({ usbVendorId: 0x10c4, usbProductId: 0xea60 }) },
);
Object.defineProperty(navigator, "serial", {
  value: {
    getPorts: async () => {
      await asked;
      return isGranted === true ? [port] : [];
    },
  },
});

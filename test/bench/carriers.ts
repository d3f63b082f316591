/**
 * The same job on the same chip over other carriers than a serial port: what a browser's port and a serial server of the network cost
 * beside it. All at real pace and in this process, so that the host's share is the same for each.
 */
import { openWebSerial, type JobRequest, type TransportFactory } from "../../src/core/index";
import { openTransport } from "../../src/core/transport/open";
import {
  SimulatedWebSerialPort,
  createChip,
  serveOnPty,
  type Preset,
  type SimulatedChip,
} from "../../src/simulator/index";
import { serveComPort } from "../component/transport/comPortServer";
import { timeJob, type TimedJob } from "./jobs";

/** Most that a job may take over a carrier, as a share of what it takes over a serial port. */
export const CARRIERS = { "web-serial": 1.1, rfc2217: 1.15 } as const;
export type Carrier = keyof typeof CARRIERS | "serial";

interface Reached {
  readonly port: string;
  readonly open: TransportFactory;
  readonly close: () => Promise<void>;
}

async function reach(carrier: Carrier, chip: SimulatedChip): Promise<Reached> {
  if (carrier === "web-serial") {
    const port = new SimulatedWebSerialPort(chip);
    const open: TransportFactory = (_, options, signal) => openWebSerial(port, "browser", options, signal);
    return { port: "browser", open, close: () => Promise.resolve() };
  }
  const server = carrier === "serial" ? await serveOnPty(chip) : await serveComPort(chip, { lines: false });
  const port = typeof server.port === "string" ? server.port : `rfc2217://127.0.0.1:${server.port}`;
  return { port, open: openTransport, close: () => server.close() };
}

/** One job on a chip that holds `flash` and was just switched on. */
export async function timeOver(
  carrier: Carrier,
  preset: Preset,
  flash: Uint8Array,
  baud: number,
  request: JobRequest,
): Promise<TimedJob> {
  const chip = createChip(preset, { pace: "real", person: "auto", personWaitMs: 400, flash: flash.slice() });
  const { port, open, close } = await reach(carrier, chip);
  try {
    return await timeJob(port, baud, request, open);
  } finally {
    await close();
    chip.dispose();
  }
}

/** Simulated chips on pseudo-terminals: devices that the extension opens like any serial port. */
import assert from "node:assert/strict";
import {
  createChip,
  serveOnPty,
  type ChipOptions,
  type PresetId,
  type SimulatedChip,
} from "../../../src/simulator/index";

export interface Device {
  readonly chip: SimulatedChip;
  /** What the extension opens, such as `/dev/pts/3`. */
  readonly port: string;
  /** As if the adapter were pulled out of the computer. */
  unplug(): Promise<void>;
  dispose(): Promise<void>;
}

/** For tests that do something while a job runs at real pace: it takes four times as long, so a busy machine is in time. */
export const UNHURRIED = { "beken.baudRate": "230400" } as const;

/** For tests that look around while a chip is waited for: a busy machine takes a minute for pictures alone. */
export const PATIENT = { "beken.linkTimeout": 150 } as const;

/** A machine that runs several editors may stand still for longer than a real chip waits for its host. */
const IDLE_MS = 30_000;

/** Somebody is there to power-cycle the chip when it is asked for, unless `options` say otherwise; no time passes on it. */
export async function startDevice(preset: PresetId, options: ChipOptions = {}): Promise<Device> {
  const chip = createChip(preset, { pace: "none", person: "auto", idleRebootMs: IDLE_MS, ...options });
  const server = await serveOnPty(chip);
  return {
    chip,
    port: server.port,
    unplug: () => server.unplug(),
    dispose: async () => {
      await server.close();
      chip.dispose();
    },
  };
}

/** Byte for byte, naming the first address that differs instead of printing both. */
export function assertFlash(device: Device, address: number, expected: Uint8Array, what: string): void {
  const actual = device.chip.flash.subarray(address, address + expected.length);
  assert.equal(actual.length, expected.length, `${what}: beyond the end of the flash`);
  const differs = expected.findIndex((byte, index) => actual[index] !== byte);
  if (differs === -1) return;
  const at = `0x${(address + differs).toString(16).padStart(6, "0")}`;
  assert.fail(`${what}: at ${at} the flash holds ${actual[differs]} instead of ${expected[differs]}`);
}

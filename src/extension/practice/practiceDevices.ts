/**
 * The practice device: a simulated chip in this process, served on a port of this machine and reached like any network
 * port. It lets people try everything without hardware. The simulator is loaded when first asked for.
 */
import type * as vscode from "vscode";
import { Owner, disposableFrom } from "../platform/disposables";
import type { OutputLog } from "../platform/outputLog";
import { practiceEntry, type PortEntry } from "../ports/portEntry";
import { practiceFile } from "./practiceFiles";
import type { PortRegistry } from "../ports/portRegistry";

export interface PracticeChoice {
  readonly id: string;
  readonly name: string;
}

export const DEFAULT_PRACTICE_CHIP = "bk7231t";

export class PracticeDevices extends Owner {
  private readonly devices = new Map<
    string,
    { readonly presetId: string; readonly logPort: number; readonly end: () => Promise<void> }
  >();

  constructor(
    private readonly ports: PortRegistry,
    private readonly log: OutputLog,
    /** Ends what runs on a port and closes it. */
    private readonly release: (portId: string) => Promise<void>,
  ) {
    super();
    this.register(disposableFrom(() => void this.stopAll()));
  }

  async choices(): Promise<readonly PracticeChoice[]> {
    const { PRESETS } = await import("../../simulator/index");
    return Object.values(PRESETS).map(({ id, name }) => ({ id, name }));
  }

  /** Starts a chip and selects its port. An unknown preset is answered with the usual one. */
  async start(presetId: string): Promise<PortEntry> {
    const { createChip, findPreset, PRESETS, serveLogOnTcp, serveOnTcp } = await import("../../simulator/index");
    const preset = findPreset(presetId) ?? PRESETS[DEFAULT_PRACTICE_CHIP];
    const chip = createChip(preset, { pace: "none", person: "auto", firmware: "by-content" });
    const server = await serveOnTcp(chip);
    const log = await serveLogOnTcp(chip);
    const entry = practiceEntry(server.port, preset.name);
    const end = async (): Promise<void> => {
      await Promise.all([server.close(), log.close()]);
      chip.dispose();
    };
    this.devices.set(entry.id, { presetId: preset.id, logPort: log.port, end });
    this.ports.addPractice(entry);
    await this.ports.select(entry);
    this.log.info(`practice device: ${preset.id} at ${entry.id}`);
    return entry;
  }

  get running(): readonly string[] {
    return [...this.devices.keys()];
  }

  /** Where a device of this window prints: its UART2. */
  logOf(portId: string): { readonly kind: "tcp"; readonly host: string; readonly port: number } | undefined {
    const device = this.devices.get(portId);
    return device && { kind: "tcp", host: "127.0.0.1", port: device.logPort };
  }

  /** Firmware for a device of this window to practise with. */
  async firmwareFor(portId: string): Promise<vscode.Uri | undefined> {
    const device = this.devices.get(portId);
    return device && (await practiceFile(device.presetId));
  }

  async stop(portId: string): Promise<void> {
    const device = this.devices.get(portId);
    if (device === undefined) return;
    this.devices.delete(portId);
    await this.release(portId);
    this.ports.removePractice(portId);
    await device.end();
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.running.map((id) => this.stop(id)));
  }
}

/** The only door to the simulated chip. */
export { createChip, SimulatedChip, type ChipCounters, type ChipOptions } from "./chip";
export type { ChipEvent, ChipState } from "./board";
export type { ChipUart } from "./uart";
export { PRESETS, LOADER_PRESETS, findPreset, type Preset, type PresetId } from "./presets";
export type { FirmwareKind } from "./firmware";
export { application } from "./contents";
export { practiceFirmware } from "./practiceFirmware";
export { garble, ratesMatch } from "./lineRate";
export { ManualTime, type SimTime } from "./time";
export * from "./behaviours";
export { memoryTransport, type MemoryOptions, type MemoryTransport } from "./memory";
export { withLatency } from "./latency";
export { serveOnPty, type PtyServer } from "./pty";
export { serveOnTcp, type TcpServer } from "./tcp";

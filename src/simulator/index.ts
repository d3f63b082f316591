/** The only door to the simulated chip. */
export { createChip, SimulatedChip, type ChipCounters, type ChipOptions } from "./chip/simulatedChip";
export type { ChipEvent, ChipState } from "./board/board";
export type { ChipUart } from "./uart/chipUart";
export { PRESETS, LOADER_PRESETS, findPreset, type Preset, type PresetId } from "./chip/presets";
export type { FirmwareKind } from "./firmware/runningFirmware";
export { application } from "./flash/flashImages";
export { practiceFirmware } from "./chip/practiceFirmware";
export { garble, ratesMatch, sampledAt } from "./uart/lineRate";
export { ManualTime, type SimTime } from "./clock/simTime";
export * from "./faults/behaviours";
export { memoryTransport, type MemoryOptions, type MemoryTransport } from "./host/memoryTransport";
export { SimulatedWebSerialPort, type WebSerialOptions } from "./host/webSerialPort";
export { withLatency } from "./host/hostLatency";
export { serveOnPty, type PtyServer } from "./host/ptyServer";
export { serveOnTcp, type TcpServer } from "./host/tcpServer";
export { serveLogOnTcp, type LogServer } from "./host/logServer";

/** The door to the simulated chip where this program runs in a browser: what needs no sockets and no pseudo-terminals. */
export { createChip } from "./chip/simulatedChip";
export { PRESETS, findPreset } from "./chip/presets";
export { practiceFirmware } from "./chip/practiceFirmware";
export { serveLogOnTcp, serveOnTcp } from "./host/memoryServer";

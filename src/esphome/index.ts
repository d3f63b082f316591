/** The only door of this room: configurations out of a device's backup. */
export { deviceConfig, hasComponents, type DeviceConfig } from "./deviceConfig";
export { espHomeYaml, type EspHomeConfig } from "./espHomeYaml";
export { openBekenTemplate, type OpenBekenConfig } from "./openBekenTemplate";
export { checkYaml, type CheckOptions, type KnownChip } from "./checkYaml";
export { applyFixes, type YamlDiagnostic } from "./yamlDiagnostics";
export { updateAdvice, type UpdateAdvice, type UpdateBuild } from "./updateDoctor";

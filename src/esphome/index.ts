/** The only door of this room: configurations out of a device's backup. */
export { deviceConfig, hasComponents, type DeviceConfig } from "./deviceConfig";
export { espHomeYaml, type EspHomeConfig } from "./espHomeYaml";
export { openBekenTemplate, type OpenBekenConfig } from "./openBekenTemplate";
export { checkYaml, maybeConfiguration, type CheckOptions } from "./checkYaml";
export { chipOfIdentity, chipOfPassport, type KnownChip } from "./knownChip";
export { gatherSources, type YamlSources } from "./yamlSources";
export { applyFixes, type Edit, type Fix, type YamlDiagnostic } from "./yamlDiagnostics";
export { hoverAt, type YamlHover } from "./yamlHover";
export { completionsAt, type YamlCompletion } from "./yamlCompletion";

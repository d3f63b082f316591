/** A firmware in words. */
import { words, type Text } from "../base/words";
import type { FirmwareFacts } from "./signTypes";

/** Brand, project and version, as far as the log has named them. */
export function firmwareName(firmware: FirmwareFacts | undefined): Text {
  if (firmware === undefined) return words`An application`;
  const { kind, version, project } = firmware;
  switch (kind) {
    case "esphome":
      if (project !== undefined && version !== undefined) return `ESPHome ${version} (${project})`;
      return version === undefined ? "ESPHome" : `ESPHome ${version}`;
    case "libretiny":
      return version === undefined ? words`A LibreTiny application` : words`A LibreTiny ${version} application`;
    case "openbeken":
      if (project !== undefined && version !== undefined) return `${project} ${version}`;
      return "OpenBeken";
    case "tuya":
      if (project !== undefined) return words`Tuya firmware ${project}`;
      return version === undefined ? words`Tuya firmware` : words`Tuya firmware (SDK ${version})`;
    case "sdk":
      return words`An application on Beken's SDK`;
  }
}

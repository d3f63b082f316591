/** What a project should know of the chip that its build is flashed to. */
import type { ChipIdentity } from "../beken/chips/types";
import type { FirmwareImage } from "../beken/images/firmwareImage";
import { factsOf } from "./buildFacts";
import { isLibreTiny, libreTinyYaml } from "./libreTinyYaml";
import { updateAdvice, updateDevice, type UpdateAdvice } from "./updateAdvice";

export interface BuildAdvice {
  /** Lines of ESPHome YAML with which the next build fits this chip by itself; empty where it does already. */
  readonly yaml: readonly string[];
  /** Whether its updates over the air will be unpacked; undefined for other files than LibreTiny's. */
  readonly updates: Pick<UpdateAdvice, "works" | "words"> | undefined;
}

/** @param bytes of the file that the image was found in */
export function buildAdvice(chip: ChipIdentity, image: FirmwareImage, bytes: Uint8Array): BuildAdvice {
  if (!isLibreTiny(image)) return { yaml: [], updates: undefined };
  const { works, words, patch } = updateAdvice(updateDevice(chip), factsOf(image, bytes));
  return { yaml: libreTinyYaml(chip, image, patch), updates: { works, words } };
}

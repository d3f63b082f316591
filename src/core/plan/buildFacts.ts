/** What of a LibreTiny build decides whether its updates fit a device: board, partitions, key. */
import type { BoardProfile } from "../beken/chips/boards";
import type { KeyKind, Partition } from "../beken/chips/types";
import { detectImage } from "../beken/images/detect";
import type { FirmwareImage } from "../beken/images/firmwareImage";
import { hasUf2Magic, parseUf2 } from "../beken/images/uf2";
import { boardOf } from "./libreTinyYaml";

export interface BuildFacts {
  /** undefined where the build does not name one. */
  readonly board: BoardProfile | undefined;
  /** By its own table; empty where it has none, as all files but UF2: the board's layout then. */
  readonly partitions: readonly Partition[];
  readonly key: KeyKind;
}

/** @param name of the file: ESPHome's have the board in it */
export function buildFacts(bytes: Uint8Array, name: string): BuildFacts {
  return factsOf(detectImage(bytes, name), bytes);
}

/** @param bytes of the file that the image was found in */
export function factsOf(image: FirmwareImage, bytes: Uint8Array): BuildFacts {
  const partitions = hasUf2Magic(bytes) ? parseUf2(bytes).partitions : [];
  return { board: boardOf(image), partitions, key: image.key?.kind ?? "unknown" };
}

/** What of a LibreTiny build decides whether its updates fit a device: board, partitions, key. */
import { findBoard, type BoardProfile } from "../beken/chips/boards";
import type { KeyKind, Partition } from "../beken/chips/types";
import { detectImage } from "../beken/images/detect";
import { hasUf2Magic, parseUf2, uf2Text } from "../beken/images/uf2";
import { UF2_TAG } from "../beken/images/uf2Format";

export interface BuildFacts {
  readonly board: BoardProfile | undefined;
  /** By its own table; empty where it has none, as all files but UF2. */
  readonly partitions: readonly Partition[];
  readonly key: KeyKind;
}

/** @param name of the file: ESPHome's have the board in it */
export function buildFacts(bytes: Uint8Array, name: string): BuildFacts {
  const image = detectImage(bytes, name);
  const file = hasUf2Magic(bytes) ? parseUf2(bytes) : undefined;
  const tag = file && uf2Text(file, UF2_TAG.board);
  const board = [...(tag === undefined ? [] : [tag]), ...name.split("_")]
    .map(findBoard)
    .find((found) => found !== undefined);
  return { board, partitions: file?.partitions ?? [], key: image.key?.kind ?? "unknown" };
}

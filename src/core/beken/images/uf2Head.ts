/** What the first block of a UF2 file tells of the whole: for rows in lists, where reading every file would take too long. */
import { textUntilNul } from "../../base/bytes";
import { parseUf2, hasUf2Magic } from "./uf2";
import { UF2_BLOCK, UF2_FAMILIES, UF2_TAG } from "./uf2Format";

/** Bytes to read. */
export const UF2_HEAD = UF2_BLOCK;

export interface Uf2Head {
  /** The chip family's name: "BK7231N". */
  readonly chip: string;
  readonly board: string | undefined;
  /** What was built and its version: "esphome", "2025.5.0". */
  readonly firmware: string | undefined;
  readonly version: string | undefined;
  readonly libreTiny: string | undefined;
}

/** @param head the first {@link UF2_HEAD} bytes; undefined for what is no UF2 for a Beken chip */
export function readUf2Head(head: Uint8Array): Uf2Head | undefined {
  if (!hasUf2Magic(head)) return undefined;
  const { family, tags } = parseUf2(head.subarray(0, UF2_BLOCK));
  const known = UF2_FAMILIES.get(family);
  if (known === undefined || known.chips.length === 0) return undefined;
  const text = (id: number): string | undefined => {
    const data = tags.get(id);
    return data === undefined || data.length === 0 ? undefined : textUntilNul(data);
  };
  return {
    chip: known.name,
    board: text(UF2_TAG.board),
    firmware: text(UF2_TAG.firmware),
    version: text(UF2_TAG.version),
    libreTiny: text(UF2_TAG.ltVersion),
  };
}

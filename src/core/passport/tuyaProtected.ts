/**
 * The protected block: a copy of a device's identity and network that newer firmware keeps beside its storage, under the same key.
 * Layout: magic u32, byte sum of bytes 8.. as they lie there (entries encrypted) u32, key[16], length of the entries u32, a count or
 * FFFFFFFF; from 32 on entries {length u32, name[32], value}, under the data key. Source: docs/formats.md ("Tuya settings").
 */
import { readU32, textUntilNul } from "../base/bytes";
import { AesDecryptor } from "./aes";
import { MASTER_KEY, TUYA_BLOCK, byteSum, dataKey, type BaseKey } from "./tuyaFormat";
import type { TuyaKeyBlock } from "./tuyaSearch";

const ENTRIES_AT = 32;
const NAME_SIZE = 32;
const ENTRY_HEAD = 4 + NAME_SIZE;
const MOST_ENTRIES = 64;

export interface ProtectedBlock {
  readonly at: number;
  readonly sumHolds: boolean;
  readonly entries: readonly { readonly name: string; readonly raw: Uint8Array }[];
}

/** The block at a place where {@link findKeyBlocks} found a key; undefined for a key block, and where nothing decrypts. */
export function readProtected(
  bytes: Uint8Array,
  { at, deviceKey }: TuyaKeyBlock,
  base: BaseKey,
): ProtectedBlock | undefined {
  const end = Math.min(at + TUYA_BLOCK, bytes.length);
  const head = new AesDecryptor(MASTER_KEY).decrypt(bytes, at, end);
  const length = readU32(head, 24);
  if (length < ENTRY_HEAD || ENTRIES_AT + length > head.length) return undefined;
  const plain = new AesDecryptor(dataKey(deviceKey, base)).decrypt(head, ENTRIES_AT);
  const entries: { name: string; raw: Uint8Array }[] = [];
  for (let from = 0; from + ENTRY_HEAD <= length && entries.length < MOST_ENTRIES;) {
    const size = readU32(plain, from);
    const name = textUntilNul(plain.subarray(from + 4, from + ENTRY_HEAD));
    const valueAt = from + ENTRY_HEAD;
    if (!/^[\w.-]{1,31}$/.test(name) || valueAt + size > plain.length) break;
    entries.push({ name, raw: plain.subarray(valueAt, valueAt + size) });
    from = valueAt + size;
  }
  if (entries.length === 0) return undefined;
  return { at, sumHolds: byteSum(head, 8) === readU32(head, 4), entries };
}

/** Writes Tuya storages as devices do, of either generation, with what time does to them: for tests, and sharing no code with the reader. */
import { createCipheriv } from "node:crypto";

const BLOCK = 4096;
const PAGE = 128;
const SECOND_PART = Buffer.from("HHRRQbyemofrtytf");

/** First part of the base key: four characters, nothing, or the second part once more. */
export type Base = "8710" | "8721" | "8711" | "RDA5" | "none" | "pair";

export interface StorageShape {
  readonly values: Readonly<Record<string, string | Uint8Array>>;
  readonly deviceKey?: Uint8Array;
  readonly base?: Base;
  /** 0x98761234 of older firmware, 0x135726AB of newer. */
  readonly magic?: number;
  /** Live blocks, at least as many as the values need; the rest is empty. */
  readonly blocks?: number;
  /** Order of the blocks in flash, as numbers below 1 to sort by; as they are without. */
  readonly order?: (id: number) => number;
  /** Older copies of a block, with other values in them, by block id. */
  readonly stale?: Readonly<Record<number, Readonly<Record<string, string>>>>;
  /** How index pages say how many parts a value has. */
  readonly counts?: "parts" | "bytes" | "none";
  readonly protectedValues?: Readonly<Record<string, string>>;
}

export interface EncodedStorage {
  readonly bytes: Uint8Array;
  /** Where the blocks are in `bytes`, by what they are: "key", "protected", "0", "0 stale". */
  readonly at: ReadonlyMap<string, number>;
}

function encrypt(key: Uint8Array, plain: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => total + byte, 0) >>> 0;

export function dataKeyOf(deviceKey: Uint8Array, base: Base): Buffer {
  const first = (index: number): number =>
    base === "none" ? 0 : base === "pair" ? (SECOND_PART[index] as number) : base.charCodeAt(index % 4);
  return Buffer.from(deviceKey.map((byte, index) => (byte + first(index) + (SECOND_PART[index] as number)) & 0xff));
}

interface Placed {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Lays values into blocks, index page first, then its data; a value goes on in the next block where it must. */
class Layout {
  readonly blocks: Buffer[] = [];
  private readonly nextPage: number[] = [];

  constructor(
    private readonly magic: number,
    private readonly counts: NonNullable<StorageShape["counts"]>,
  ) {}

  block(id: number): Buffer {
    while (this.blocks.length <= id) {
      const block = Buffer.alloc(BLOCK, 0xff);
      block.fill(0, 14, PAGE);
      block.writeUInt32LE(this.magic, 0);
      block.writeUInt16LE(this.blocks.length, 8);
      block.writeUInt32LE(1, 10);
      block[14] = 4;
      this.blocks.push(block);
      this.nextPage.push(1);
    }
    return this.blocks[id] as Buffer;
  }

  private free(id: number): number {
    this.block(id);
    return BLOCK / PAGE - (this.nextPage[id] as number);
  }

  private take(id: number, pages: number): number {
    const first = this.nextPage[id] as number;
    this.nextPage[id] = first + pages;
    return first;
  }

  add({ name, bytes }: Placed): void {
    let id = Math.max(0, this.blocks.length - 1);
    if (this.free(id) < 2) id++;
    const block = this.block(id);
    const page = this.take(id, 1);
    block[15 + (page >> 3)] = (block[15 + (page >> 3)] as number) | (1 << (page & 7));
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes.length;) {
      if (this.free(id) === 0) id++;
      const pages = Math.min(this.free(id), Math.ceil((bytes.length - at) / PAGE));
      const first = this.take(id, pages);
      bytes.subarray(at, at + pages * PAGE).copy(this.block(id), first * PAGE);
      const part = Buffer.alloc(4);
      part.writeUInt16LE(id, 0);
      part[2] = first;
      part[3] = first + pages - 1;
      parts.push(part);
      at += pages * PAGE;
    }
    const index = block.subarray(page * PAGE, (page + 1) * PAGE);
    index.writeUInt32LE(sum(bytes), 0);
    index.writeUInt32LE(bytes.length, 4);
    index.writeUInt16LE(block.readUInt16LE(8), 8);
    index[10] = page;
    index.writeUInt16LE(this.counts === "none" ? 0 : this.counts === "bytes" ? 4 * parts.length : parts.length, 11);
    index.writeUInt32LE(0, 13);
    index[17] = name.length + 1;
    index.write(`${name}\0`, 18, "latin1");
    Buffer.concat(parts).copy(index, 19 + name.length);
  }
}

function seal(block: Buffer, generation: number): Buffer {
  const sealed = Buffer.from(block);
  sealed.writeUInt32LE(generation, 10);
  sealed.writeUInt32LE(sum(sealed.subarray(8)), 4);
  return sealed;
}

const bytesOf = (value: string | Uint8Array): Buffer =>
  typeof value === "string" ? Buffer.from(`${value}\0`) : Buffer.from(value);

export function encodeStorage(shape: StorageShape): EncodedStorage {
  const { deviceKey = Uint8Array.from({ length: 16 }, (_, i) => 0x40 + i), base = "8710", magic = 0x98761234 } = shape;
  const { counts = "parts", order = (id) => id, stale = {} } = shape;
  const master = Buffer.from("qwertyuiopasdfgh");
  const key = dataKeyOf(deviceKey, base);
  const layout = new Layout(magic, counts);
  layout.block(Math.max(0, (shape.blocks ?? 2) - 1));
  const filled = new Layout(magic, counts);
  for (const [name, value] of Object.entries(shape.values)) filled.add({ name, bytes: bytesOf(value) });
  const live = layout.blocks.map((empty, id) => seal(filled.blocks[id] ?? empty, 5));
  for (let id = live.length; id < filled.blocks.length; id++) live.push(seal(filled.blocks[id] as Buffer, 5));
  const all = live.map((block, id) => ({ name: String(id), block, place: order(id) }));
  for (const [id, values] of Object.entries(stale)) {
    const old = new Layout(magic, counts);
    old.block(0).writeUInt16LE(Number(id), 8);
    for (const [name, value] of Object.entries(values)) old.add({ name, bytes: bytesOf(value) });
    all.push({ name: `${id} stale`, block: seal(old.block(0), 4), place: order(Number(id)) - 0.5 });
  }
  all.sort((a, b) => a.place - b.place);
  const at = new Map<string, number>();
  const parts: Buffer[] = [];
  const put = (name: string, bytes: Buffer): void => {
    at.set(name, BLOCK * parts.length);
    parts.push(bytes);
  };
  if (shape.protectedValues) put("protected", protectedBlock(shape.protectedValues, deviceKey, key, master));
  const head = Buffer.alloc(BLOCK, 0xff);
  head.writeUInt32LE(0x13579753, 0);
  head.writeUInt32LE(sum(deviceKey), 4);
  head.set(deviceKey, 8);
  put("key", encrypt(master, head));
  for (const { name, block } of all) put(name, encrypt(key, block));
  return { bytes: new Uint8Array(Buffer.concat(parts)), at };
}

function protectedBlock(
  values: Readonly<Record<string, string>>,
  deviceKey: Uint8Array,
  key: Uint8Array,
  master: Uint8Array,
): Buffer {
  const entries = Object.entries(values).map(([name, value]) => {
    const entry = Buffer.alloc(36 + value.length);
    entry.writeUInt32LE(value.length, 0);
    entry.write(name, 4, "latin1");
    entry.write(value, 36, "latin1");
    return entry;
  });
  const plain = Buffer.alloc(BLOCK - 32, 0xff);
  const joined = Buffer.concat(entries);
  joined.copy(plain);
  const block = Buffer.alloc(BLOCK, 0xff);
  block.writeUInt32LE(0x13579753, 0);
  block.set(deviceKey, 8);
  block.writeUInt32LE(joined.length, 24);
  encrypt(key, plain).copy(block, 32);
  block.writeUInt32LE(sum(block.subarray(8)), 4);
  return encrypt(master, block);
}

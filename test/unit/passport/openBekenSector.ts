/** Writes OpenBeken's settings as a device does, checksum included: for tests, and sharing no code with the reader. */

export interface SectorShape {
  readonly version?: number;
  /** Pin to role, channel and second channel. */
  readonly pins?: Readonly<Record<number, readonly [role: number, channel: number, channel2?: number]>>;
  /** Texts by where they stand. */
  readonly texts?: Readonly<Record<number, string>>;
  readonly flags?: readonly number[];
}

/** As the device computes it: in signed bytes, whose shift to the right keeps the sign. */
function checksum(bytes: Uint8Array): number {
  const signed = (value: number): number => (value << 24) >> 24;
  let crc = 0;
  for (const byte of bytes) {
    let left = signed(byte);
    for (let bit = 8; bit > 0; bit--) {
      const odd = (crc ^ left) & 1;
      crc = signed(odd === 1 ? (crc >> 1) ^ 0x8c : crc >> 1);
      left >>= 1;
    }
  }
  return crc & 0xff;
}

/** 4096 bytes. */
export function openBekenSector({ version = 5, pins = {}, texts = {}, flags = [10] }: SectorShape = {}): Uint8Array {
  const sector = Buffer.alloc(4096, 0xff);
  const size = version > 3 ? 3584 : 2016;
  sector.fill(0, 0, size);
  sector.write("CFG", 0, "latin1");
  sector.writeInt32LE(version, 4);
  for (const flag of flags) sector[8 + (flag >> 3)] = (sector[8 + (flag >> 3)] as number) | (1 << (flag & 7));
  for (const [pin, [role, channel, channel2 = 0]] of Object.entries(pins)) {
    sector[0x33e + Number(pin)] = role;
    sector[0x35e + Number(pin)] = channel;
    sector[0x37e + Number(pin)] = channel2;
  }
  for (const [at, text] of Object.entries(texts)) sector.write(text, Number(at), "utf8");
  sector[3] = checksum(sector.subarray(4, size));
  return sector;
}

/** What only a disk has: the first bytes of a file alone, and where a link leads. */
import { open, realpath } from "node:fs/promises";

/** Throws the system's error when it cannot be read. */
export async function headOnDisk(path: string, length: number): Promise<Uint8Array | undefined> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Throws the system's error when it leads nowhere. */
export async function realOnDisk(path: string): Promise<string | undefined> {
  return await realpath(path);
}

/** In a browser's worker no file is on a disk that could be reached. */

export function headOnDisk(): Promise<Uint8Array | undefined> {
  return Promise.resolve(undefined);
}

export function realOnDisk(): Promise<string | undefined> {
  return Promise.resolve(undefined);
}

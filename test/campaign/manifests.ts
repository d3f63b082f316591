/** Manifests of dumps, read by the campaign itself: what they say of the dump beside them. */
import { crc32 } from "node:zlib";

interface Manifest {
  readonly ranges: readonly { readonly start: number; readonly length: number }[];
  readonly blocks: { readonly size: number; readonly crc32: readonly string[] };
  readonly crc32: string;
}

/** @returns what is wrong with it, in words; undefined where it is whole and of this dump */
export function manifestProblem(text: string, dump: Uint8Array): string | undefined {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(text) as Manifest;
  } catch {
    return "is incomplete";
  }
  const { ranges, blocks } = manifest;
  if (ranges.length !== 1 || ranges[0]?.start !== 0 || ranges[0].length !== dump.length) return "is of another length";
  const sums = Array.from({ length: Math.ceil(dump.length / blocks.size) }, (_, i) =>
    sumOf(dump.subarray(i * blocks.size, (i + 1) * blocks.size)),
  );
  const right = sumOf(dump) === manifest.crc32 && sums.join() === blocks.crc32.join();
  return right ? undefined : "is of another dump";
}

function sumOf(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, "0").toUpperCase();
}

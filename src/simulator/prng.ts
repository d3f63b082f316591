/**
 * Deterministic pseudo-random figures: filler in synthetic flash, stack rubbish, garbled bytes. Same seed, same bytes,
 * on every machine. Not random enough for anything else.
 */

/** Scrambles a 32-bit value (the finaliser of MurmurHash3, public domain). */
export function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** `length` bytes that depend on nothing but `seed`. */
export function noise(seed: number, length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i += 4) {
    const word = mix(Math.imul(seed + 1, 0x9e3779b1) + i);
    for (let k = 0; k < 4 && i + k < length; k++) out[i + k] = word >>> (8 * k);
  }
  return out;
}

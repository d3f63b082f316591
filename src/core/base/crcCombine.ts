/**
 * What CRC-32s say about parts of what they were taken of, without the bytes. Arithmetic of polynomials over GF(2) modulo
 * the CRC's own, bits reflected as in the CRC: the highest bit of a word is the coefficient of x^0.
 */

const POLYNOMIAL = 0xedb88320;
const ONE = 0x80000000;
/** x^8: one byte further. */
const X8 = 0x00800000;

/**
 * CRC-32 of the last `length` bytes of a whole.
 * @param head CRC-32 of everything before them
 * @param whole CRC-32 of all of it; both as crc32() gives them
 */
export function crc32OfTail(head: number, whole: number, length: number): number {
  return (multiply(powerOfX8(length), head) ^ whole) >>> 0;
}

function powerOfX8(exponent: number): number {
  let power = ONE;
  let square = X8;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = multiply(power, square);
    square = multiply(square, square);
  }
  return power;
}

function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= shifted;
    shifted = shifted & 1 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
  }
  return product >>> 0;
}

/**
 * Over-the-air containers: RBL with its header first, and Tuya's UG wrapper around one. Reads and verifies them so that
 * they can be refused with reasons; they are never written over serial.
 * Source: docs/formats.md ("RBL, OTA form", "UG"). Uses Web Crypto and Web Streams, present in Node and browsers.
 */
import { ascii, concat, hex32, readU32be, textUntilNul } from "../../base/bytes";
import { crc32, fnv1a } from "../../base/checksum";
import { words, type Words } from "../../base/words";
import { checkRblHeader, parseRblHeader, RBL_HEADER_SIZE, type RblHeader } from "./rblHeader";
import { ADDRESS_LIMIT, type Finding } from "./report";

/** Key and IV of the Beken and Tuya SDKs and of LibreTiny's boards, in ASCII. */
export const OTA_DEFAULT_KEY = "0123456789ABCDEF0123456789ABCDEF";
export const OTA_DEFAULT_IV = "0123456789ABCDEF";

export interface OtaContainer {
  /** undefined when fewer than 96 bytes are there. */
  readonly header: RblHeader | undefined;
  /** The data as packaged; empty when the header claims more than the file holds. */
  readonly data: Uint8Array;
  readonly findings: readonly Finding[];
}

/** Reads an OTA RBL and checks header, sizes and the data's CRC-32. Allocates nothing. */
export function parseOta(bytes: Uint8Array): OtaContainer {
  const findings = [...checkRblHeader(bytes.subarray(0, RBL_HEADER_SIZE), 0)];
  if (bytes.length < RBL_HEADER_SIZE) return { header: undefined, data: bytes.subarray(0, 0), findings };
  const header = parseRblHeader(bytes);
  const available = bytes.length - RBL_HEADER_SIZE;
  if (header.dataSize !== available) {
    const detail = words`the header claims ${header.dataSize} bytes of data, the file has ${available}`;
    findings.push({ name: words`RBL sizes`, verdict: "bad", detail });
    return { header, data: bytes.subarray(0, 0), findings };
  }
  const data = bytes.subarray(RBL_HEADER_SIZE);
  const actual = crc32(data);
  const context = { expected: hex32(header.dataCrc), actual: hex32(actual) };
  findings.push({ name: words`RBL sizes`, verdict: "ok" });
  findings.push(
    actual === header.dataCrc
      ? { name: words`RBL data CRC-32`, verdict: "ok" }
      : { name: words`RBL data CRC-32`, verdict: "bad", detail: words`the data is damaged`, context },
  );
  return { header, data, findings };
}

async function decrypt(data: Uint8Array, key: string, iv: string): Promise<Uint8Array | undefined> {
  const imported = await crypto.subtle.importKey("raw", ascii(key) as Uint8Array<ArrayBuffer>, "AES-CBC", false, [
    "decrypt",
  ]);
  try {
    const algorithm = { name: "AES-CBC", iv: ascii(iv) };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, imported, data.slice()));
  } catch {
    // Web Crypto says nothing more than that the padding came out wrong: another key, or damage.
    return undefined;
  }
}

/** Unpacks gzip, but never holds more than `limit` bytes; undefined when it is no gzip or would be more. */
async function gunzip(data: Uint8Array, limit: number): Promise<Uint8Array | undefined> {
  const stream = new DecompressionStream("gzip");
  const writer = stream.writable.getWriter();
  // Both ends reject when the input is no gzip; the reading side reports it.
  const written = writer.write(data as Uint8Array<ArrayBuffer>).then(() => writer.close());
  written.catch(() => undefined);
  const reader = stream.readable.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > limit) {
        await reader.cancel().catch(() => undefined);
        return undefined;
      }
      parts.push(value);
    }
  } catch {
    return undefined;
  }
  return concat(...parts);
}

export interface UnpackedOta {
  readonly findings: readonly Finding[];
  /** The plain application; undefined where it could not be had. */
  readonly payload: Uint8Array | undefined;
}

/**
 * Opens the payload of an OTA RBL (bytes from its header on) as a chip would, and compares size and FNV-1a with the header.
 * XOR, QuickLZ and FastLZ are reported as skipped: no builder produces them. Unpacked data is bounded by the
 * smaller of the claimed raw size and the largest flash.
 */
export async function unpackOta(bytes: Uint8Array, key = OTA_DEFAULT_KEY, iv = OTA_DEFAULT_IV): Promise<UnpackedOta> {
  const { header, data, findings } = parseOta(bytes);
  const ended = (...more: readonly Finding[]): UnpackedOta => ({
    findings: [...findings, ...more],
    payload: undefined,
  });
  if (header === undefined || findings.some(({ verdict }) => verdict === "bad")) return ended();
  const skipped = (detail: Words): UnpackedOta => ended({ name: words`OTA payload`, verdict: "skipped", detail });
  let payload: Uint8Array | undefined = data;
  if (header.encryption === 2) {
    payload = await decrypt(payload, key, iv);
    if (payload === undefined) return skipped(words`encrypted with a key that is not the default one`);
  } else if (header.encryption !== 0) {
    return skipped(words`its encryption is not supported`);
  }
  if (header.compression === 1) {
    payload = await gunzip(payload, Math.min(header.rawSize, ADDRESS_LIMIT));
    if (payload === undefined) {
      const detail = words`it does not unpack to the size the header claims`;
      return ended({ name: words`OTA payload`, verdict: "bad", detail });
    }
  } else if (header.compression !== 0) {
    return skipped(words`its compression is not supported`);
  }
  if (payload.length !== header.rawSize) {
    const context = { expected: words`${header.rawSize} bytes`, actual: words`${payload.length} bytes` };
    return ended({ name: words`OTA payload`, verdict: "bad", detail: words`wrong raw size`, context });
  }
  const hash = fnv1a(payload);
  const context = { expected: hex32(header.hash), actual: hex32(hash) };
  if (hash !== header.hash)
    return ended({ name: words`RBL FNV-1a`, verdict: "bad", detail: words`wrong content`, context });
  const good: readonly Finding[] = [
    { name: words`OTA payload`, verdict: "ok" },
    { name: words`RBL FNV-1a`, verdict: "ok" },
  ];
  return { findings: [...findings, ...good], payload };
}

/** What {@link unpackOta} finds. */
export async function verifyOta(bytes: Uint8Array, key?: string, iv?: string): Promise<readonly Finding[]> {
  return (await unpackOta(bytes, key, iv)).findings;
}

/** Bytes of Tuya's wrapper before the OTA RBL. Its integers are big-endian. */
export const UG_HEADER_SIZE = 32;
const UG_HEAD = 0x55aa55aa;
const UG_TAIL = 0xaa55aa55;

export function hasUgMagic(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && readU32be(bytes, 0) === UG_HEAD;
}

function byteSum(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += bytes[i] as number;
  return sum >>> 0;
}

export interface UgWrapper {
  readonly version: string;
  /** The OTA RBL inside; empty when lengths do not fit. */
  readonly payload: Uint8Array;
  readonly findings: readonly Finding[];
}

/** Reads the wrapper and checks marks, length and both byte sums. Allocates nothing. */
export function parseUg(bytes: Uint8Array): UgWrapper {
  const nothing = bytes.subarray(0, 0);
  const bad = (detail: Words): UgWrapper => ({
    version: "",
    payload: nothing,
    findings: [{ name: words`UG header`, verdict: "bad", detail }],
  });
  if (bytes.length < UG_HEADER_SIZE) return bad(words`only ${bytes.length} of 32 bytes are there`);
  if (readU32be(bytes, 0) !== UG_HEAD || readU32be(bytes, 28) !== UG_TAIL) return bad(words`its marks are damaged`);
  const version = textUntilNul(bytes.subarray(4, 16));
  const length = readU32be(bytes, 16);
  const findings: Finding[] = [];
  const sums = (name: Words, expected: number, actual: number): void => {
    const context = { expected: hex32(expected), actual: hex32(actual) };
    findings.push(
      expected === actual ? { name, verdict: "ok" } : { name, verdict: "bad", detail: words`wrong byte sum`, context },
    );
  };
  sums(words`UG header sum`, readU32be(bytes, 24), byteSum(bytes, 0, 24));
  if (length !== bytes.length - UG_HEADER_SIZE) {
    const detail = words`it claims ${length} bytes of payload, the file has ${bytes.length - UG_HEADER_SIZE}`;
    findings.push({ name: words`UG length`, verdict: "bad", detail });
    return { version, payload: nothing, findings };
  }
  sums(words`UG payload sum`, readU32be(bytes, 20), byteSum(bytes, UG_HEADER_SIZE, bytes.length));
  return { version, payload: bytes.subarray(UG_HEADER_SIZE), findings };
}

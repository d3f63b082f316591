/**
 * OpenBeken's settings: one sector that begins with `CFG`. Layout: checksum u8 at 3, version u32 at 4, flags u32 at 8 and 12, network
 * name[64] at 0x14, password[64] at 0x54, MQTT host[256] at 0x94, client[64] at 0x194, user[64] at 0x1D4, password[128] at 0x214,
 * port u32 at 0x294, short name[32] at 0x2DE, long name[64] at 0x2FE, role, channel and second channel of pins 0..31 at 0x33E, 0x35E
 * and 0x37E, start command[1568] at 0x5E0; from version 4 on a second network's name[64] at 0xC00 and password[68] at 0xC40, and the
 * password[33] of its page at 0xC84. Source: OpenBK7231T_App (new_cfg.h, new_cfg.c, tiny_crc8.c) and BK7231GUIFlashTool.
 */
import { readU32, textUntilNul } from "../base/bytes";
import type { LogSettings } from "./logWire";
import { openBekenLog } from "./openBekenLog";
import { OPENBEKEN_ROLES } from "./openBekenRoles";
import { Secret } from "./secret";

export const OPENBEKEN_SECTOR = 0x1000;
/** Bytes that are in use up to version 3, and from version 4 on. */
const OLD_SIZE = 2016;
const NEW_SIZE = 3584;
const NEWEST_VERSION = 20;
const PINS = 32;
const COMMAND_AT = 0x5e0;
const CHECKSUM_AT = 3;
const VERSION_AT = 4;
const FLAGS_AT = 8;
/** From here on the checksum is that of all bytes; before, it was made of single fields. */
const FIRST_SUMMED_VERSION = 2;
const FIRST_WITH_SECOND_NETWORK = 4;
const SECOND_NETWORK_AT = 0xc00;
/** Commands that hand over a password, or tell where to log in. */
const TELLING = /pass|ssid|wifi|mqtt|key|token|http|user/i;

export interface OpenBekenPin {
  readonly pin: number;
  /** As the template and the web page name it; `role NUMBER` for one that is newer than this table. */
  readonly role: string;
  readonly channel: number;
  readonly channel2: number;
}

interface Network {
  readonly name: Secret | undefined;
  readonly password: Secret | undefined;
}

export interface OpenBekenSettings {
  readonly kind: "openbeken";
  readonly at: number;
  readonly version: number;
  /** Its checksum holds; undefined of a version whose checksum is another one. OpenBeken itself takes none that does not hold. */
  readonly sound: boolean | undefined;
  /** Numbers of those that are set, of 64. */
  readonly flags: readonly number[];
  readonly pins: readonly OpenBekenPin[];
  /** Hidden where it may hold a password. */
  readonly command: string | Secret;
  /** As the start command has it. */
  readonly log: LogSettings;
  /** A name has the end of the MAC address in it, unless a person gave another. */
  readonly shortName: Secret | undefined;
  readonly longName: Secret | undefined;
  readonly network: Network;
  readonly secondNetwork: Network;
  /** Of the device's own page. */
  readonly pagePassword: Secret | undefined;
  readonly mqtt: {
    readonly host: Secret | undefined;
    readonly port: number;
    readonly client: Secret | undefined;
    readonly user: Secret | undefined;
    readonly password: Secret | undefined;
  };
}

const NO_NETWORK: Network = { name: undefined, password: undefined };

function isConfig(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 0x43 || bytes[at + 1] !== 0x46 || bytes[at + 2] !== 0x47) return false;
  if (at + OLD_SIZE > bytes.length) return false;
  const version = readU32(bytes, at + VERSION_AT);
  return version <= NEWEST_VERSION && at + sizeOf(version) <= bytes.length;
}

function sizeOf(version: number): number {
  return version < FIRST_WITH_SECOND_NETWORK ? OLD_SIZE : NEW_SIZE;
}

/** CRC-8 of polynomial 0x31, reflected, from 0; its register is a signed byte, which fills up with its sign while it is shifted. */
export function signedCrc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes)
    for (let bit = 0; bit < 8; bit++) {
      const isSet = (crc ^ (byte >> bit)) & 1;
      crc >>= 1;
      if (isSet) crc = ((crc ^ 0x8c) << 24) >> 24;
    }
  return crc & 0xff;
}

/** Where OpenBeken's settings lie: at the start of a file, or of one of its sectors; undefined where there are none. */
export function findOpenBekenSettings(bytes: Uint8Array): number | undefined {
  for (let at = 0; at < bytes.length; at += OPENBEKEN_SECTOR) if (isConfig(bytes, at)) return at;
  return undefined;
}

/** @param at as {@link findOpenBekenSettings} found it */
export function readOpenBekenSettings(bytes: Uint8Array, at: number): OpenBekenSettings {
  const text = (offset: number, size: number): string => textUntilNul(bytes.subarray(at + offset, at + offset + size));
  const secret = (offset: number, size: number): Secret | undefined => {
    const value = text(offset, size);
    return value === "" ? undefined : new Secret(value);
  };
  const network = (nameAt: number, passwordAt: number, size: number): Network => ({
    name: secret(nameAt, 64),
    password: secret(passwordAt, size),
  });
  const version = readU32(bytes, at + VERSION_AT);
  const size = sizeOf(version);
  const hasMore = version >= FIRST_WITH_SECOND_NETWORK;
  const command = text(COMMAND_AT, (hasMore ? SECOND_NETWORK_AT : OLD_SIZE) - COMMAND_AT);
  const byte = (offset: number): number => bytes[at + offset] as number;
  const pins = Array.from({ length: PINS }, (_, pin) => ({
    pin,
    role: OPENBEKEN_ROLES[byte(0x33e + pin)] ?? `role ${byte(0x33e + pin)}`,
    channel: byte(0x35e + pin),
    channel2: byte(0x37e + pin),
  }));
  return {
    kind: "openbeken",
    at,
    version,
    sound:
      version < FIRST_SUMMED_VERSION
        ? undefined
        : signedCrc8(bytes.subarray(at + VERSION_AT, at + size)) === byte(CHECKSUM_AT),
    flags: Array.from({ length: 64 }, (_, flag) => flag).filter(
      (flag) => (byte(FLAGS_AT + (flag >> 3)) >> (flag & 7)) & 1,
    ),
    pins: pins.filter(({ role }) => role !== OPENBEKEN_ROLES[0]),
    command: TELLING.test(command) ? new Secret(command) : command,
    log: openBekenLog(command),
    shortName: secret(0x2de, 32),
    longName: secret(0x2fe, 64),
    network: network(0x14, 0x54, 64),
    secondNetwork: hasMore ? network(SECOND_NETWORK_AT, 0xc40, 68) : NO_NETWORK,
    pagePassword: hasMore ? secret(0xc84, 33) : undefined,
    mqtt: {
      host: secret(0x94, 256),
      port: readU32(bytes, at + 0x294),
      client: secret(0x194, 64),
      user: secret(0x1d4, 64),
      password: secret(0x214, 128),
    },
  };
}

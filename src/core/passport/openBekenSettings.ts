/**
 * OpenBeken's settings: one sector that begins with `CFG`. Layout: checksum at 3, version u32 at 4, flags u32 at 8 and 12, network
 * name[64] at 0x14, password[64] at 0x54, MQTT host[256] at 0x94, client[64] at 0x194, user[64] at 0x1D4, password[128] at 0x214,
 * port u32 at 0x294, short name[32] at 0x2DE, long name[64] at 0x2FE, role, channel and second channel of pins 0..31 at 0x33E, 0x35E
 * and 0x37E, start command at 0x5E0. Source: OpenBK7231T_App (new_cfg.h) and BK7231GUIFlashTool.
 */
import { readU32, textUntilNul } from "../base/bytes";
import { OPENBEKEN_ROLES } from "./openBekenRoles";
import { Secret } from "./secret";

export const OPENBEKEN_SECTOR = 0x1000;
/** Bytes that are in use up to version 3, and from version 4 on. */
const OLD_SIZE = 2016;
const NEW_SIZE = 3584;
const NEWEST_VERSION = 20;
const PINS = 32;
const COMMAND_AT = 0x5e0;

export interface OpenBekenPin {
  readonly pin: number;
  /** As the template and the web page name it; `role NUMBER` for one that is newer than this table. */
  readonly role: string;
  readonly channel: number;
  readonly channel2: number;
}

export interface OpenBekenSettings {
  readonly kind: "openbeken";
  readonly at: number;
  readonly version: number;
  readonly flags: number;
  readonly pins: readonly OpenBekenPin[];
  readonly command: string;
  readonly shortName: string;
  readonly longName: string;
  readonly network: { readonly name: Secret | undefined; readonly password: Secret | undefined };
  readonly mqtt: {
    readonly host: Secret | undefined;
    readonly port: number;
    readonly user: Secret | undefined;
    readonly password: Secret | undefined;
  };
}

function isConfig(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 0x43 || bytes[at + 1] !== 0x46 || bytes[at + 2] !== 0x47) return false;
  if (at + OLD_SIZE > bytes.length) return false;
  const version = readU32(bytes, at + 4);
  return version <= NEWEST_VERSION && at + (version > 3 ? NEW_SIZE : OLD_SIZE) <= bytes.length;
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
  const version = readU32(bytes, at + 4);
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
    flags: readU32(bytes, at + 8),
    pins: pins.filter(({ role }) => role !== OPENBEKEN_ROLES[0]),
    command: text(COMMAND_AT, version > 3 ? NEW_SIZE - COMMAND_AT : OLD_SIZE - COMMAND_AT),
    shortName: text(0x2de, 32),
    longName: text(0x2fe, 64),
    network: { name: secret(0x14, 64), password: secret(0x54, 64) },
    mqtt: {
      host: secret(0x94, 256),
      port: readU32(bytes, at + 0x294),
      user: secret(0x1d4, 64),
      password: secret(0x214, 128),
    },
  };
}

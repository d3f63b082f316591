/** Tuya's settings out of a file: found, decrypted, read, what is a person's own hidden. */
import { noSettings, type NoSettings } from "./noSettings";
import { readEntries } from "./tuyaEntries";
import { TUYA_BLOCK } from "./tuyaFormat";
import { readProtected, type ProtectedBlock } from "./tuyaProtected";
import { findBlocks, findKeyBlocks, type TuyaRun } from "./tuyaSearch";
import { hideSecrets, isSchema, type Shown } from "./tuyaSecrets";
import { isPlainObject, parseValue, PIN_TEXT_KEY, type Plain, type PlainObject } from "./tuyaValues";

export interface TuyaValue {
  readonly name: string;
  /** Bytes as stored. */
  readonly length: number;
  /** Its own sum holds. */
  readonly sound: boolean;
  readonly value: Shown;
}

export interface Datapoint {
  readonly id: number;
  readonly mode: "rw" | "ro" | "wr";
  readonly type: string;
  readonly min?: number;
  readonly max?: number;
  readonly scale?: number;
  readonly step?: number;
  readonly unit?: string;
  readonly range?: readonly string[];
  readonly maxlen?: number;
}

export interface TuyaMcuLink {
  /** The entry that tells of it. */
  readonly key: "baud_cfg" | "uart_adapt_params";
  readonly baud: number | undefined;
}

export interface TuyaSettings {
  readonly kind: "tuya";
  /** Places in the file. */
  readonly keyAt: number;
  readonly blocksAt: readonly number[];
  readonly damagedAt: readonly number[];
  readonly protectedAt: readonly number[];
  /** Name of the base key that fits. */
  readonly baseKey: string;
  /** The magic word of its blocks, which tells older firmware from newer. */
  readonly magic: number;
  readonly values: readonly TuyaValue[];
  /** The pin text, secrets in it hidden; undefined where there is none. */
  readonly pins: { readonly [name: string]: Shown } | undefined;
  readonly module: string | undefined;
  readonly platform: string | undefined;
  readonly tuyaMcu: TuyaMcuLink | undefined;
  readonly schemaId: string | undefined;
  readonly datapoints: readonly Datapoint[] | undefined;
  readonly firmware: { readonly version: string | undefined; readonly productKey: string | undefined };
  /** An account has taken it; undefined where nothing tells. */
  readonly paired: boolean | undefined;
  readonly network: {
    /** A network is set up in the entries in use. */
    readonly stored: boolean;
    /** Pairs of name and password in all pages of the storage, unused ones too. */
    readonly pairsInAllPages: number;
    /** The protected block or another entry has a network with its password. */
    readonly elsewhere: boolean;
  };
  /** Names of what stands differently in the protected block. */
  readonly protectedDiffers: readonly string[];
}

const MODES: readonly string[] = ["rw", "ro", "wr"];

/** @returns why there are none, where there are none */
export function readTuyaSettings(bytes: Uint8Array): TuyaSettings | NoSettings {
  const keys = findKeyBlocks(bytes);
  if (keys.length === 0) return noSettings("no-key-block");
  const run = findBlocks(bytes, keys);
  if (run === undefined) return noSettings("nothing-decrypts");
  const guards = keys.flatMap((key) => readProtected(bytes, key, run.base) ?? []);
  const { blocks } = run;
  if (blocks.length < 2) return noSettings("too-few-blocks");
  const entries = readEntries(blocks);
  const stored = new Map(entries.map(({ name, raw }) => [name, raw]));
  const sound = new Map(entries.map((entry) => [entry.name, entry.sound]));
  for (const { sumHolds, entries: guarded } of guards)
    for (const { name, raw } of guarded)
      if (sumHolds && sound.get(name) !== true) {
        stored.set(name, raw);
        sound.set(name, true);
      }
  if (stored.size === 0) return noSettings("no-entries");
  const parsed = new Map([...stored].map(([name, raw]) => [name, parseValue(name, raw)]));
  return settingsFrom(run, guards, parsed, { stored, sound });
}

function settingsFrom(
  run: TuyaRun,
  guards: readonly ProtectedBlock[],
  parsed: ReadonlyMap<string, Plain>,
  { stored, sound }: { readonly stored: ReadonlyMap<string, Uint8Array>; readonly sound: ReadonlyMap<string, boolean> },
): TuyaSettings {
  const identity = objectAt(parsed, "gw_di");
  const schemaId = textIn(identity, "s_id") ?? [...parsed].find(([, value]) => isSchema(value))?.[0];
  const pins = objectAt(parsed, PIN_TEXT_KEY);
  const names = [...parsed.keys()].sort();
  const shown = new Map(names.map((name) => [name, hideSecrets(name, parsed.get(name) ?? null, schemaId)]));
  return {
    kind: "tuya",
    keyAt: run.key.at,
    blocksAt: run.blocks.map(({ at }) => at),
    damagedAt: [...run.unreadable, ...run.blocks.filter((block) => !block.sound).map(({ at }) => at)].sort(
      (a, b) => a - b,
    ),
    protectedAt: guards.map(({ at }) => at),
    baseKey: run.base.name,
    magic: run.magic,
    values: names.map((name) => ({
      name,
      length: stored.get(name)?.length ?? 0,
      sound: sound.get(name) ?? false,
      value: shown.get(name) ?? null,
    })),
    pins: pins && (shown.get(PIN_TEXT_KEY) as { readonly [name: string]: Shown }),
    module: nameFrom(pins?.module),
    platform: nameFrom(parsed.get("em_sys_env")),
    tuyaMcu: linkOf(parsed),
    schemaId,
    datapoints: schemaId === undefined ? undefined : datapointsOf(parsed.get(schemaId)),
    firmware: { version: nameFrom(identity?.swv), productKey: nameFrom(identity?.pk) ?? nameFrom(identity?.firmk) },
    paired: identity && textIn(identity, "id") !== undefined,
    network: {
      stored: textIn(objectAt(parsed, "gw_wsm"), "ssid") !== undefined,
      pairsInAllPages: countPairs(run),
      elsewhere: hasNetwork(guards, parsed),
    },
    protectedDiffers: [...new Set(guards.flatMap(({ entries }) => entries.filter(differs).map(({ name }) => name)))],
  };

  function differs({ name, raw }: { readonly name: string; readonly raw: Uint8Array }): boolean {
    const other = parsed.get(name);
    return other !== undefined && JSON.stringify(parseValue(name, raw)) !== JSON.stringify(other);
  }
}

function objectAt(parsed: ReadonlyMap<string, Plain>, name: string): PlainObject | undefined {
  const value = parsed.get(name);
  return isPlainObject(value) ? value : undefined;
}

function textIn(object: PlainObject | undefined, name: string): string | undefined {
  const value = object?.[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Names and versions are short words; anything else in their place is none. */
function nameFrom(value: Plain | undefined): string | undefined {
  return typeof value === "string" && /^[\w.][\w .-]{0,30}$/.test(value) ? value : undefined;
}

/** A storage that tells how fast another processor is spoken to is that of a device with one. */
function linkOf(parsed: ReadonlyMap<string, Plain>): TuyaMcuLink | undefined {
  for (const key of ["baud_cfg", "uart_adapt_params"] as const) {
    if (!parsed.has(key)) continue;
    const link = objectAt(parsed, key);
    const baud = link?.baud ?? link?.uart_baud;
    return { key, baud: Number.isInteger(baud) && (baud as number) > 0 ? (baud as number) : undefined };
  }
  return undefined;
}

function datapointsOf(schema: Plain | undefined): readonly Datapoint[] | undefined {
  if (schema === undefined || !isSchema(schema)) return undefined;
  const points = (schema as readonly PlainObject[]).flatMap((point) => datapointOf(point) ?? []);
  return points.sort((a, b) => a.id - b.id);
}

function datapointOf({ id, mode, type, property }: PlainObject): Datapoint | undefined {
  if (typeof id !== "number" || typeof mode !== "string" || !MODES.includes(mode)) return undefined;
  const details: PlainObject = isPlainObject(property) ? property : {};
  // A raw datapoint has no property of its own.
  const kind = typeof details.type === "string" ? details.type : type === "raw" ? "raw" : undefined;
  if (kind === undefined) return undefined;
  const number = (name: "min" | "max" | "scale" | "step" | "maxlen"): Partial<Datapoint> =>
    Number.isFinite(details[name]) ? { [name]: details[name] } : {};
  const { unit, range } = details;
  return {
    id,
    mode: mode as Datapoint["mode"],
    type: kind,
    ...number("min"),
    ...number("max"),
    ...number("scale"),
    ...number("step"),
    ...number("maxlen"),
    ...(typeof unit === "string" && unit !== "" && { unit }),
    ...(Array.isArray(range) && { range: range.map((item) => String(item)) }),
  };
}

const PAIR = /"ssid":"[^"]+","passwd":"[^"]+"/g;
const NETWORK = /"ssid":"[^"]+","(?:passwd|pwsd)":"[^"]+"/;

/** Names of networks with their passwords, in every page of every copy. */
function countPairs({ blocks }: TuyaRun): number {
  return textOf(blocks.map(({ plain }) => plain)).match(PAIR)?.length ?? 0;
}

function hasNetwork(guards: readonly ProtectedBlock[], parsed: ReadonlyMap<string, Plain>): boolean {
  const guarded = textOf(guards.flatMap(({ entries }) => entries.map(({ raw }) => raw)));
  return NETWORK.test(guarded) || [...parsed.values()].some((value) => NETWORK.test(JSON.stringify(value)));
}

function textOf(parts: readonly Uint8Array[]): string {
  const latin = new TextDecoder("latin1");
  return parts.map((part) => latin.decode(part)).join("");
}

/** Bytes of the file that the storage takes, for maps. */
export function tuyaExtent({ keyAt, blocksAt }: TuyaSettings): { readonly start: number; readonly end: number } {
  const places = [keyAt, ...blocksAt];
  return { start: Math.min(...places), end: Math.max(...places) + TUYA_BLOCK };
}

/**
 * The JSON file beside a backup: of which chip it is, when and by what it was made, and checksums that prove it is still
 * what was read. Builds, writes, reads and checks it; knows no disk, and does not judge what the dump holds (judgeDump.ts).
 */
import { hex32 } from "../base/bytes";
import { crc32 } from "../base/checksum";
import { lengthOf, join, rangeOf, split, type Range } from "../base/ranges";
import { english } from "../base/words";
import { BOOTLOADERS } from "../beken/chips/bootloaders";
import { CHIPS, findChipsById } from "../beken/chips/chips";
import { formatCoefficients } from "../beken/chips/keys";
import { isOwnMac } from "../beken/chips/macAddress";
import type { ChipIdentity, KeyKind } from "../beken/chips/types";

/** Backups are told, stored and summed up in blocks of so many bytes: a fact of manifest and journal, whatever a flash erases at once. */
export const BACKUP_BLOCK = 0x10000;
export const MANIFEST_FORMAT = "beken-flasher-backup";
export const MANIFEST_VERSION = 1;

/** Which device something was read from, as far as it is known. Compared, never trusted: a chip's own CRC decides. */
export interface DeviceMark {
  /** Id in the table of chips. A newer version may know chips that this one does not. */
  readonly chip: string | null;
  /** `AA:BB:CC:DD:EE:FF`. */
  readonly mac: string | null;
  readonly jedecId: string | null;
  /** Bytes of flash. */
  readonly flashSize: number;
  /** CRC-32 of the first 256 bytes of flash, eight upper-case hex digits. */
  readonly bootloader: string | null;
  /** Names the content of the calibration sector (calibrationMark); absent or null where it was not read, or by an older version. */
  readonly calibration?: string | null;
}

/** Bytes of flash that follow each other in the dump file. */
export interface ManifestRange {
  readonly start: number;
  readonly length: number;
}

export interface BackupManifest {
  readonly format: typeof MANIFEST_FORMAT;
  readonly version: typeof MANIFEST_VERSION;
  /** Version of the program that made the backup. */
  readonly tool: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly device: DeviceMark;
  readonly chipName: string | null;
  readonly family: string;
  /** Value of register 0x800000. */
  readonly chipIdRegister: number | null;
  readonly bootloaderName: string | null;
  readonly key: {
    readonly kind: KeyKind;
    /** Only of the keys that are public; a key of the owner's own never leaves the chip this way. */
    readonly coefficients: string | null;
  };
  /** Address of the calibration sector in flash. */
  readonly calibration: number | null;
  /** What of the flash the file holds, in the order of the file. */
  readonly ranges: readonly ManifestRange[];
  /** CRC-32 of each piece of `size` bytes of the file; the last may be shorter. */
  readonly blocks: { readonly size: number; readonly crc32: readonly string[] };
  /** CRC-32 of the whole file. */
  readonly crc32: string;
}

/** An earlier backup that a new one may be made from. */
export interface BaseBackup {
  /** Name of the dump, for messages. */
  readonly name: string;
  /** The flash from address 0. */
  readonly bytes: Uint8Array;
  readonly manifest: BackupManifest;
}

/** Name of the manifest of a dump: beside it, with `.json` after its whole name. */
export function manifestName(dumpName: string): string {
  return `${dumpName}.json`;
}

/** What identifies the device in manifests and journals. */
export function deviceMark(identity: ChipIdentity): DeviceMark {
  const { crc256 } = identity.bootloader;
  return {
    chip: identity.chip?.id ?? null,
    mac: identity.mac ?? null,
    jedecId: identity.flash.jedecId ?? null,
    flashSize: identity.flash.size,
    bootloader: crc256 === undefined ? null : hex32(crc256),
    calibration: identity.calibrationMark ?? null,
  };
}

/**
 * Whether two marks can be of one device. A fact that is unknown on either side says nothing; `other` needs a
 * contradiction. `same` needs equal MAC addresses that are a device's own, and equal calibration: addresses are given twice, and
 * defaults a thousand times. Everything else is `unknown`, a doubt.
 */
export function compareDevices(a: DeviceMark, b: DeviceMark): "same" | "other" | "unknown" {
  const [macA, macB] = [ownMac(a), ownMac(b)];
  const bothOwn = macA !== null && macB !== null;
  if (bothOwn && macA !== macB) return "other";
  const differs = (x: unknown, y: unknown): boolean => x !== null && y !== null && x !== y;
  const marked = bothOwn && isKnown(a.calibration) && a.calibration === b.calibration;
  // What a chip is called depends on its application's key where two chips are of one die.
  if (differs(a.chip, b.chip) && !(marked && sharesDie(a.chip, b.chip))) return "other";
  if (!differs(a.jedecId, b.jedecId) && a.flashSize === b.flashSize) return marked ? "same" : "unknown";
  // Of a marked device another flash part, or a wrong idea of its size, is no contradiction, and no proof either.
  return marked ? "unknown" : "other";
}

/** Whether a device has anything that tells it from all others of its kind. */
export function isMarked(mark: DeviceMark): boolean {
  return compareDevices(mark, mark) === "same";
}

function ownMac({ mac }: DeviceMark): string | null {
  return mac !== null && isOwnMac(mac) ? mac : null;
}

function isKnown(fact: string | null | undefined): boolean {
  return fact !== null && fact !== undefined;
}

/** Chips whose boot code, or whose id register, is the same. */
export function sharesDie(a: string | null, b: string | null): boolean {
  const both = (ids: readonly string[]): boolean => [a, b].every((id) => id !== null && ids.includes(id));
  return (
    BOOTLOADERS.some(({ chips }) => both(chips)) ||
    Object.values(CHIPS).some(({ chipIds }) => chipIds.some((id) => both(findChipsById(id).map((chip) => chip.id))))
  );
}

/**
 * @param data the flash from address 0
 * @param toolVersion version of this program
 */
export function buildManifest(
  identity: ChipIdentity,
  data: Uint8Array,
  toolVersion: string,
  date: Date,
): BackupManifest {
  const { kind, coefficients } = identity.key;
  const { profile } = identity.bootloader;
  const isPublic = kind === "tuya" || kind === "zero";
  return {
    format: MANIFEST_FORMAT,
    version: MANIFEST_VERSION,
    tool: toolVersion,
    date: date.toISOString(),
    device: deviceMark(identity),
    chipName: identity.chip?.name ?? null,
    family: identity.protocol.family,
    chipIdRegister: identity.chipIdRegister ?? null,
    bootloaderName: profile ? english(profile.name) : null,
    key: { kind, coefficients: isPublic && coefficients ? formatCoefficients(coefficients) : null },
    calibration: identity.calibration?.address ?? null,
    ranges: [{ start: 0, length: data.length }],
    blocks: { size: BACKUP_BLOCK, crc32: blockCrcs(data, BACKUP_BLOCK) },
    crc32: hex32(crc32(data)),
  };
}

/** The manifest as the text of its file. */
export function formatManifest(manifest: BackupManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

export interface ManifestCheck {
  /** `equal`: the file is, bit for bit, what was read. */
  readonly verdict: "equal" | "short" | "long" | "damaged";
  /** Flash addresses of the pieces that differ, joined. Empty for `equal`, may be empty for `long`. */
  readonly damaged: readonly Range[];
}

/** Holds a dump against its manifest. */
export function checkManifest(manifest: BackupManifest, data: Uint8Array): ManifestCheck {
  const { size, crc32: expected } = manifest.blocks;
  const total = manifest.ranges.reduce((sum, { length }) => sum + length, 0);
  const bad = expected.flatMap((crc, index): Range[] => {
    const piece = { start: index * size, end: Math.min(total, (index + 1) * size) };
    const whole = piece.end <= data.length;
    return whole && hex32(crc32(data, piece.start, piece.end)) === crc ? [] : [piece];
  });
  const damaged = join(bad.flatMap((piece) => flashRanges(manifest.ranges, piece)));
  if (data.length < total) return { verdict: "short", damaged };
  if (data.length > total) return { verdict: "long", damaged };
  const sound = lengthOf(damaged) === 0 && hex32(crc32(data)) === manifest.crc32;
  return { verdict: sound ? "equal" : "damaged", damaged };
}

function blockCrcs(data: Uint8Array, size: number): string[] {
  return split([rangeOf(0, data.length)], size).map(({ start, end }) => hex32(crc32(data, start, end)));
}

/** Where bytes `piece` of the file are in flash. */
function flashRanges(ranges: readonly ManifestRange[], piece: Range): Range[] {
  let offset = 0;
  return ranges.flatMap(({ start, length }): Range[] => {
    const from = Math.max(piece.start, offset);
    const to = Math.min(piece.end, offset + length);
    const shift = start - offset;
    offset += length;
    return from < to ? [{ start: from + shift, end: to + shift }] : [];
  });
}

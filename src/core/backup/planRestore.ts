/**
 * From a dump and a chip to what a restore writes, leaves alone, warns of and refuses. Pure: the caller makes the
 * segments a plan (planSegments with `planOptions`), shows it and carries it out like any other.
 */
import { hex32 } from "../base/bytes";
import { crc32 } from "../base/checksum";
import { ImageError, PlanError } from "../base/errors";
import { rangeOf, subtract, type Range } from "../base/ranges";
import { words } from "../base/words";
import { geometryOf } from "../beken/chips/strictGeometry";
import type { ChipIdentity } from "../beken/chips/types";
import { APP_PHYSICAL, inferKey } from "../beken/images/appKey";
import { contentOf } from "../beken/images/contentEnd";
import { imageOf } from "../beken/images/recogniseFile";
import type { Segment } from "../beken/images/firmwareImage";
import { shiftOf, straighten } from "../beken/images/shift";
import { judgeDump, type DumpFindingCode, type DumpJudgement } from "./judgeDump";
import { checkManifest, compareDevices, deviceMark } from "./manifest";
import { dumpMarks, placeCalibration } from "./restoreCalibration";
import { dumpRefusals, fitRefusals, restoreDoubts } from "./restoreFit";
import type {
  LeftOut,
  RestoreDump,
  RestoreOptions,
  RestorePlan,
  RestoreTarget,
  RestoreWarning,
  RestoreWarningCode,
  Warn,
} from "./restorePlan";

/** @throws ImageError or PlanError with the first thing that stands against the restore */
export function assertRestorable({ refusals }: Pick<RestorePlan, "refusals">, fileName: string): void {
  const [refusal] = refusals;
  if (!refusal) return;
  const doing = `restore ${fileName}`;
  const context = { file: fileName, ...refusal.context };
  throw refusal.code.startsWith("plan-")
    ? new PlanError(refusal.code, doing, context)
    : new ImageError(refusal.code, doing, context);
}

/**
 * What can be told before any chip is asked.
 * @throws ImageError `backup-worthless`, `backup-damaged`, `backup-not-a-dump`
 */
export function assertSound(file: RestoreDump): void {
  const dump = withoutRest(file);
  assertRestorable({ refusals: dumpRefusals(dump, judgeDump(dump.bytes)) }, dump.name);
}

/** What restoring `dump` to `target` means. Never throws for what is in the dump: see `refusals`. */
export function planRestore(file: RestoreDump, target: RestoreTarget, options: RestoreOptions): RestorePlan {
  const { identity } = target;
  const dump = withoutRest(file);
  const bytes = straighten(dump.bytes);
  const warnings: RestoreWarning[] = [];
  const behind = file.bytes.length - dump.bytes.length;
  if (behind > 0)
    warnings.push({
      code: "bytes-behind-end",
      words: words`The last ${behind} bytes of the file lie behind the flash it was read from: they are not restored.`,
    });
  const judgement = judgeDump(dump.bytes, identity.flash.size);
  const device = deviceOf(dump, bytes, identity);
  const boot = bootLeftOut(bytes, identity, options.allowBootloader, shiftOf(dump.bytes) === "headless");
  const calibration = placeCalibration(bytes, target, device, options.keepCalibration, warnings);
  const leftOut = [...boot, ...calibration.leftOut].filter(({ start }) => start < bytes.length);
  const image = imageOf(dump);
  const doubts = restoreDoubts(dump, image, identity, judgement, boot.length === 0);
  for (const { code, detail } of doubts)
    if (code === "image-chip-unknown")
      warnings.push({ code: "chip-unknown", words: words`Of which chip the backup is cannot be told: ${detail}.` });
  noteRest(dump, bytes, identity, judgement, device, boot.length > 0, warnings);
  return {
    device,
    judgement,
    calibration: calibration.outcome,
    mac: calibration.mac,
    refusals: [
      ...fitRefusals(dump, image, bytes, identity, judgement, options.allowBootloader),
      ...calibration.refusals,
    ],
    warnings,
    doubts,
    segments: [...segmentsOf(bytes, leftOut), ...calibration.segments].sort((a, b) => a.address - b.address),
    leftOut,
    planOptions: {
      allowBootloader: options.allowBootloader,
      geometry: geometryOf(identity),
      calibrationAt: calibration.outcome === "kept" ? identity.calibration?.address : undefined,
    },
  };
}

/** The dump without what a transfer or an editor has put behind it, unless a manifest vouches for that too. */
function withoutRest(file: RestoreDump): RestoreDump {
  const bytes = contentOf(file.bytes);
  const { manifest } = file;
  const isAll =
    bytes === file.bytes || (manifest !== undefined && checkManifest(manifest, file.bytes).verdict === "equal");
  return isAll ? file : { ...file, bytes };
}

/** The dump's own calibration counts for more than what the manifest says. */
function deviceOf({ manifest }: RestoreDump, bytes: Uint8Array, identity: ChipIdentity): RestorePlan["device"] {
  const mark = deviceMark(identity);
  const own = { chip: null, mac: null, jedecId: null, bootloader: null, flashSize: mark.flashSize };
  return compareDevices({ ...own, ...manifest?.device, ...dumpMarks(bytes) }, mark);
}

function bootLeftOut(bytes: Uint8Array, identity: ChipIdentity, allowed: boolean, missing: boolean): LeftOut[] {
  const { bootCodeEnd } = geometryOf(identity);
  return allowed && !missing ? [] : [{ start: 0, end: Math.min(bytes.length, bootCodeEnd), why: words`bootloader` }];
}

function segmentsOf(bytes: Uint8Array, holes: readonly Range[]): Segment[] {
  return subtract([rangeOf(0, bytes.length)], holes).map(({ start, end }) => ({
    address: start,
    data: bytes.subarray(start, end),
    from: words`backup`,
  }));
}

const WARNINGS: Readonly<Partial<Record<DumpFindingCode, RestoreWarningCode>>> = {
  shifted: "put-right",
  "damaged-bootloader": "damaged",
  "damaged-application": "damaged",
};

/** CRC-32 of the first 256 bytes of the flash a dump was read from; undefined when they are not in it. */
function bootFingerprint(file: Uint8Array): number | undefined {
  if (shiftOf(file) === "headless") return undefined;
  const bytes = straighten(file);
  return crc32(bytes, 0, Math.min(256, bytes.length));
}

function noteRest(
  { manifest, bytes: file }: RestoreDump,
  bytes: Uint8Array,
  identity: ChipIdentity,
  judgement: DumpJudgement,
  device: RestorePlan["device"],
  keepsBootloader: boolean,
  warnings: RestoreWarning[],
): void {
  const warn: Warn = (code, told) => void warnings.push({ code, words: told });
  if (!manifest)
    warn(
      "no-manifest",
      words`There is no manifest beside the backup: whether it is still what was read cannot be told.`,
    );
  for (const { code, words: told } of judgement.findings) warn(WARNINGS[code] ?? "suspicious", told);
  if (device === "other")
    warn("other-device", words`The backup is of another device: its settings, Wi-Fi and cloud identity come along.`);
  const part = manifest?.device.jedecId;
  if (part && identity.flash.jedecId && part !== identity.flash.jedecId) {
    warn("other-flash-part", words`The backup is of flash ${part}, this one is ${identity.flash.jedecId}.`);
  }
  if (identity.flash.sizeFrom === "assumed") warn("size-assumed", words`The size of this flash is not known for sure.`);
  const key = inferKey(bytes.subarray(APP_PHYSICAL));
  if (key.kind === "unknown" || identity.key.kind === "unknown") {
    warn(
      "key-unknown",
      words`The encryption key of the chip or of the backup could not be told; they were not compared.`,
    );
  }
  const { crc256 } = identity.bootloader;
  const dumped = bootFingerprint(file);
  if (keepsBootloader && crc256 !== undefined && dumped !== undefined && dumped !== crc256) {
    warn(
      "bootloader-differs",
      words`The boot code of the backup (${hex32(dumped)}) is not the chip's (${hex32(crc256)}), which stays.`,
    );
  }
}

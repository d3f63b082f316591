/**
 * Chips, plans and files as plain data for views: what survives being posted to a webview, with core objects left
 * behind. Values in figures and codes, whose words come from strings.ts; the core's own texts as `say` puts them.
 */
import { BK72XX } from "../core/beken/chips/geometry";
import type { RestorePlan } from "../core/backup/restorePlan";
import type { Range } from "../core/base/ranges";
import { english, type Say } from "../core/base/words";
import type { ChipId, ChipIdentity, KeyKind, Partition } from "../core/beken/chips/types";
import type { FirmwareImage, ImageCheck } from "../core/beken/images/firmwareImage";
import { FORMAT_WORDS } from "../core/beken/images/formatWords";
import type { StartVerdict } from "../core/beken/chips/startVerdict";
import type { FlashPlan } from "../core/plan/flashPlan";
import { plannedFigures, type FlashFigures } from "../core/plan/jobFigures";
import { chipUpdates } from "./chipUpdates";
import { chipYaml } from "./chipYaml";
import type { UpdatesView } from "./dumpView";
import { hex32 } from "./figures";
import { createMap, markRange, type FlashMap } from "./flashMap";

/** Whether a chip starts, and what speaks against it or is not known. */
export interface StartView {
  readonly starts: StartVerdict["starts"];
  /** Clauses, gravest first. */
  readonly reasons: readonly string[];
  /** Boot code is what has to be helped. */
  readonly lacksBootCode: boolean;
  readonly calibration: boolean;
}

export function toStartView({ starts, reasons, calibration }: StartVerdict, say: Say): StartView {
  const lacksBootCode = reasons.some(({ code, weight }) => code.startsWith("boot-code-") && weight !== "open");
  return { starts, reasons: reasons.map(({ words }) => say(words)), lacksBootCode, calibration };
}

export interface ChipView {
  readonly id?: ChipId | undefined;
  /** undefined: linked, but in no table. */
  readonly name?: string | undefined;
  readonly alternatives: readonly string[];
  /** Which program answers: "BK7231N boot ROM". */
  readonly protocol: string;
  readonly family: ChipIdentity["protocol"]["family"];
  readonly bootloader: {
    readonly name?: string | undefined;
    readonly version?: string | undefined;
    readonly crc?: string | undefined;
    readonly note?: string | undefined;
    readonly empty?: "blank" | "zeros" | undefined;
    /** Boot code in flash is all that answers: damage there needs a programmer. */
    readonly isLifeline: boolean;
  };
  readonly chipIdRegister?: string | undefined;
  readonly flash: {
    readonly part?: string | undefined;
    readonly jedecId?: string | undefined;
    readonly size: number;
    readonly sizeFrom: ChipIdentity["flash"]["sizeFrom"];
  };
  readonly statusRegister?: { readonly value: string; readonly words: readonly string[] } | undefined;
  readonly mac?: string | undefined;
  readonly calibration?: { readonly address: number; readonly from: "known" | "scan" } | undefined;
  readonly key: { readonly kind: KeyKind; readonly from: ChipIdentity["key"]["from"] };
  /** More than one kind of key was found: worth a warning. */
  readonly keyContradiction: boolean;
  readonly layout?: { readonly name: string; readonly partitions: readonly Partition[] } | undefined;
  /** Whether it starts as it is. */
  readonly start?: StartView | undefined;
  /** Lines for ESPHome, the board among them; empty where LibreTiny has no board for it. */
  readonly yaml: readonly string[];
  /** Empty where its boot code was not seen. */
  readonly updates: UpdatesView;
}

export function toChipView(identity: ChipIdentity, say: Say): ChipView {
  const { chip, alternatives, protocol, bootloader, chipIdRegister, flash, statusRegister, key, keyEvidence, layout } =
    identity;
  const kinds = new Set((keyEvidence ?? []).map(({ kind }) => kind).filter((kind) => kind !== "unknown"));
  return {
    id: chip?.id,
    name: chip?.name,
    alternatives: (alternatives ?? []).map(({ name }) => name),
    protocol: say(protocol.name),
    family: protocol.family,
    bootloader: {
      name: bootloader.profile && say(bootloader.profile.name),
      version: bootloader.version ?? bootloader.profile?.version,
      crc: bootloader.crc256 === undefined ? undefined : hex32(bootloader.crc256),
      note: bootloader.profile?.note && say(bootloader.profile.note),
      empty: bootloader.empty,
      isLifeline: protocol.bootloaderIsLifeline,
    },
    chipIdRegister: chipIdRegister === undefined ? undefined : hex32(chipIdRegister),
    flash: {
      part: flash.part ? `${flash.part.maker} ${flash.part.name}` : undefined,
      jedecId: flash.jedecId,
      size: flash.size,
      sizeFrom: flash.sizeFrom,
    },
    statusRegister: statusRegister && {
      value: `0x${statusRegister.value
        .toString(16)
        .toUpperCase()
        .padStart(2 * statusRegister.bytes, "0")}`,
      words: statusRegister.words.map(say),
    },
    mac: identity.mac,
    calibration: identity.calibration && { ...identity.calibration },
    key: { kind: key.kind, from: key.from },
    keyContradiction: kinds.size > 1,
    layout: layout && { name: layout.name, partitions: layout.partitions.map(plainPartition) },
    start: identity.start && toStartView(identity.start, say),
    yaml: chipYaml(identity),
    updates: chipUpdates(identity, say),
  };
}

const plainPartition = ({ name, offset, length }: Partition): Partition => ({ name, offset, length });

/** A file in short, as a plan names it. */
export interface ImageBrief {
  readonly fileName: string;
  readonly label: string;
  readonly size: number;
  readonly warnings: readonly string[];
}

export function toImageBrief({ fileName, label, fileSize, warnings }: FirmwareImage, say: Say): ImageBrief {
  return { fileName, label: say(label), size: fileSize, warnings: warnings.map(say) };
}

export interface PlanView {
  readonly kind: "write" | "erase";
  readonly flashSize: number;
  readonly image?: ImageBrief | undefined;
  /** What the file puts where. */
  readonly writes: readonly (Range & { readonly from: string })[];
  /** Whole sectors that are erased. */
  readonly erased: readonly Range[];
  /** Bytes inside erased sectors that are read before and put back after. */
  readonly preserved: readonly Range[];
  readonly protected: readonly (Range & { readonly why: "bootloader" | "calibration" })[];
  /** Boot code that is replaced, which takes more than a yes. */
  readonly bootCode?: Range | undefined;
  /** How much of it; a finished job's `JobFigures` are the same. */
  readonly figures: FlashFigures;
  /** Whether the chip starts afterwards. */
  readonly start?: StartView | undefined;
  /** A yes to the plan is one to that, too. */
  readonly asksAboutStart?: boolean | undefined;
}

export function toPlanView(plan: FlashPlan, image: FirmwareImage | undefined, say: Say): PlanView {
  const erased = plan.sectors.map(plainRange);
  return {
    kind: plan.kind,
    flashSize: plan.flashSize,
    image: image && toImageBrief(image, say),
    writes: plan.writes.map(({ address, data, from }) => ({
      start: address,
      end: address + data.length,
      from: say(from),
    })),
    erased,
    preserved: plan.preserved.map(plainRange),
    protected: plan.protectedRanges.map(({ start, end, why }) => ({ start, end, why })),
    bootCode: bootCodeIn(erased),
    figures: plannedFigures(plan),
    start: plan.start && toStartView(plan.start, say),
    asksAboutStart: plan.asksAboutStart,
  };
}

function bootCodeIn(erased: readonly Range[]): Range | undefined {
  const { bootCodeEnd } = BK72XX;
  const below = erased.filter(({ start }) => start < bootCodeEnd);
  const [first] = below;
  return first && { start: first.start, end: Math.min(bootCodeEnd, below.at(-1)?.end ?? first.end) };
}

const plainRange = ({ start, end }: Range): Range => ({ start, end });

/** What a restore means for this device. */
export interface RestoreView {
  readonly device: RestorePlan["device"];
  readonly calibration: RestorePlan["calibration"];
  /** The MAC address the device has afterwards. */
  readonly mac?: string | undefined;
  readonly warnings: readonly string[];
}

export function toRestoreView({ device, calibration, mac, warnings }: RestorePlan, say: Say): RestoreView {
  return { device, calibration, mac, warnings: warnings.map(({ words }) => say(words)) };
}

export interface CheckView {
  readonly name: string;
  readonly verdict: ImageCheck["verdict"];
  readonly detail?: string | undefined;
}

/** A firmware file in full, for the image viewer. */
export interface ImageView {
  readonly fileName: string;
  readonly fileSize: number;
  /** What kind of file it is, in words. */
  readonly format: string;
  readonly label: string;
  /** Names of chips, as ids in upper case; empty: the file names none. */
  readonly chips: readonly string[];
  readonly key?: { readonly kind: KeyKind; readonly coefficients?: string | undefined } | undefined;
  readonly segments: readonly (Range & { readonly from: string })[];
  readonly checks: readonly CheckView[];
  readonly warnings: readonly string[];
  readonly details: readonly { readonly name: string; readonly value: string }[];
  /** The flash with what the file writes marked `planned`; undefined when it writes nothing. */
  readonly map?: FlashMap | undefined;
}

/** What is inside an archive that holds firmware, for the image viewer. */
export interface ArchiveView {
  readonly fileName: string;
  /** Firmware, and what passes for it; each by its path in the archive. */
  readonly files: readonly { readonly path: string; readonly label: string; readonly size: number }[];
  /** How many other files there are. */
  readonly others: number;
  /** What could not be read, a sentence each. */
  readonly unread: readonly string[];
  /** Path of the file that is shown. */
  readonly chosen?: string | undefined;
}

/** @param unread localised */
export function toArchiveView(
  fileName: string,
  files: readonly { readonly path: string; readonly image: FirmwareImage }[],
  unread: readonly string[],
  chosen: string | undefined,
  say: Say,
): ArchiveView {
  const firmware = files.filter(({ image }) => image.format !== "foreign");
  return {
    fileName,
    files: firmware.map(({ path, image }) => ({ path, label: say(image.label), size: image.fileSize })),
    others: files.length - firmware.length,
    unread,
    chosen,
  };
}

/** Facts that a viewer has in places of their own: the key, and what goes where. */
const SHOWN_ELSEWHERE: readonly string[] = ["Key", "Writes"];

/**
 * @param layout the partitions to draw the file on, and the size of the flash they describe
 */
export function toImageView(
  image: FirmwareImage,
  layout: { readonly flashSize: number; readonly partitions: readonly Partition[] } | undefined,
  say: Say,
): ImageView {
  const segments = image.segments.map(({ address, data, from }) => ({
    start: address,
    end: address + data.length,
    from: say(from),
  }));
  const highest = Math.max(0, ...segments.map(({ end }) => end));
  const { key } = image;
  return {
    fileName: image.fileName,
    fileSize: image.fileSize,
    format: say(FORMAT_WORDS[image.format]),
    label: say(image.label),
    chips: image.chips === "any" ? [] : image.chips.map((id) => id.toUpperCase()),
    key: key && { kind: key.kind, coefficients: key.coefficients?.map((word) => hex32(word).toLowerCase()).join(" ") },
    segments,
    checks: image.checks.map(({ name, verdict, detail }) => ({
      name: say(name),
      verdict,
      ...(detail === undefined ? {} : { detail: say(detail) }),
    })),
    warnings: image.warnings.map(say),
    details: image.details
      .filter(({ name }) => !SHOWN_ELSEWHERE.includes(english(name)))
      .map(({ name, value }) => ({ name: say(name), value: say(value) })),
    map: segments.length === 0 ? undefined : mapOf(segments, highest, layout),
  };
}

/** The smallest usual flash that holds the file. */
function mapOf(
  segments: readonly Range[],
  highest: number,
  layout: { readonly flashSize: number; readonly partitions: readonly Partition[] } | undefined,
): FlashMap {
  let size = layout?.flashSize ?? 0x200000;
  while (size < highest) size *= 2;
  const empty = createMap(size, layout?.partitions.map(plainPartition) ?? []);
  return segments.reduce((map, segment) => markRange(map, segment, "planned"), empty);
}

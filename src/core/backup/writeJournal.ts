/**
 * Going on with a write that was interrupted. What the chip holds tells by CRC which sectors are right already; what it
 * cannot tell is what the file does not own of sectors that were erased. Those bytes are in this journal, stored before
 * the first erase. Pure: the caller owns the file, appends and flushes.
 */
import { hex32 } from "../base/bytes";
import { crc32, crc32Raw, CRC32_START, fnv1a } from "../base/checksum";
import { contains, rangeOf, split, type Range } from "../base/ranges";
import { words } from "../base/words";
import { LARGEST_SECTOR } from "../beken/chips/strictGeometry";
import type { LiftedInDoubt } from "../driver/liftedProtection";
import type { FlashPlan } from "../plan/flashPlan";
import { preservedSectors } from "../plan/planWrite";
import {
  FieldError,
  LARGEST_FLASH,
  fieldsOf,
  listField,
  numberField,
  optional,
  textField,
  type Fields,
} from "./untrustedFields";
import { journalLine, orNothing, readJournalLines } from "./journal";
import { compareDevices, type DeviceMark } from "./manifest";
import { markOf } from "./parseManifest";

const FORMAT = "beken-flasher-write-journal";
const VERSION = 1;
const MOST_KEPT = 0x4000;
/** Of the chips whose journals do not say how large their sectors are. */
const UNSAID_SECTOR = 0x1000;

/** What an interrupted write left behind, as far as its journal tells. */
export interface WriteResume {
  /**
   * What preserved sectors held before the interrupted job touched them. Only of sectors that may have been erased: any
   * other is read from the chip again, which may have changed it since.
   */
  readonly kept: ReadonlyMap<number, Uint8Array>;
  /** Sectors said to be done. Worth nothing until the chip's CRC of each has agreed. */
  readonly claimed: readonly number[];
  /** Those of `kept` that were whole on the chip again when the job was interrupted. */
  readonly proven?: ReadonlySet<number>;
  /** What the status register held before an interrupted job lifted the flash's protection, where it was not put back. */
  readonly protection?: number;
  /** The same of jobs on this device, or on another of its kind: nothing tells which. */
  readonly inDoubt?: readonly LiftedInDoubt[];
}

const fingerprints = new WeakMap<FlashPlan, string>();

/** Names a plan by everything it writes and where: a changed file or place is another plan. */
export function planFingerprint(plan: FlashPlan): string {
  const known = fingerprints.get(plan) ?? fingerprintOf(plan);
  fingerprints.set(plan, known);
  return known;
}

function fingerprintOf(plan: FlashPlan): string {
  const shape = plan.writes.map(({ address, data }) => [address, data.length, crc32(data), fnv1a(data)]);
  const text = new TextEncoder().encode(
    JSON.stringify([plan.kind, plan.flashSize, plan.sectors, plan.preserved, shape]),
  );
  return `${hex32(crc32Raw(text, CRC32_START))}${hex32(fnv1a(text))}`;
}

/**
 * The first lines: device, plan, and the sectors of which some bytes are kept. Must be on disk before the first erase.
 * @param plan the whole plan, not narrowed
 * @param before what {@link preservedSectors} held, whole sectors, by address
 * @param pid of the process that is at work on it
 * @param touched of a resumed job: sectors of which `before` comes from the journal it replaces, not from the chip
 */
export function startWriteJournal(
  device: DeviceMark,
  fileName: string,
  plan: FlashPlan,
  before: ReadonlyMap<number, Uint8Array>,
  touched: Iterable<number> = [],
  pid?: number,
): string {
  const kept = preservedSectors(plan).flatMap((address) => {
    const content = before.get(address);
    return content ? [{ address, content: toBase64(content), crc32: hex32(crc32(content)) }] : [];
  });
  const { sector } = plan.geometry;
  const fingerprint = planFingerprint(plan);
  const head = { format: FORMAT, version: VERSION, device, file: fileName, plan: fingerprint, sector, kept, pid };
  return [journalLine(head), ...Array.from(touched, (address) => erasingLine(rangeOf(address, sector)))].join("");
}

/** Appended and flushed before the erase is sent. */
export function erasingLine({ start, end }: Range): string {
  return journalLine({ erasing: start, length: end - start });
}

/** Appended after the sector was programmed. */
export function doneLine(address: number, proven = false): string {
  return journalLine(proven ? { done: address, proven } : { done: address });
}

/** Appended to the journal of an earlier write once a later one has stored what the sector holds now, which counts from then on. */
export function newerLine(address: number): string {
  return journalLine({ newer: address });
}

/**
 * Appended and flushed before the flash's protection is lifted, and once it is back.
 * @param status what the register holds, both bytes; undefined: as it was again
 */
export function protectionLine(status: number | undefined): string {
  return journalLine({ protection: status ?? null });
}

/** Number of the process that wrote a journal; undefined where it does not say. */
export function processOf(journal: string): number | undefined {
  const pid = readJournalLines(journal).facts[0]?.["pid"];
  return typeof pid === "number" ? pid : undefined;
}

/** What an interrupted write to `device`, whatever it wrote, found in the status register and has not put back. */
export function protectionLifted(journal: string, device: DeviceMark): number | undefined {
  return read(journal, device)?.protection;
}

/**
 * What a write of `plan` to `device` can go on from; undefined when the journal is of another device or plan, or useless.
 * A damaged journal counts every sector of the plan as touched: its kept bytes are then the ones to use.
 */
export function resumeWrite(journal: string, device: DeviceMark, plan: FlashPlan): WriteResume | undefined {
  const found = read(journal, device);
  if (!found || found.plan !== planFingerprint(plan)) return undefined;
  const { sector } = plan.geometry;
  const inPlan = (address: number): boolean =>
    address % sector === 0 && plan.sectors.some((range) => contains(range, rangeOf(address, sector)));
  return {
    kept: new Map([...found.touched].filter(([address]) => inPlan(address))),
    claimed: [...new Set(found.done)].filter(inPlan).sort((a, b) => a - b),
    proven: found.proven,
    ...(found.protection !== undefined && { protection: found.protection }),
  };
}

/**
 * What is only in the journal of an interrupted write to `device`, whatever file that was of: the content of sectors that
 * it may have erased, by address. undefined when the journal is of another device, or useless.
 */
export function keptByWrite(journal: string, device: DeviceMark): ReadonlyMap<number, Uint8Array> | undefined {
  return read(journal, device)?.touched;
}

/** Sectors of {@link keptByWrite} that were whole on the chip again when the job was interrupted. */
export function provenByWrite(journal: string, device: DeviceMark): ReadonlySet<number> {
  return read(journal, device)?.proven ?? new Set();
}

/** As {@link protectionLifted}, where the write may have been to `device`, and as well to another one of its kind. */
export function mayBeLifted(
  journal: string,
  device: DeviceMark,
  plan: FlashPlan,
): Omit<LiftedInDoubt, "journal"> | undefined {
  const { protection, done = [], plan: its } = read(journal, device, true) ?? {};
  return protection === undefined
    ? undefined
    : { protection, claimed: its === planFingerprint(plan) ? [...new Set(done)] : [] };
}

/** True where a journal has bytes that may be of `device`, and as well of another one of its kind. */
export function mayHaveKept(journal: string, device: DeviceMark): boolean {
  return (read(journal, device, true)?.touched.size ?? 0) > 0;
}

interface Journal {
  readonly plan: string;
  /** Of all that was kept, what may have been erased. */
  readonly touched: ReadonlyMap<number, Uint8Array>;
  readonly done: readonly number[];
  /** Done and shown to be, and not erased again since, as far as every line behind that is sound. */
  readonly proven: ReadonlySet<number>;
  readonly protection: number | undefined;
}

interface Step {
  readonly erasing?: Range;
  readonly done?: number;
  readonly proven?: boolean;
  readonly newer?: number;
  readonly protection?: number | null;
}

function read(journal: string, device: DeviceMark, doubtful = false): Journal | undefined {
  const [head, ...rest] = readJournalLines(journal).lines;
  const begun = head && orNothing(() => headOf(head, device, doubtful));
  if (!begun) return undefined;
  const steps = rest.map((fact) => fact && orNothing(() => stepOf(fact)));
  const unsure = steps.includes(undefined);
  const erasing = steps.flatMap((step) => (step?.erasing ? [step.erasing] : []));
  const newer = new Set(steps.map((step) => step?.newer));
  const touched = (address: number): boolean =>
    !newer.has(address) && (unsure || erasing.some((range) => contains(range, rangeOf(address, begun.sector))));
  return {
    plan: begun.plan,
    touched: new Map([...begun.kept].filter(([address]) => touched(address))),
    done: steps.flatMap((step) => (step?.done === undefined ? [] : [step.done])),
    proven: provenOf(steps, begun.sector),
    protection: steps.findLast((step) => step?.protection !== undefined)?.protection ?? undefined,
  };
}

function provenOf(steps: readonly (Step | undefined)[], sector: number): ReadonlySet<number> {
  const proven = new Set<number>();
  for (const step of steps) {
    // A damaged line may be of an erase: of any sector.
    if (!step) proven.clear();
    else if (step.done !== undefined && step.proven === true) proven.add(step.done);
    else if (step.erasing) for (const { start } of split([step.erasing], sector)) proven.delete(start);
  }
  return proven;
}

function headOf(
  fields: Fields,
  device: DeviceMark,
  doubtful: boolean,
): { readonly plan: string; readonly sector: number; readonly kept: ReadonlyMap<number, Uint8Array> } {
  if (fields["format"] !== FORMAT || fields["version"] !== VERSION) throw new FieldError("it is no journal of a write");
  const plan = textField(fields, "plan", /^[0-9A-F]{16}$/);
  const other = compareDevices(markOf(fieldsOf(fields["device"], "device")), device);
  // Its bytes are written to the chip: a doubt is too much.
  if (other !== (doubtful ? "unknown" : "same")) throw new FieldError("it is of another device, or may be");
  const length = optional(fields, "sector", (all, name) => numberField(all, name, 1, LARGEST_SECTOR)) ?? UNSAID_SECTOR;
  const kept = new Map<number, Uint8Array>();
  for (const value of listField(fields, "kept", MOST_KEPT)) {
    const sector = fieldsOf(value, words`a kept sector`);
    const content = fromBase64(sector["content"], length);
    if (hex32(crc32(content)) !== textField(sector, "crc32", /^[0-9A-F]{8}$/))
      throw new FieldError("a kept sector is damaged");
    kept.set(numberField(sector, "address", 0, LARGEST_FLASH), content);
  }
  return { plan, sector: length, kept };
}

function stepOf(fields: Fields): Step {
  if (Object.hasOwn(fields, "protection"))
    return { protection: optional(fields, "protection", (all, name) => numberField(all, name, 0, 0xffff)) };
  if (Object.hasOwn(fields, "done"))
    return { done: numberField(fields, "done", 0, LARGEST_FLASH), proven: fields["proven"] === true };
  if (Object.hasOwn(fields, "newer")) return { newer: numberField(fields, "newer", 0, LARGEST_FLASH) };
  return {
    erasing: rangeOf(numberField(fields, "erasing", 0, LARGEST_FLASH), numberField(fields, "length", 1, LARGEST_FLASH)),
  };
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** One sector. @throws FieldError */
function fromBase64(text: unknown, length: number): Uint8Array {
  if (typeof text === "string" && text.length === 4 * Math.ceil(length / 3) && /^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    if (bytes.length === length) return bytes;
  }
  throw new FieldError("a kept sector is no base64 of as many bytes");
}

/**
 * Whether a device is one for the round: told by its marks, by the chip and key of the first device, and by what would be written. Pure.
 * What differs from what the person agreed to is refused; nothing is guessed.
 */
import { compareDevices, deviceMark, sharesDie, type DeviceMark } from "../backup/manifest";
import { planFingerprint } from "../backup/writeJournal";
import { ascii, hex32 } from "../base/bytes";
import { crc32 } from "../base/checksum";
import { words, type Words } from "../base/words";
import { isOwnMac } from "../beken/chips/macAddress";
import type { ChipIdentity } from "../beken/chips/types";
import { formatCoefficients } from "../beken/chips/keys";
import type { FlashPlan } from "../plan/flashPlan";
import { isDone, type RoundEntry, type RoundLedger, type RoundRules } from "./roundLedger";

/** What a round has against a device, as a word for programs and a sentence for people. */
export interface RoundObjection {
  readonly code: "device-unmarked" | "round-other-chip" | "round-other-key" | "round-other-plan" | "round-other-device";
  readonly words: Words;
}

const UNMARKED = "device-unmarked";

/** The rules that follow from the first device and its plan. */
export function rulesFrom(chip: ChipIdentity, plan: FlashPlan): RoundRules {
  return { chip: chip.chip?.id ?? null, key: keyName(chip), plan: planFingerprint(plan) };
}

/** What this very device, as far as anything tells, has been through in the round, the latest last. */
export function pastOf({ entries }: RoundLedger, mark: DeviceMark): readonly RoundEntry[] {
  return entries.filter(({ device }) => mayBeSame(device, mark));
}

/**
 * The entry of a device that has the file already; it is never written again by accident. What was refused has changed nothing; what
 * failed after it, when the person had it flashed again, has.
 */
export function doneBefore(ledger: RoundLedger, mark: DeviceMark): RoundEntry | undefined {
  const last = pastOf(ledger, mark).findLast(({ result }) => result !== "refused");
  return last !== undefined && isDone(last) ? last : undefined;
}

/** Of each device the entry that says what is on it: its last, or the last but refusals where there is another. In order of meeting. */
export function latestOf({ entries }: RoundLedger): readonly RoundEntry[] {
  const latest: RoundEntry[] = [];
  for (const entry of entries) {
    // Nothing tells it from any other: each is one more.
    const isOneMore = entry.code === UNMARKED || entry.isAnother === true;
    const at = isOneMore ? -1 : latest.findLastIndex((known) => isSameAs(known, entry));
    const known = latest[at];
    if (known === undefined) latest.push(entry);
    else if (entry.result !== "refused" || known.result === "refused") latest[at] = entry;
  }
  return latest;
}

function isSameAs(known: RoundEntry, { device }: RoundEntry): boolean {
  return known.code !== UNMARKED && mayBeSame(known.device, device);
}

/** How many devices have the file, each counted once however often it was flashed. */
export function devicesDone(ledger: RoundLedger): number {
  return latestOf(ledger).filter(isDone).length;
}

/** Asked before anything is planned. */
export function objectionToDevice(rules: RoundRules | null, chip: ChipIdentity): RoundObjection | undefined {
  if (!isTold(deviceMark(chip))) {
    const told = words`nothing tells this device from others of its kind: it has no calibration and no address of its own`;
    return { code: UNMARKED, words: told };
  }
  if (rules === null) return undefined;
  const id = chip.chip?.id ?? null;
  const isOtherKey = keyName(chip) !== rules.key;
  // Chips of one die have their names by their keys.
  if (isOtherKey && (id === rules.chip || sharesDie(id, rules.chip)))
    return { code: "round-other-key", words: words`this device has another key than the first of the round` };
  if (id === rules.chip && !isOtherKey) return undefined;
  const told = words`the devices of this round are of another chip: ${rules.chip ?? "?"}, this is ${id ?? "?"}`;
  return { code: "round-other-chip", words: told };
}

/** Asked once the plan is there. */
export function objectionToPlan(rules: RoundRules, plan: FlashPlan): RoundObjection | undefined {
  if (planFingerprint(plan) === rules.plan) return undefined;
  const told = words`what would be written to this device is not what was agreed to with the first of the round`;
  return { code: "round-other-plan", words: told };
}

/** Whether two marks may be of one device: a doubt counts as the same one, so that none is written twice. */
export function mayBeSame(a: DeviceMark, b: DeviceMark): boolean {
  const verdict = compareDevices(a, b);
  if (verdict !== "unknown") return verdict === "same";
  if (a.mac !== null && a.mac === b.mac && isOwnMac(a.mac)) return true;
  const [calibrationA, calibrationB] = [a.calibration ?? null, b.calibration ?? null];
  return calibrationA === null || calibrationB === null || calibrationA === calibrationB;
}

/** Whether nothing but a doubt speaks for one device: what is on the chip says more then. */
export function isDoubtful(a: DeviceMark, b: DeviceMark): boolean {
  return mayBeSame(a, b) && compareDevices(a, b) !== "same";
}

/** Whether there is anything to tell it by: an address of its own, or calibration, which no two devices share. */
function isTold({ mac, calibration }: DeviceMark): boolean {
  return (mac !== null && isOwnMac(mac)) || (calibration ?? null) !== null;
}

/** Keys of the owner's own are told apart and not shown: a checksum stands for them. */
function keyName({ key: { kind, coefficients } }: ChipIdentity): string {
  if (kind !== "other" || coefficients === undefined) return kind;
  return `other ${hex32(crc32(ascii(formatCoefficients(coefficients))))}`;
}

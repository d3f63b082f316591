/** Events and figures in words, for people at a terminal. */
import {
  describeIdentity,
  english,
  hexAddress,
  type DumpJudgement,
  type FirmwareImage,
  type FlashPlan,
  type JobEvent,
  type Phase,
  type RestorePlan,
  type StartVerdict,
} from "../../core/index";
import { formatBytes, formatTook } from "../../shared/figures";

export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  identify: "Identifying",
  preserve: "Keeping what stays",
  compare: "Comparing with the chip",
  erase: "Erasing",
  write: "Writing",
  verify: "Verifying",
  read: "Reading",
  check: "Checking against the chip",
  scan: "Looking for calibration",
  repair: "Repairing",
  reboot: "Rebooting",
  starts: "Checking that it runs",
  backup: "Backing up first",
  "backup-check": "Checking the backup",
};

/** Lines for an event that is worth one; progress and linking are drawn elsewhere. */
export function eventWords(event: JobEvent): string[] {
  switch (event.type) {
    case "linked":
      return [`Linked after ${formatTook(event.afterMs)} (${event.by}).`];
    case "identified":
      return [
        `Chip: ${event.chip.chip?.name ?? "unknown"}, ${english(event.chip.protocol.name)}, ${event.baudRate} baud.`,
      ];
    case "planned":
      return planWords(event.plan, event.image);
    case "narrowed":
      return event.skipped.length === 0
        ? []
        : [
            `On the chip already: ${formatBytes(event.skipped.reduce((sum, { start, end }) => sum + end - start, 0))}; only the rest is written.`,
          ];
    case "note":
      return [noteWords(event)];
    case "restore-planned":
      return restoreWords(event.restore);
    case "backup-planned":
      return [
        `First a backup of all ${formatBytes(event.length)}.${event.needsReset ? " After it the chip must be power-cycled once more." : ""}`,
      ];
    case "linking":
    case "replugging":
    case "kept":
    case "erasing":
    case "unprotecting":
    case "sector-done":
    case "block":
    case "phase-started":
    case "progress":
    case "phase-finished":
      return [];
  }
}

/** What the driver says of an adapter that is gone is no help to a person. */
function noteWords({ code, words, context: { detail, actual } }: Extract<JobEvent, { type: "note" }>): string {
  const facts = code === "adapter-lost" ? undefined : (detail ?? actual);
  return facts === undefined ? english(words) : `${english(words)} ${english(facts)}`;
}

export function planWords(plan: FlashPlan, image: FirmwareImage | undefined): string[] {
  const lines = image ? [`File: ${image.fileName}, ${english(image.label)}.`] : [];
  for (const write of plan.writes) {
    const end = write.address + write.data.length;
    lines.push(
      `  write  ${hexAddress(write.address)}-${hexAddress(end)}  ${formatBytes(write.data.length)}  ${english(write.from)}`,
    );
  }
  for (const { start, end } of plan.sectors)
    lines.push(`  erase  ${hexAddress(start)}-${hexAddress(end)}  ${formatBytes(end - start)}`);
  for (const { start, end } of plan.preserved)
    lines.push(`  keep   ${hexAddress(start)}-${hexAddress(end)}  ${formatBytes(end - start)}`);
  for (const { start, end, why } of plan.protectedRanges)
    lines.push(`  never  ${hexAddress(start)}-${hexAddress(end)}  ${why}`);
  return plan.start ? [...lines, ...afterwardsWords(plan.start)] : lines;
}

/** Of a plan: only what is worth a word. */
function afterwardsWords(start: StartVerdict): string[] {
  const told = start.starts === "yes" ? [] : [`Afterwards it ${startWords(start)}.`];
  return start.calibration ? told : [...told, NO_CALIBRATION];
}

/** After "it" or a name. */
export function startWords({ starts, reasons }: StartVerdict): string {
  const why = reasons.map(({ words }) => english(words)).join("; ");
  const heads = {
    yes: "starts, as far as boot code and application tell",
    no: "does not start",
    unknown: "may or may not start",
  };
  return why === "" ? heads[starts] : `${heads[starts]}: ${why}`;
}

export const NO_CALIBRATION =
  "No calibration was found on this chip: without it the radio works badly or not at all. A backup of this very device brings it back.";

/** What a restore means for this device; the plan itself comes after it. */
export function restoreWords({ device, calibration, mac, warnings, leftOut }: RestorePlan): string[] {
  const whose = {
    same: "of this very device",
    other: "of another device",
    unknown: "of a device that cannot be told from this one",
  }[device];
  const kept = {
    kept: "This device's calibration stays",
    written: "The calibration comes from the backup",
    none: "There is no calibration",
  }[calibration];
  return [
    `The backup is ${whose}.`,
    `${kept}${mac === undefined ? "" : `; MAC address afterwards ${mac}`}.`,
    ...leftOut.map(({ start, end, why }) => `  leave  ${hexAddress(start)}-${hexAddress(end)}  ${english(why)}`),
    ...warnings.map(({ words }) => `Warning: ${english(words)}`),
  ];
}

/** The copy is exact either way; what it is a copy of may not be worth keeping. */
export function judgementWords({ verdict, findings }: DumpJudgement): string[] {
  if (verdict === "good") return ["It holds boot code, an application and calibration: a good backup."];
  const title = verdict === "worthless" ? "This backup is worthless:" : "This backup is suspicious:";
  return [title, ...findings.map(({ words }) => `  ${english(words)}`)];
}

export function identityWords(identity: Parameters<typeof describeIdentity>[0]): string[] {
  const { start } = identity;
  const lines = [...describeIdentity(identity), ...(start ? [{ name: "Starts", value: startsWords(start) }] : [])];
  const width = Math.max(...lines.map(({ name }) => name.length));
  return lines.map(({ name, value }) => `${name.padEnd(width)}  ${value}`);
}

function startsWords({ starts, reasons }: StartVerdict): string {
  const why = reasons.map(({ words }) => english(words)).join("; ");
  const heads = {
    yes: "yes, as far as boot code and the beginning of the application tell",
    no: "no",
    unknown: "not known",
  };
  return why === "" ? heads[starts] : `${heads[starts]}: ${why}`;
}

/**
 * A plan as a person reads it before saying yes: what speaks against it, how much is erased, sent and kept, and how long
 * that takes. Where it all goes is the dashboard's to show. Pure.
 */
import type { ChipIdentity, DumpJudgement, FirmwareImage, FlashPlan, RestorePlan } from "../../core/index";
import { formatBytes, hexRange } from "../../shared/figures";
import type { BackupView, BuiltForView } from "../../shared/jobState";
import { planSummary, type PlannedJob } from "../../shared/planSummary";
import { startWarnings } from "../../shared/startText";
import { toChipView, toPlanView, type PlanView } from "../../shared/views";
import { chipName } from "./chipFacts";
import { localised, say, t } from "./l10n";

export interface PlanText {
  readonly title: string;
  readonly lines: readonly string[];
  readonly button: string;
  /** Something may be lost, or is not meant for this device: worth another look than an everyday flash. */
  readonly isGrave: boolean;
  /** The lines are no more than what is copied first, the amounts and the time: nothing in it has to be weighed. */
  readonly isPlain: boolean;
}

/** What the build's own metadata says it was made for. */
export interface BuiltFor {
  readonly device: string;
  readonly chip: string | undefined;
  readonly board: string | undefined;
}

/** What a plan is asked about with. */
export interface PlanQuestion {
  readonly plan: FlashPlan;
  readonly chip: ChipIdentity;
  readonly image: FirmwareImage | undefined;
  readonly builtFor?: BuiltFor | undefined;
  readonly restore?: RestorePlan | undefined;
  readonly backup?: BackupView | undefined;
  readonly job?: PlannedJob | undefined;
}

export function planText(question: PlanQuestion, portLabel: string): PlanText {
  const { plan, chip, image, builtFor, restore, backup, job } = question;
  const view = toPlanView(plan, image, say);
  const name = chipName(toChipView(chip, say));
  const starts = startWarnings(view.start, localised());
  const careful = builtForView(builtFor, chip)?.careful;
  const lines = [
    ...(starts.length === 0 ? [] : [...starts.map((line) => t("Careful: {0}", line)), ""]),
    ...(careful === undefined ? [] : [careful, ""]),
    ...(backup === undefined ? [] : [...backupLines(backup), ""]),
    ...(restore === undefined ? [] : [...restoreLines(restore), ""]),
    ...bootCodeLines(view),
    ...planSummary(view, job, localised()),
    ...(image?.warnings ?? []).map((warning) => t("Note: {0}", say(warning))),
  ];
  const isElsewhere = restore?.device === "other" || careful !== undefined;
  const againstBetterKnowledge = view.asksAboutStart === true || isDamaged(restore);
  const isGrave = plan.kind === "erase" || isElsewhere || view.bootCode !== undefined || againstBetterKnowledge;
  const button = (usual: string): string => (againstBetterKnowledge ? t("Write All the Same") : usual);
  if (restore !== undefined) {
    const title = t("Restore the backup to the {0} on {1}?", name, portLabel);
    return { title, lines, button: button(t("Restore")), isGrave, isPlain: false };
  }
  if (plan.kind === "erase") {
    const size = formatBytes(view.figures.bytesErased);
    const title = t("Erase {0} of the {1} on {2}?", size, name, portLabel);
    return { title, lines, button: t("Erase"), isGrave, isPlain: false };
  }
  const file = fileLabel(image?.fileName ?? "", builtFor);
  return {
    title: t("Flash {0} to the {1} on {2}?", file, name, portLabel),
    lines,
    button: button(t("Flash")),
    isGrave,
    isPlain: !isGrave && starts.length === 0 && (image?.warnings ?? []).length === 0,
  };
}

/** Whose backup it is, what becomes of calibration, and what the core warns of. */
function restoreLines({ device, calibration, warnings }: RestorePlan): readonly string[] {
  const whose = {
    same: t("The backup is of this very device."),
    other: t("Careful: the backup is of another device."),
    unknown: t("Whether the backup is of this device cannot be told."),
  };
  const kept = {
    kept: t("Calibration and MAC address of this device stay."),
    written: t("Calibration and MAC address come from the backup."),
    none: t("There is no calibration on either side."),
  };
  return [
    whose[device],
    kept[calibration],
    ...warnings.map(({ code, words }) =>
      code === "damaged" ? t("Careful: {0}", say(words)) : t("Note: {0}", say(words)),
    ),
  ];
}

/** Its yes is the word that it takes to write damaged code. */
function isDamaged(restore: RestorePlan | undefined): boolean {
  return restore?.doubts.some(({ code }) => code === "backup-unsound") ?? false;
}

/** `firmware.uf2` is every build's name: the device says which one it is. */
export function fileLabel(fileName: string, builtFor: BuiltFor | undefined): string {
  return builtFor === undefined ? fileName : `${builtFor.device} (${fileName})`;
}

/** The build's metadata beside the chip on the wire; undefined where the build says nothing. */
export function builtForView(builtFor: BuiltFor | undefined, { chip }: ChipIdentity): BuiltForView | undefined {
  if (builtFor === undefined || (builtFor.chip === undefined && builtFor.board === undefined)) return undefined;
  const target = [builtFor.board, builtFor.chip].filter((part) => part !== undefined).join(", ");
  const words = t("Built for: {0}", target);
  const wanted = builtFor.chip?.toLowerCase();
  if (wanted === undefined || chip === undefined || chip.runs.some((id) => id === wanted)) return { words };
  const careful = t("Careful: the build is for {0}, but the chip on the wire is {1}.", builtFor.chip ?? "", chip.name);
  return { words, careful };
}

function bootCodeLines({ bootCode }: PlanView): readonly string[] {
  if (bootCode === undefined) return [];
  const range = hexRange(bootCode.start, bootCode.end);
  return [t("Careful: the boot code, {0}, is replaced too. A copy of what is there is saved first.", range), ""];
}

/** What is wrong with a backup, in one sentence. */
export function doubtTitle({ verdict }: DumpJudgement): string {
  return verdict === "worthless"
    ? t("This backup is worthless: no device could run on it.")
    : t("This backup is suspicious: something that a whole flash has is missing.");
}

/** What comes before the plan. */
function backupLines({ length, folder = "", needsReset }: BackupView): readonly string[] {
  return [
    t("First a backup: all {0} are saved to {1}, checked against the chip.", formatBytes(length), folder),
    ...(needsReset ? [t("After it you are asked to power-cycle the chip once more.")] : []),
  ];
}

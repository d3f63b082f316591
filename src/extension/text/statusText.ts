/** What a job or a port looks like in one line: status bar, tree and notification say the same. Pure. */
import { linkTask } from "../../shared/coach";
import { formatDuration, formatPercent, formatSpeed } from "../../shared/figures";
import { hasPlug, type JobPort, type JobState } from "../../shared/jobState";
import { localised, t } from "./l10n";
import { labelText } from "./plainText";

export interface JobLine {
  /** Without icon: "Write 43%". */
  readonly text: string;
  /** Speed and time left, when known. */
  readonly detail: string | undefined;
  /** 0..1. */
  readonly share: number;
}

export function jobLine(job: JobState): JobLine {
  const words = localised();
  switch (job.status) {
    case "queued":
      return { text: t("Opening the port"), detail: undefined, share: 0 };
    case "linking":
      return {
        text: waitText(job),
        detail: job.link && t("{0} left", formatDuration(job.link.limitMs - job.link.elapsedMs)),
        share: job.overall,
      };
    case "approval":
      return { text: t("Waiting for your approval"), detail: undefined, share: job.overall };
    case "running": {
      const active = job.phases.find(({ state }) => state === "active");
      const name = active === undefined ? words.status.running : words.phase[active.phase];
      return { text: `${name} ${formatPercent(job.overall)}`, detail: speedOf(job), share: job.overall };
    }
    case "succeeded":
    case "failed":
    case "cancelled":
      return { text: words.status[job.status], detail: undefined, share: job.overall };
  }
}

function waitText({ link, port }: JobState): string {
  switch (linkTask(link, port.practice === true)) {
    case "replug":
      return t("Plug the adapter in again");
    case "joined":
      return t("TX and RX are joined or swapped");
    case "crossed":
      return t("RX hears nothing: check the wires");
    case "speed":
      if (link?.rate?.orSlower === true) return t("Only zeros arrive: check power and wires");
      return t("Something sends at {0} baud", String(link?.rate?.baud ?? ""));
    case "held":
      return t("A line holds the chip in reset");
    case "prints":
      return t("Power-cycle the chip now");
    case "heard":
      if (link?.wire === "silence") return t("Nothing heard: check the wires");
      return link?.wire === "noise" ? t("Unreadable bytes: check the wires") : t("Power-cycle the chip now");
    case "reset":
      return t("Power-cycle the chip now");
    case "watch":
    case "wait":
      return t("Waiting for the chip");
  }
}

function speedOf({ pace, etaMs }: JobState): string | undefined {
  const speed = pace?.bytesPerSecond === undefined ? undefined : formatSpeed(pace.bytesPerSecond);
  const left = etaMs === undefined ? undefined : t("{0} left", formatDuration(etaMs));
  const parts = [speed, left].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(", ");
}

export interface StatusInput {
  readonly port: { readonly label: string; readonly icon: string } | undefined;
  /** A selected port that is unplugged, or not there. */
  readonly lost: Pick<JobPort, "id" | "label"> | undefined;
  readonly chip: string | undefined;
  /** The job on the selected port. */
  readonly job: JobState | undefined;
  /** How many jobs run on other ports. */
  readonly others: number;
}

/** The status bar item's text, with its icon. */
export function statusText({ port, lost, chip, job, others }: StatusInput): string {
  const more = others > 0 ? ` (+${others})` : "";
  if (job !== undefined) {
    const icon = job.status === "linking" && job.link?.needsPerson === true ? "$(bell)" : "$(sync~spin)";
    return `${icon} ${labelText(`${job.port.label}: ${jobLine(job).text}`)}${more}`;
  }
  if (port === undefined) {
    if (lost === undefined) return `$(plug) ${t("Select Beken Port")}${more}`;
    const { label } = lost;
    const text = hasPlug(lost) ? t("{0} (unplugged)", label) : t("{0} (not there)", label);
    return `$(debug-disconnect) ${labelText(text)}${more}`;
  }
  return `$(${port.icon}) ${labelText([port.label, chip].filter((part) => part !== undefined).join(" \u00b7 "))}${more}`;
}

/** What tells whether a window has to do with these chips. */
export interface Surroundings {
  readonly ports: readonly { readonly kind: string; readonly isUsb: boolean }[];
  /** A port is selected, or was. */
  readonly isSelected: boolean;
  readonly isRunning: boolean;
  readonly hasBuilds: boolean;
  /** Undefined while that is looked for. */
  readonly isProject: boolean | undefined;
  /** It has been looked for longer than anybody waits, or the search was given up. */
  readonly isSlow: boolean;
}

/** A window that has nothing to do with these chips is not asked for a port; where that cannot be told, it is. */
export function concerns({ ports, isSelected, isRunning, hasBuilds, isProject, isSlow }: Surroundings): boolean {
  if (isSelected || isRunning || hasBuilds || isProject === true) return true;
  // A port of the machine itself is on every machine.
  if (ports.some(({ kind, isUsb }) => kind !== "adapter" || isUsb)) return true;
  return isSlow;
}

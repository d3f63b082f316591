/** After the end: what was done and what comes next, or what failed, what was seen, and what to do about it. */
import { fill, formatBytes, formatDuration } from "../../src/shared/figures";
import { tookMs, type ErrorAction, type JobState, type OutcomeView } from "../../src/shared/jobState";
import type { DashboardCommand } from "../../src/shared/messages";
import { startOf, startedText } from "../../src/shared/startText";
import type { Strings } from "../../src/shared/strings";
import { button, tag } from "../controls";
import type { DashboardContext } from "../viewContext";
import { h, type Child, type ElementNode } from "../dom";
import { phaseList } from "./running";
import { actions, bar, card } from "./parts";

export function outcome(job: JobState, context: DashboardContext): ElementNode {
  if (job.status === "failed") return failed(job, context);
  return job.status === "cancelled" ? cancelled(job, context) : succeeded(job, context);
}

/** What people mostly do after each job, the likeliest first. */
const FOLLOW_UPS: Readonly<Record<JobState["kind"], readonly DashboardCommand[]>> = {
  info: ["backUpFlash"],
  read: ["showChipInfo"],
  backup: ["flashFile", "showChipInfo"],
  flash: ["rebootDevice", "verifyFile"],
  verify: ["rebootDevice", "flashFile"],
  erase: ["flashFile"],
  restore: ["rebootDevice", "showChipInfo"],
  reboot: ["showChipInfo"],
};

function followUps(job: JobState): readonly DashboardCommand[] {
  const { kind, outcome: result } = job;
  const usual = FOLLOW_UPS[kind].filter((command) => command !== "rebootDevice" || result?.rebooted !== true);
  return lacksBootCode(job) ? ["bringBackBootCode", ...usual.filter((command) => command !== "rebootDevice")] : usual;
}

/** It can be written only where a boot ROM answers. */
function lacksBootCode(job: JobState): boolean {
  return startOf(job)?.lacksBootCode === true && job.chip?.bootloader.isLifeline === false;
}

function succeeded(job: JobState, context: DashboardContext): ElementNode {
  const { strings } = context;
  const { done: words } = strings;
  return card(
    { id: "outcome", heading: job.title, main: true, tone: "good", aside: tag(strings.status.succeeded, "good") },
    bar({ label: job.title, share: 1, text: strings.status.succeeded, tone: "good" }),
    h("h3", {}, words.did),
    h(
      "ul",
      { class: "done-list" },
      doneLines(job, strings).map((line) => h("li", {}, line)),
    ),
    h("h3", {}, words.next),
    ...startLines(job, strings),
    h("p", {}, whatNext(job, strings)),
    actions(
      ...followUps(job).map((command) => commandButton(command, job, context, LIKELY.includes(command))),
      revealButton(job, context),
    ),
  );
}

const LIKELY: readonly DashboardCommand[] = ["flashFile", "backUpFlash", "bringBackBootCode"];

/** What comes before anything else that could be done next. */
function startLines(job: JobState, strings: Strings): readonly ElementNode[] {
  const start = startOf(job);
  const lines = [startedText(start, strings), start?.calibration === false ? strings.start.noCalibration : undefined];
  return lines.filter((line) => line !== undefined).map((line) => h("p", { class: "warning-line start-line" }, line));
}

function whatNext(job: JobState, { done: words, next, start: starting }: Strings): string {
  const { kind, outcome: result = {} } = job;
  if (result.dryRun === true) return words.dryRun;
  if (startOf(job)?.starts !== undefined && startOf(job)?.starts !== "yes") {
    if (lacksBootCode(job)) return starting.bringBack;
    if (kind === "reboot") return starting.reset;
    if (kind === "flash") return words.disconnect;
  }
  return kind === "flash" && result.rebooted !== true ? words.waits : next[kind];
}

function doneLines(job: JobState, { done: words }: Strings): string[] {
  const {
    bytesWritten,
    bytesErased,
    bytesSkipped,
    bytesRead,
    verified,
    rebooted,
    repairedSectors,
    crc32,
    savedTo,
    dryRun,
  }: OutcomeView = job.outcome ?? {};
  const took = job.endedAt === undefined ? undefined : fill(words.took, formatDuration(tookMs(job)));
  const changes = job.kind === "flash" || job.kind === "restore" || job.kind === "erase";
  const lines = [
    dryRun === true ? words.dryRun : undefined,
    bytesErased === undefined || dryRun === true ? undefined : fill(words.erased, formatBytes(bytesErased)),
    bytesWritten === undefined || dryRun === true ? undefined : fill(words.written, formatBytes(bytesWritten)),
    bytesSkipped === undefined || bytesSkipped === 0 ? undefined : fill(words.skipped, formatBytes(bytesSkipped)),
    bytesRead === undefined
      ? undefined
      : fill(job.kind === "verify" ? words.compared : words.read, formatBytes(bytesRead)),
    verified === undefined || dryRun === true
      ? undefined
      : verified
        ? words.verified
        : changes
          ? words.unverified
          : undefined,
    repairedSectors === undefined || repairedSectors === 0 ? undefined : fill(words.repaired, repairedSectors),
    rebooted === true ? words.rebooted : undefined,
    crc32 === undefined ? undefined : fill(words.crc, crc32),
    savedTo === undefined ? undefined : fill(words.savedTo, savedTo),
    job.backup?.savedTo === undefined ? undefined : fill(words.backup, job.backup.savedTo),
    took,
  ];
  return lines.filter((line) => line !== undefined);
}

function cancelled(job: JobState, context: DashboardContext): ElementNode {
  const { strings } = context;
  const left = job.flash ?? "untouched";
  const harmed = left === "partly-written";
  return card(
    {
      id: "outcome",
      heading: job.title,
      main: true,
      tone: harmed ? "warn" : "neutral",
      aside: tag(strings.status.cancelled, harmed ? "warn" : "neutral"),
    },
    h("p", {}, strings.flash[left]),
    h("p", {}, harmed ? strings.done.cancelledPartly : strings.done.cancelledNext),
    backupLine(job, context),
    phaseList(job, strings),
    actions(retryButton(job, context), commandButton("showLog", job, context, false), revealButton(job, context)),
  );
}

function failed(job: JobState, context: DashboardContext): ElementNode {
  const { strings } = context;
  const { failed: words } = strings;
  const { error } = job;
  if (error === undefined)
    return card({
      id: "outcome",
      heading: job.title,
      main: true,
      tone: "bad",
      aside: tag(strings.status.failed, "bad"),
    });
  return card(
    { id: "outcome", heading: error.title, main: true, tone: "bad", aside: tag(strings.status.failed, "bad") },
    h("p", { class: "job-title" }, job.title),
    h("p", { class: error.flash === "partly-written" ? "warning-line" : undefined }, strings.flash[error.flash]),
    error.evidence.length > 0 && [
      h("h3", {}, words.evidence),
      h(
        "ul",
        { class: "evidence" },
        error.evidence.map((line) => h("li", {}, line)),
      ),
    ],
    h("h3", {}, words.steps),
    h(
      "ol",
      { class: "steps" },
      error.steps.map((step) => h("li", {}, step)),
    ),
    backupLine(job, context),
    actions(...errorButtons(error.actions, job, context), guideButton(job, context), revealButton(job, context)),
    h("p", { class: "quiet" }, words.reportHint),
    phaseList(job, strings),
  );
}

function errorButtons(list: readonly ErrorAction[], job: JobState, context: DashboardContext): Child[] {
  const wanted: readonly ErrorAction[] = list.includes("showLog") ? list : [...list, "showLog"];
  return wanted.map((action, i) =>
    action === "retry"
      ? retryButton(job, context)
      : action === "rekey"
        ? rekeyButton(job, context)
        : commandButton(action, job, context, i === 0),
  );
}

function guideButton(job: JobState, { strings, send }: DashboardContext): ElementNode {
  const press = (): void => send({ type: "guide", jobId: job.id });
  return button({ id: "guide", label: strings.failed.guide, press });
}

/** A failure is easier to bear with the old flash at hand. */
function backupLine({ backup }: JobState, { strings }: DashboardContext): Child {
  return backup?.savedTo === undefined ? undefined : h("p", {}, `${fill(strings.done.backup, backup.savedTo)}.`);
}

function revealButton(job: JobState, { strings, send }: DashboardContext): Child {
  const isCopy = job.backup?.savedTo !== undefined || job.kind === "backup";
  if (job.backup?.savedTo === undefined && job.outcome?.savedTo === undefined) return undefined;
  return button({
    id: "reveal",
    label: isCopy ? strings.done.reveal : strings.done.revealFile,
    press: () => send({ type: "reveal", jobId: job.id }),
  });
}

function retryButton(job: JobState, { strings, send }: DashboardContext): ElementNode {
  return button({
    id: "retry",
    label: strings.action.retry,
    primary: true,
    press: () => send({ type: "retry", jobId: job.id }),
  });
}

/** The file is for another key: the same flash with it re-encrypted for the chip at hand. */
function rekeyButton(job: JobState, { strings, send }: DashboardContext): ElementNode {
  return button({
    id: "rekey",
    label: strings.action.rekey,
    primary: true,
    press: () => send({ type: "rekey", jobId: job.id }),
  });
}

export function commandButton(
  command: DashboardCommand,
  { id, port }: JobState,
  { strings, send }: DashboardContext,
  primary: boolean,
): ElementNode {
  const press = (): void => send({ type: "run", command, portId: port.id, jobId: id });
  return button({ id: command, label: strings.action[command], primary, press });
}

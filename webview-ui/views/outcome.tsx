/** After the end: what was done and what comes next, or what failed, what was seen, and what to do about it. */
import type { VNode } from "preact";
import { fill, formatBytes, formatDuration } from "../../src/shared/figures";
import { tookMs, type ErrorAction, type JobState, type OutcomeView } from "../../src/shared/jobState";
import type { DashboardCommand } from "../../src/shared/messages";
import { startOf, startedText } from "../../src/shared/startText";
import type { Strings } from "../../src/shared/strings";
import { Button, Tag } from "../controls";
import { PhaseList, type JobProps } from "./running";
import { Actions, Bar, Card, Lines, Steps } from "./parts";

export function Outcome({ job, context }: JobProps): VNode {
  if (job.status === "failed") return <Failed job={job} context={context} />;
  if (job.status === "cancelled") return <Cancelled job={job} context={context} />;
  return <Succeeded job={job} context={context} />;
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

function Succeeded({ job, context }: JobProps): VNode {
  const { strings } = context;
  const { done: words } = strings;
  return (
    <Card id="outcome" heading={job.title} main tone="good" aside={<Tag text={strings.status.succeeded} tone="good" />}>
      <Bar label={job.title} share={1} text={strings.status.succeeded} tone="good" />
      <h3>{words.did}</h3>
      <Lines name="done-list" lines={doneLines(job, strings)} />
      <h3>{words.next}</h3>
      {startLines(job, strings).map((line) => (
        <p class="warning-line start-line">{line}</p>
      ))}
      <p>{whatNext(job, strings)}</p>
      <Actions>
        {followUps(job).map((command) => (
          <CommandButton
            key={command}
            command={command}
            job={job}
            context={context}
            primary={LIKELY.includes(command)}
          />
        ))}
        <RevealButton job={job} context={context} />
      </Actions>
    </Card>
  );
}

const LIKELY: readonly DashboardCommand[] = ["flashFile", "backUpFlash", "bringBackBootCode"];

/** What comes before anything else that could be done next. */
function startLines(job: JobState, strings: Strings): readonly string[] {
  const start = startOf(job);
  const lines = [startedText(start, strings), start?.calibration === false ? strings.start.noCalibration : undefined];
  return lines.filter((line) => line !== undefined);
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

function doneLines(job: JobState, { done: words, start: starting }: Strings): string[] {
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
    bytesWritten === undefined || job.kind === "erase" || dryRun === true
      ? undefined
      : fill(words.written, formatBytes(bytesWritten)),
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
    job.kind === "verify" && startOf(job)?.starts === "yes" ? starting.doneYes : undefined,
    crc32 === undefined ? undefined : fill(words.crc, crc32),
    savedTo === undefined ? undefined : fill(words.savedTo, savedTo),
    job.backup?.savedTo === undefined ? undefined : fill(words.backup, job.backup.savedTo),
    took,
  ];
  return lines.filter((line) => line !== undefined);
}

function Cancelled({ job, context }: JobProps): VNode {
  const { strings } = context;
  const left = job.flash ?? "untouched";
  const harmed = left === "partly-written";
  const tone = harmed ? "warn" : "neutral";
  return (
    <Card id="outcome" heading={job.title} main tone={tone} aside={<Tag text={strings.status.cancelled} tone={tone} />}>
      <p>{strings.flash[left]}</p>
      <p>{harmed ? strings.done.cancelledPartly : strings.done.cancelledNext}</p>
      <BackupLine job={job} context={context} />
      <PhaseList job={job} strings={strings} />
      <Actions>
        <RetryButton job={job} context={context} />
        <CommandButton command="showLog" job={job} context={context} />
        <RevealButton job={job} context={context} />
      </Actions>
    </Card>
  );
}

function Failed({ job, context }: JobProps): VNode {
  const { strings } = context;
  const { failed: words } = strings;
  const { error } = job;
  return (
    <Card
      id="outcome"
      heading={error?.title ?? job.title}
      main
      tone="bad"
      aside={<Tag text={strings.status.failed} tone="bad" />}
    >
      {error !== undefined && (
        <>
          <p class="job-title">{job.title}</p>
          <p class={error.flash === "partly-written" ? "warning-line" : undefined}>{strings.flash[error.flash]}</p>
          {error.evidence.length > 0 && <h3>{words.evidence}</h3>}
          <Lines name="evidence" lines={error.evidence} />
          <Steps heading={words.steps} lines={error.steps} />
          <BackupLine job={job} context={context} />
          <Actions>
            {withLog(error.actions).map((action, i) => (
              <ErrorButton key={action} action={action} primary={i === 0} job={job} context={context} />
            ))}
            <GuideButton job={job} context={context} />
            <RevealButton job={job} context={context} />
          </Actions>
          <p class="quiet">{words.reportHint}</p>
          <PhaseList job={job} strings={strings} />
        </>
      )}
    </Card>
  );
}

const withLog = (list: readonly ErrorAction[]): readonly ErrorAction[] =>
  list.includes("showLog") ? list : [...list, "showLog"];

function ErrorButton({ action, primary, job, context }: JobProps & ErrorButtonProps): VNode {
  if (action === "retry") return <RetryButton job={job} context={context} />;
  if (action === "rekey") return <RekeyButton job={job} context={context} />;
  return <CommandButton command={action} job={job} context={context} primary={primary} />;
}

interface ErrorButtonProps {
  readonly action: ErrorAction;
  readonly primary: boolean;
}

function GuideButton({ job, context: { strings, send } }: JobProps): VNode {
  return <Button id="guide" label={strings.failed.guide} press={() => send({ type: "guide", jobId: job.id })} />;
}

/** A failure is easier to bear with the old flash at hand. */
function BackupLine({ job: { backup }, context: { strings } }: JobProps): VNode | undefined {
  return backup?.savedTo === undefined ? undefined : <p>{`${fill(strings.done.backup, backup.savedTo)}.`}</p>;
}

function RevealButton({ job, context: { strings, send } }: JobProps): VNode | undefined {
  const isCopy = job.backup?.savedTo !== undefined || job.kind === "backup";
  if (job.backup?.savedTo === undefined && job.outcome?.savedTo === undefined) return undefined;
  const label = isCopy ? strings.done.reveal : strings.done.revealFile;
  return <Button id="reveal" label={label} press={() => send({ type: "reveal", jobId: job.id })} />;
}

function RetryButton({ job, context: { strings, send } }: JobProps): VNode {
  return (
    <Button id="retry" label={strings.action.retry} primary press={() => send({ type: "retry", jobId: job.id })} />
  );
}

/** The file is for another key: the same flash with it re-encrypted for the chip at hand. */
function RekeyButton({ job, context: { strings, send } }: JobProps): VNode {
  return (
    <Button id="rekey" label={strings.action.rekey} primary press={() => send({ type: "rekey", jobId: job.id })} />
  );
}

interface CommandProps extends JobProps {
  readonly command: DashboardCommand;
  readonly primary?: boolean;
}

function CommandButton({
  command,
  primary = false,
  job: { id, port },
  context: { strings, send },
}: CommandProps): VNode {
  const press = (): void => send({ type: "run", command, portId: port.id, jobId: id });
  return <Button id={command} label={strings.action[command]} primary={primary} press={press} />;
}

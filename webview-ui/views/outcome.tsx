/** After the end: what was done and what comes next, or what failed, what was seen, and what to do about it. */
import type { VNode } from "preact";
import { fill, formatBytes, formatTook } from "../../src/shared/figures";
import { tookMs, type ErrorAction, type JobState, type OutcomeView } from "../../src/shared/jobState";
import type { DashboardCommand, InterruptedView } from "../../src/shared/messages";
import { keptBytes } from "../../src/shared/planSummary";
import { startOf, startedText } from "../../src/shared/startText";
import type { Strings } from "../../src/shared/strings";
import { Button, Tag } from "../controls";
import { Advice } from "./adviceView";
import { chipName } from "./chipCard";
import { dayOf } from "./times";
import { PhaseList, type JobProps } from "./running";
import { Actions, Bar, Card, Lines, Steps } from "./parts";
import { kindChangesFlash } from "../../src/shared/jobKinds";

export interface OutcomeProps extends JobProps {
  /** What can be gone on with. */
  readonly left: InterruptedView | undefined;
  /** False where something more urgent stands above: then nothing here is the first thing to do. */
  readonly main: boolean;
  /** When the newest backup of the device was made, in ms since 1970, where there is one. */
  readonly backedUpAt?: number | undefined;
}

export function Outcome(props: OutcomeProps): VNode {
  if (props.job.status === "failed") return <Failed {...props} />;
  if (props.job.status === "cancelled") return <Cancelled {...props} />;
  return <Succeeded {...props} />;
}

/** What people mostly do after each job, the likeliest first. */
const FOLLOW_UPS: Readonly<Record<JobState["kind"], readonly DashboardCommand[]>> = {
  info: ["backUpFlash"],
  read: ["showChipInfo"],
  backup: ["flashFile", "showChipInfo"],
  flash: ["openMonitor", "rebootDevice", "verifyFile"],
  verify: ["rebootDevice", "flashFile"],
  erase: ["flashFile"],
  restore: ["rebootDevice", "showChipInfo"],
  reboot: ["showChipInfo"],
};

function followUps(job: JobState, isBackedUp: boolean): readonly DashboardCommand[] {
  const { kind, outcome: result } = job;
  const list = kind === "info" && isBackedUp ? (["flashFile", "backUpFlash"] as const) : FOLLOW_UPS[kind];
  const usual = list.filter(
    (command) =>
      (command !== "rebootDevice" || result?.rebooted !== true) &&
      (command !== "openMonitor" || result?.rebooted === true),
  );
  return lacksBootCode(job) ? ["bringBackBootCode", ...usual.filter((command) => command !== "rebootDevice")] : usual;
}

/** It can be written only where a boot ROM answers. */
function lacksBootCode(job: JobState): boolean {
  return startOf(job)?.lacksBootCode === true && job.chip?.bootloader.isLifeline === false;
}

function Succeeded({ job, main, backedUpAt, context }: OutcomeProps): VNode {
  const { strings, locale } = context;
  const commands = followUps(job, backedUpAt !== undefined);
  const first = main ? commands.find((command) => LIKELY.includes(command)) : undefined;
  const { done: words } = strings;
  return (
    <Card
      id="outcome"
      heading={answerOf(job, strings)}
      main
      tone="good"
      aside={<Tag text={strings.status.succeeded} tone="good" />}
    >
      {job.kind !== "info" && (
        <>
          <Bar label={job.title} share={1} text={strings.status.succeeded} tone="good" />
          <h3>{words.did}</h3>
          <Lines name="done-list" lines={doneLines(job, strings)} />
        </>
      )}
      <h3>{words.next}</h3>
      {startLines(job, strings).map((line) => (
        <p class="warning-line start-line">{line}</p>
      ))}
      <NotSeen started={job.outcome?.started} />
      <p>
        {job.kind === "info" && backedUpAt !== undefined
          ? fill(words.backedUp, dayOf(backedUpAt, locale))
          : whatNext(job, strings)}
      </p>
      <FirstStepLines job={job} context={context} />
      <Advice job={job} context={context} />
      <Actions>
        {commands.map((command) => (
          <CommandButton key={command} command={command} job={job} context={context} primary={command === first} />
        ))}
        {leadsOn(job) && <NextDeviceButton job={job} context={context} />}
        <RevealButton job={job} context={context} />
      </Actions>
    </Card>
  );
}

/** What was asked for is the answer, not that it was done. */
function answerOf({ kind, chip, port, title }: JobState, strings: Strings): string {
  return kind === "info" && chip !== undefined ? fill(strings.chip.found, chipName(chip, strings), port.label) : title;
}

/** What speaks against its running, and what to do about it. */
function NotSeen({ started }: { readonly started: OutcomeView["started"] }): VNode | undefined {
  if (started === undefined || started.kind === "running") return undefined;
  return (
    <>
      <p class="warning-line start-line">{started.text}</p>
      <Lines name="start-steps" lines={started.next} />
    </>
  );
}

/** What to see now, where, and how the device gets to its place. */
function FirstStepLines({ job, context: { strings } }: JobProps): VNode | undefined {
  const steps = leadsOn(job) ? job.outcome?.steps : undefined;
  if (steps === undefined) return undefined;
  const { done: words } = strings;
  return (
    <>
      <h3>{words.seeNow}</h3>
      <Lines name="see-now" lines={steps.see} />
      <h3>{words.log}</h3>
      <Lines name="log-wire" lines={steps.log} />
      {steps.adopt.length > 0 && <h3>{words.adopt}</h3>}
      <Lines name="adopt" lines={steps.adopt} />
    </>
  );
}

/** The application was started, and nothing says that it cannot start. */
function leadsOn(job: JobState): boolean {
  return job.kind === "flash" && job.outcome?.rebooted === true && startOf(job)?.starts !== "no";
}

const LIKELY: readonly DashboardCommand[] = ["openMonitor", "flashFile", "backUpFlash", "bringBackBootCode"];

/** What comes before anything else that could be done next. */
function startLines(job: JobState, strings: Strings): readonly string[] {
  const start = startOf(job);
  const lines = [startedText(start, strings), start?.calibration === false ? strings.start.noCalibration : undefined];
  return lines.filter((line) => line !== undefined);
}

function whatNext(job: JobState, { done: words, next, start: starting }: Strings): string {
  const { kind, outcome: result = {} } = job;
  if (result.dryRun === true) return words.dryRun;
  if (job.port.practice === true && (kind === "flash" || kind === "restore")) return words.practice;
  if (startOf(job)?.starts !== undefined && startOf(job)?.starts !== "yes") {
    if (lacksBootCode(job)) return starting.bringBack;
    if (kind === "reboot") return starting.reset;
    if (kind === "flash") return words.disconnect;
  }
  return kind === "flash" && result.rebooted !== true ? words.waits : next[kind];
}

function doneLines(job: JobState, strings: Strings): string[] {
  const { done: words, start: starting } = strings;
  const { bytesRead, verified, rebooted, repairedSectors, crc32, savedTo, dryRun, started }: OutcomeView =
    job.outcome ?? {};
  const took = job.endedAt === undefined ? undefined : fill(words.took, formatTook(tookMs(job)));
  const changes = kindChangesFlash(job.kind);
  const lines = [
    ...(dryRun === true ? [words.dryRun] : amountLines(job, strings)),
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
    started?.kind === "running"
      ? fill(words.running, formatTook(started.ranMs ?? 0), formatTook(started.tookMs))
      : undefined,
    job.kind === "verify" && startOf(job)?.starts === "yes" ? starting.doneYes : undefined,
    crc32 === undefined ? undefined : fill(words.crc, crc32),
    savedTo === undefined ? undefined : fill(words.savedTo, savedTo),
    job.backup?.savedTo === undefined ? undefined : fill(words.backup, job.backup.savedTo),
    took,
  ];
  return lines.filter((line) => line !== undefined);
}

/** The plan's own figures: what was to be erased is erased now, or was right already; the rest is kept. */
function amountLines(
  { kind, plan, outcome = {} }: JobState,
  { done: words }: Strings,
): readonly (string | undefined)[] {
  const { bytesErased, bytesWritten, bytesSkipped = 0 } = outcome;
  if (bytesErased === undefined) return [];
  return [
    plan !== undefined && bytesErased < plan.figures.bytesErased
      ? fill(words.erasedOf, formatBytes(bytesErased), formatBytes(plan.figures.bytesErased))
      : fill(words.erased, formatBytes(bytesErased)),
    bytesWritten === undefined || kind === "erase" ? undefined : fill(words.sent, formatBytes(bytesWritten)),
    bytesSkipped === 0 ? undefined : fill(words.skipped, formatBytes(bytesSkipped)),
    plan && fill(words.kept, formatBytes(keptBytes(plan))),
  ];
}

function Cancelled({ job, left: unfinished, main, context }: OutcomeProps): VNode {
  const { strings } = context;
  const left = job.flash ?? "untouched";
  const harmed = left === "partly-written";
  const tone = harmed ? "warn" : "neutral";
  return (
    <Card id="outcome" heading={job.title} main tone={tone} aside={<Tag text={strings.status.cancelled} tone={tone} />}>
      <p>{strings.flash[left]}</p>
      <p>
        {unfinished !== undefined
          ? strings.interrupted.goOn
          : harmed
            ? strings.done.cancelledPartly
            : strings.done.cancelledNext}
      </p>
      <BackupLine job={job} context={context} />
      <PhaseList job={job} strings={strings} />
      <Actions>
        {unfinished !== undefined && <ResumeButton unfinished={unfinished} primary={main} context={context} />}
        <RetryButton job={job} primary={main && unfinished === undefined} context={context} />
        <CommandButton command="showLog" job={job} context={context} />
        <RevealButton job={job} context={context} />
      </Actions>
    </Card>
  );
}

function Failed({ job, left: unfinished, main, context }: OutcomeProps): VNode {
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
          {unfinished !== undefined && <p>{strings.interrupted.goOn}</p>}
          <Actions>
            {withLog(error.actions).map((action, i) => (
              <ErrorButton key={action} action={action} primary={main && i === 0} job={job} context={context} />
            ))}
            {unfinished !== undefined && <ResumeButton unfinished={unfinished} primary={false} context={context} />}
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
  if (action === "retry") return <RetryButton job={job} primary={primary} context={context} />;
  if (action === "rekey") return <RekeyButton job={job} primary={primary} context={context} />;
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

interface AgainProps extends JobProps {
  readonly primary: boolean;
}

function RetryButton({ job, primary, context: { strings, send } }: AgainProps): VNode {
  const press = (): void => send({ type: "retry", jobId: job.id });
  return <Button id="retry" label={strings.action.retry} primary={primary} press={press} />;
}

/** The same file for another device. */
function NextDeviceButton({ job, context: { strings, send } }: JobProps): VNode {
  const press = (): void => send({ type: "retry", jobId: job.id });
  return <Button id="next-device" label={strings.done.nextDevice} press={press} />;
}

interface ResumeProps extends Pick<JobProps, "context"> {
  readonly unfinished: InterruptedView;
  readonly primary: boolean;
}

function ResumeButton({ unfinished: { id }, primary, context: { strings, send } }: ResumeProps): VNode {
  const press = (): void => send({ type: "resume", interruptedId: id });
  return <Button id={`resume-${id}`} label={strings.interrupted.resume} primary={primary} press={press} />;
}

/** The file is for another key: the same flash with it re-encrypted for the chip at hand. */
function RekeyButton({ job, primary, context: { strings, send } }: AgainProps): VNode {
  const press = (): void => send({ type: "rekey", jobId: job.id });
  return <Button id="rekey" label={strings.action.rekey} primary={primary} press={press} />;
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

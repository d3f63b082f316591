/** After the end: what happened, what it means and what comes next, of a job that is done, stopped or failed. */
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
import { dayOf } from "../../src/shared/times";
import { Ending, type Meaning } from "./ending";
import { PhaseList, type JobProps } from "./running";
import { Lines } from "./parts";
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

/** What people mostly do after each job, the next step first. */
const FOLLOW_UPS: Readonly<Record<JobState["kind"], readonly DashboardCommand[]>> = {
  info: ["backUpFlash"],
  read: [],
  backup: ["flashFile", "showChipInfo"],
  flash: ["openMonitor", "rebootDevice", "verifyFile"],
  verify: ["rebootDevice", "flashFile"],
  erase: ["flashFile"],
  restore: ["rebootDevice", "showChipInfo"],
  reboot: ["openMonitor", "showChipInfo"],
};

function followUps(job: JobState, isBackedUp: boolean): readonly DashboardCommand[] {
  const { kind, outcome: result } = job;
  const list = kind === "info" && isBackedUp ? (["flashFile", "backUpFlash"] as const) : FOLLOW_UPS[kind];
  const cannotStart = startOf(job)?.starts === "no";
  const usual = list.filter(
    (command) =>
      (command !== "rebootDevice" || (result?.rebooted !== true && !cannotStart)) &&
      (command !== "openMonitor" || kind === "reboot" || result?.rebooted === true),
  );
  return lacksBootCode(job) ? ["bringBackBootCode", ...usual] : usual;
}

/** It can be written only where a boot ROM answers. */
function lacksBootCode(job: JobState): boolean {
  return startOf(job)?.lacksBootCode === true && job.chip?.bootloader.isLifeline === false;
}

function Succeeded({ job, main, backedUpAt, context }: OutcomeProps): VNode {
  const { strings, locale } = context;
  const commands = followUps(job, backedUpAt !== undefined);
  const [first] = commands;
  const button = (command: DashboardCommand): VNode => (
    <CommandButton key={command} command={command} job={job} context={context} primary={main && command === first} />
  );
  const reveal = <RevealButton job={job} primary={main && first === undefined} context={context} />;
  const others = first === undefined || !main ? commands : commands.slice(1);
  const { text, steps } = nextOf(job, strings);
  // Done as asked, and all the same no device that works.
  const tone = startOf(job)?.starts === "no" ? "warn" : "good";
  const backedUp =
    job.kind === "info" && backedUpAt !== undefined && fill(strings.done.backedUp, dayOf(backedUpAt, locale));
  return (
    <Ending
      id="outcome"
      happened={answerOf(job, strings)}
      tone={tone}
      tag={<Tag text={strings.status.succeeded} tone={tone} />}
      means={meaningOf(job, strings)}
      next={{
        text: backedUp === false ? text : backedUp,
        button: main ? (first === undefined ? reveal : button(first)) : undefined,
      }}
      steps={steps}
      others={
        <>
          {others.map(button)}
          {leadsOn(job) && <NextDeviceButton job={job} context={context} />}
          {(first !== undefined || !main) && reveal}
        </>
      }
      details={job.kind === "info" ? undefined : <Lines name="done-list" lines={doneLines(job, strings)} />}
      strings={strings}
    >
      <FirstStepLines job={job} context={context} />
      <Advice job={job} context={context} />
    </Ending>
  );
}

/** What was asked for is the answer, not that it was done. */
function answerOf({ kind, chip, port, title }: JobState, strings: Strings): string {
  return kind === "info" && chip !== undefined ? fill(strings.chip.found, chipName(chip, strings), port.label) : title;
}

/** What was proven, and what speaks against using the device. */
function meaningOf(job: JobState, strings: Strings): readonly Meaning[] {
  const { started } = job.outcome ?? {};
  const start = startOf(job);
  const against = [
    startedText(start, strings),
    start?.calibration === false ? strings.start.noCalibration : undefined,
    started === undefined || started.kind === "running" ? undefined : started.text,
  ];
  return [
    { text: provenText(job, strings) },
    ...against.filter((text) => text !== undefined).map((text) => ({ text, careful: true })),
  ];
}

function provenText(job: JobState, { done: { means: words }, start: starting }: Strings): string {
  const { kind, outcome: result = {} } = job;
  const starts = startOf(job)?.starts;
  if (result.dryRun === true) return words.dryRun;
  switch (kind) {
    case "flash":
      if (result.verified !== true) return words.flashUnverified;
      return result.started?.kind === "running" ? words.flashRunning : words.flash;
    case "restore":
      return result.verified === true ? words.restore : words.restoreUnverified;
    case "verify":
      return starts === "yes" ? `${words.verify} ${starting.doneYes}` : words.verify;
    case "reboot":
      return starts === undefined || starts === "yes" ? words.reboot : starting.reset;
    default:
      return words[kind];
  }
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

/** Where the firmware was not seen to run, that comes first. */
function nextOf(job: JobState, strings: Strings): { readonly text: string; readonly steps: readonly string[] } {
  const { started } = job.outcome ?? {};
  const [first, ...steps] = started === undefined || started.kind === "running" ? [] : started.next;
  return first === undefined ? { text: whatNext(job, strings), steps } : { text: first, steps };
}

function whatNext(job: JobState, { done: words, next, start: starting }: Strings): string {
  const { kind, outcome: result = {} } = job;
  if (result.dryRun === true) return words.dryRun;
  if (job.port.practice === true && (kind === "flash" || kind === "restore")) return words.practice;
  const starts = startOf(job)?.starts;
  if (starts !== undefined && starts !== "yes") {
    if (lacksBootCode(job)) return starting.bringBack;
    if (kind === "flash") return words.disconnect;
    if (starts === "no" && kind === "verify") return starting.flashOther;
  }
  return kind === "flash" && result.rebooted !== true ? words.waits : next[kind];
}

function doneLines(job: JobState, strings: Strings): string[] {
  const { done: words } = strings;
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
  const goesOn = unfinished !== undefined;
  const retry = <RetryButton job={job} primary={main && !goesOn} context={context} />;
  const resume = goesOn && <ResumeButton unfinished={unfinished} primary={main} context={context} />;
  return (
    <Ending
      id="outcome"
      happened={job.title}
      tone={tone}
      tag={<Tag text={strings.status.cancelled} tone={tone} />}
      means={[{ text: strings.flash[left], careful: harmed }, ...backupMeaning(job, strings)]}
      next={{
        text: goesOn ? strings.interrupted.goOn : harmed ? strings.done.cancelledPartly : strings.done.cancelledNext,
        button: main ? resume || retry : undefined,
      }}
      others={
        <>
          {!main && resume}
          {(goesOn || !main) && retry}
          <CommandButton command="showLog" job={job} context={context} />
          <RevealButton job={job} context={context} />
        </>
      }
      details={<PhaseList job={job} strings={strings} />}
      strings={strings}
    />
  );
}

function Failed({ job, left: unfinished, main, context }: OutcomeProps): VNode {
  const { strings } = context;
  const { error } = job;
  const [first, ...steps] = error?.steps ?? [];
  const [leading, ...actions] = withLog(error?.actions ?? []);
  const button = (action: ErrorAction, primary: boolean): VNode => (
    <ErrorButton key={action} action={action} primary={primary} job={job} context={context} />
  );
  return (
    <Ending
      id="outcome"
      happened={error?.title ?? job.title}
      tone="bad"
      tag={<Tag text={strings.status.failed} tone="bad" />}
      means={[
        { text: job.title },
        ...(error?.compared === undefined ? [] : [{ text: error.compared }]),
        { text: strings.flash[error?.flash ?? "untouched"], careful: error?.flash === "partly-written" },
        ...backupMeaning(job, strings),
      ]}
      next={{
        text: first ?? strings.done.cancelledNext,
        button: main && leading !== undefined ? button(leading, true) : undefined,
      }}
      steps={unfinished === undefined ? steps : [...steps, strings.interrupted.goOn]}
      others={
        <>
          {(main || leading === undefined ? actions : [leading, ...actions]).map((action) => button(action, false))}
          {unfinished !== undefined && <ResumeButton unfinished={unfinished} primary={false} context={context} />}
          <GuideButton job={job} context={context} />
          <RevealButton job={job} context={context} />
        </>
      }
      details={
        <>
          <Lines name="evidence" lines={error?.evidence ?? []} />
          <PhaseList job={job} strings={strings} />
          <p class="quiet">{strings.failed.reportHint}</p>
        </>
      }
      strings={strings}
    />
  );
}

/** A failure is easier to bear with the old flash at hand. */
function backupMeaning({ backup }: JobState, { done: words }: Strings): readonly Meaning[] {
  return backup?.savedTo === undefined ? [] : [{ text: fill(words.backupIs, backup.savedTo) }];
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

function RevealButton({
  job,
  primary = false,
  context: { strings, send },
}: JobProps & { readonly primary?: boolean }): VNode | undefined {
  const isCopy = job.backup?.savedTo !== undefined || job.kind === "backup";
  if (job.backup?.savedTo === undefined && job.outcome?.savedTo === undefined) return undefined;
  const label = isCopy ? strings.done.reveal : strings.done.revealFile;
  const press = (): void => send({ type: "reveal", jobId: job.id });
  return <Button id="reveal" label={label} primary={primary} press={press} />;
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

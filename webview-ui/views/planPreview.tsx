/** The plan before anything is touched: what goes where, what is erased and kept, what is protected and why. */
import type { VNode } from "preact";
import { fill, formatBytes, hexRange } from "../../src/shared/figures";
import type { JobState } from "../../src/shared/jobState";
import { keptBytes, planSummary } from "../../src/shared/planSummary";
import { startWarnings } from "../../src/shared/startText";
import type { PlanView } from "../../src/shared/views";
import { Button, Tag } from "../controls";
import type { Context, DashboardContext } from "../viewContext";
import { AdviceLines, UpdatesLine } from "./adviceView";
import { Actions, Card, Facts, Notes, Table } from "./parts";

export interface PlanProps {
  readonly job: JobState;
  readonly plan: PlanView;
  readonly context: DashboardContext;
}

/** Asks for a yes. */
export function PlanApproval({ job, plan, context }: PlanProps): VNode {
  const { strings, send } = context;
  const { plan: words } = strings;
  const answer = (yes: boolean): void => send({ type: "approve", jobId: job.id, yes });
  return (
    <Card
      id="plan"
      heading={plan.kind === "erase" ? words.headingErase : words.heading}
      main
      tone="warn"
      aside={<Tag text={strings.status.approval} tone="warn" />}
    >
      <p class="job-title">{job.title}</p>
      {/* The last things to be overlooked. */}
      {startWarnings(plan.start, strings).map((line) => (
        <p class="warning-line start-line">{line}</p>
      ))}
      {job.builtFor?.careful !== undefined && <p class="warning-line built-careful">{job.builtFor.careful}</p>}
      <BackupFirst job={job} context={context} />
      <p class="plan-summary">{planSummary(plan, job, strings).join(" ")}</p>
      <UpdatesLine advice={job.advice} context={context} />
      <RestoreFacts job={job} context={context} />
      <Warnings
        texts={[...bootCode(plan, context), ...(plan.image?.warnings ?? []), ...(job.restore?.warnings ?? [])]}
        context={context}
      />
      <Actions>
        <Button
          id="approve"
          label={approveLabel(job, plan, context)}
          primary
          erases={job.kind !== "flash"}
          press={() => answer(true)}
        />
        <Button id="refuse" label={words.cancel} press={() => answer(false)} />
      </Actions>
      <details class="plan-more">
        <summary>{words.details}</summary>
        <Details job={job} plan={plan} context={context} />
        <AdviceLines job={job} context={context} />
      </details>
    </Card>
  );
}

function approveLabel({ kind, backup }: JobState, { asksAboutStart }: PlanView, { strings }: Context): string {
  const { plan: words } = strings;
  if (asksAboutStart === true) return words.approveAllTheSame;
  if (kind === "erase") return backup === undefined ? words.approveErase : words.approveBackupErase;
  if (kind === "restore") return backup === undefined ? words.approveRestore : words.approveBackupRestore;
  return backup === undefined ? words.approve : words.approveBackup;
}

type JobWords = Pick<PlanProps, "job" | "context">;

function BackupFirst({ job: { backup }, context }: JobWords): VNode | undefined {
  const { plan: words } = context.strings;
  if (backup === undefined) return undefined;
  return (
    <p class="backup-first">
      {fill(words.backup, formatBytes(backup.length), backup.folder ?? "")}
      {backup.needsReset && ` ${words.backupReset}`}
    </p>
  );
}

/** Shown after the yes and after the end, folded away. */
export function PlanDetails({ job, plan, context }: PlanProps): VNode {
  return (
    <details class="card plan-details">
      <summary>{context.strings.plan.folded}</summary>
      {job.builtFor?.careful !== undefined && <p class="warning-line built-careful">{job.builtFor.careful}</p>}
      <Warnings texts={plan.image?.warnings ?? []} context={context} />
      <Details job={job} plan={plan} context={context} />
    </details>
  );
}

/** What, how much and where, in full. */
function Details({ job, plan, context }: PlanProps): VNode {
  const { plan: words, image: imageWords } = context.strings;
  const { image, figures, kind } = plan;
  return (
    <div class="stack">
      <Facts
        rows={[
          { name: words.file, value: image && `${image.fileName} (${formatBytes(image.size)})` },
          { name: imageWords.content, value: image?.label },
          { name: words.toErase, value: formatBytes(figures.bytesErased) },
          {
            name: words.toSend,
            value: kind === "erase" ? undefined : fill(words.toSendWhy, formatBytes(figures.bytesWritten)),
          },
          { name: words.toKeep, value: formatBytes(keptBytes(plan)) },
        ]}
      />
      {job.builtFor !== undefined && <p class="built-for">{job.builtFor.words}</p>}
      <PlanTable plan={plan} context={context} />
    </div>
  );
}

function RestoreFacts({ job: { restore }, context: { strings } }: JobWords): VNode | undefined {
  if (restore === undefined) return undefined;
  return (
    <Facts
      rows={[
        { name: strings.plan.backupOf, value: strings.backupOf[restore.device] },
        { name: strings.chip.calibration, value: strings.calibrationAfter[restore.calibration] },
        { name: strings.plan.macAfter, value: restore.mac, mono: true },
      ]}
    />
  );
}

function bootCode({ bootCode: range }: PlanView, { strings: { plan: words } }: Context): readonly string[] {
  return range === undefined ? [] : [fill(words.bootCode, hexRange(range.start, range.end))];
}

function Warnings({ texts, context }: { readonly texts: readonly string[]; readonly context: Context }): VNode {
  const { warning } = context.strings.plan;
  return <Notes list={texts.map((text) => ({ level: "warning", content: `${warning}: ${text}` }))} />;
}

function PlanTable({ plan, context }: Pick<PlanProps, "plan" | "context">): VNode {
  const { plan: words } = context.strings;
  const line = (
    what: string,
    { start, end }: { readonly start: number; readonly end: number },
    why: string,
  ): readonly string[] => [what, hexRange(start, end), formatBytes(end - start), why];
  const eraseWhy = plan.kind === "erase" ? words.eraseAsked : words.eraseWhy;
  return (
    <Table
      label={words.heading}
      columns={[
        { heading: words.action },
        { heading: words.range, class: "mono" },
        { heading: words.size },
        { heading: words.why },
      ]}
      rows={[
        ...plan.writes.map((range) => line(words.write, range, range.from)),
        ...plan.erased.map((range) => line(words.erase, range, eraseWhy)),
        ...plan.preserved.map((range) => line(words.keep, range, words.keepWhy)),
        ...plan.protected.map((range) => line(words.protect, range, words[range.why])),
      ]}
    />
  );
}

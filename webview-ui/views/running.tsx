/** A job at work: how far, how fast, how long still, phase by phase. */
import type { VNode } from "preact";
import { fill, formatBytes, formatDuration, formatPercent, formatSpeed } from "../../src/shared/figures";
import { isFinished, type JobState } from "../../src/shared/jobState";
import { countsBytes, type PhaseProgress } from "../../src/shared/progress";
import type { Strings } from "../../src/shared/strings";
import { Button, Tag } from "../controls";
import type { DashboardContext } from "../viewContext";
import { Actions, Bar, Card, Figure, Notes } from "./parts";

export interface JobProps {
  readonly job: JobState;
  readonly context: DashboardContext;
}

export function Running({ job, context: { strings, send } }: JobProps): VNode {
  const { running: words } = strings;
  const active = job.phases.find(({ state }) => state === "active");
  const percent = formatPercent(job.overall);
  const doing = active ? strings.phase[active.phase] : strings.status[job.status];
  return (
    <Card id="running" heading={job.title} main aside={<Tag text={strings.status[job.status]} />}>
      <div class="progress-head">
        <span class="percent">{percent}</span>
        <span class="doing">{doing}</span>
        {job.pace?.bytesPerSecond !== undefined && (
          <Figure name={words.speed} value={formatSpeed(job.pace.bytesPerSecond)} />
        )}
        {job.etaMs !== undefined && <Figure name={words.left} value={formatDuration(job.etaMs)} />}
        {job.baudRate !== undefined && job.port.practice !== true && (
          <span class="quiet">{fill(words.baud, job.baudRate)}</span>
        )}
      </div>
      <Bar label={fill(words.progress, job.title)} share={job.overall} text={`${percent}, ${doing}`} />
      {active?.phase.startsWith("backup") === true && (
        <p class="backup-first">{fill(words.backingUp, job.backup?.folder ?? "")}</p>
      )}
      <PhaseList job={job} strings={strings} />
      <Actions>
        <Button id="cancel" label={words.stop} press={() => send({ type: "cancel", jobId: job.id })} />
        <span class="quiet">{words.stopping}</span>
      </Actions>
    </Card>
  );
}

export function PhaseList({ job, strings }: { readonly job: JobState; readonly strings: Strings }): VNode | undefined {
  const { phases } = job;
  if (phases.length === 0) return undefined;
  return (
    <ol class="phases" aria-label={strings.running.phases}>
      {phases.map((progress) => (
        <PhaseLine progress={progress} ended={isFinished(job)} strings={strings} />
      ))}
    </ol>
  );
}

function stateWord({ state, done, total }: PhaseProgress, ended: boolean, { running: words }: Strings): string {
  switch (state) {
    case "pending":
      return ended ? words.phaseUnreached : words.phasePending;
    case "active":
      return formatPercent(total > 0 ? done / total : 0);
    case "done":
      return words.phaseDone;
    case "failed":
      return words.phaseFailed;
    case "stopped":
      return words.phaseStopped;
  }
}

interface PhaseLineProps {
  readonly progress: PhaseProgress;
  readonly ended: boolean;
  readonly strings: Strings;
}

function PhaseLine({ progress, ended, strings }: PhaseLineProps): VNode {
  const { phase, state, done, total, rounds } = progress;
  const { running: words } = strings;
  const amount = countsBytes(phase) ? `${formatBytes(done)} / ${formatBytes(total)}` : fill(words.steps, done, total);
  const isWhole = state === "done" && total > 0 && countsBytes(phase);
  return (
    <li class={`phase phase-${state}`} aria-current={state === "active" ? "step" : undefined}>
      <span class="phase-mark" aria-hidden="true" />
      <span class="phase-name">{strings.phase[phase]}</span>
      <span class="quiet">{isWhole ? formatBytes(total) : amount}</span>
      <span class={state === "done" || state === "pending" ? "quiet" : undefined}>
        {stateWord(progress, ended, strings)}
      </span>
      {rounds > 1 && <span class="quiet">{fill(words.round, rounds)}</span>}
    </li>
  );
}

export function JobNotes({ job, context: { strings } }: JobProps): VNode | undefined {
  if (job.notes.length === 0) return undefined;
  return (
    <Card id="notes" heading={strings.running.notes}>
      <Notes
        list={job.notes.map(({ level, text, detail, times }) => ({
          level,
          content: (
            <>
              {text}
              {detail !== undefined && <span class="quiet note-detail"> {detail}</span>}
              {times > 1 && <span class="quiet"> ({fill(strings.running.times, times)})</span>}
            </>
          ),
        }))}
      />
    </Card>
  );
}

/** A job at work: how far, how fast, how long still, phase by phase. */
import { fill, formatBytes, formatDuration, formatPercent, formatSpeed } from "../../src/shared/figures";
import { isFinished, type JobState } from "../../src/shared/jobState";
import { countsBytes, type PhaseProgress } from "../../src/shared/progress";
import type { Strings } from "../../src/shared/strings";
import { button, tag } from "../controls";
import type { DashboardContext } from "../viewContext";
import { h, type Child, type ElementNode } from "../dom";
import { actions, bar, card, figure } from "./parts";

export function running(job: JobState, { strings, send }: DashboardContext): ElementNode {
  const { running: words } = strings;
  const active = job.phases.find(({ state }) => state === "active");
  const percent = formatPercent(job.overall);
  const doing = active ? strings.phase[active.phase] : strings.status[job.status];
  return card(
    { id: "running", heading: job.title, main: true, aside: tag(strings.status[job.status]) },
    h(
      "div",
      { class: "progress-head" },
      h("span", { class: "percent" }, percent),
      h("span", { class: "doing" }, doing),
      job.pace?.bytesPerSecond !== undefined && figure(words.speed, formatSpeed(job.pace.bytesPerSecond)),
      job.etaMs !== undefined && figure(words.left, formatDuration(job.etaMs)),
      job.baudRate !== undefined && h("span", { class: "quiet" }, fill(words.baud, job.baudRate)),
    ),
    bar({ label: fill(words.progress, job.title), share: job.overall, text: `${percent}, ${doing}` }),
    active?.phase.startsWith("backup") === true &&
      h("p", { class: "backup-first" }, fill(words.backingUp, job.backup?.folder ?? "")),
    phaseList(job, strings),
    actions(
      button({ id: "cancel", label: words.stop, press: () => send({ type: "cancel", jobId: job.id }) }),
      h("span", { class: "quiet" }, words.stopping),
    ),
  );
}

export function phaseList(job: JobState, strings: Strings): Child {
  const { phases } = job;
  if (phases.length === 0) return undefined;
  return h(
    "ol",
    { class: "phases", "aria-label": strings.running.phases },
    phases.map((phase) => phaseLine(phase, isFinished(job), strings)),
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

function phaseLine(progress: PhaseProgress, ended: boolean, strings: Strings): ElementNode {
  const { phase, state, done, total, rounds } = progress;
  const { running: words } = strings;
  const amount = countsBytes(phase) ? `${formatBytes(done)} / ${formatBytes(total)}` : fill(words.steps, done, total);
  return h(
    "li",
    { class: `phase phase-${state}`, "aria-current": state === "active" ? "step" : undefined },
    h("span", { class: "phase-mark", "aria-hidden": "true" }),
    h("span", { class: "phase-name" }, strings.phase[phase]),
    h("span", { class: "quiet" }, state === "done" && total > 0 && countsBytes(phase) ? formatBytes(total) : amount),
    h(
      "span",
      { class: state === "done" || state === "pending" ? "quiet" : undefined },
      stateWord(progress, ended, strings),
    ),
    rounds > 1 && h("span", { class: "quiet" }, fill(words.round, rounds)),
  );
}

export function notes(job: JobState, { strings }: DashboardContext): Child {
  if (job.notes.length === 0) return undefined;
  return card(
    { id: "notes", heading: strings.running.notes },
    h(
      "ul",
      { class: "notes" },
      job.notes.map(({ level, text, detail, times }) =>
        h(
          "li",
          { class: `note note-${level}` },
          h("span", { class: "note-mark", "aria-hidden": "true" }),
          h(
            "span",
            {},
            text,
            detail !== undefined && h("span", { class: "quiet note-detail" }, ` ${detail}`),
            times > 1 && h("span", { class: "quiet" }, ` (${fill(strings.running.times, times)})`),
          ),
        ),
      ),
    ),
  );
}

/** Before the chip answers: what to do now, how long it is waited for, and what the wire says. */
import { fill, formatBytes, formatDuration } from "../../src/shared/figures";
import type { JobState } from "../../src/shared/jobState";
import { button, progressRing, tag } from "../controls";
import type { DashboardContext } from "../viewContext";
import { h, type ElementNode } from "../dom";
import { actions, bar, card, steps } from "./parts";

/** After this share of the time, what is heard is worth a closer look. */
const LONG = 1 / 3;

export function linking(job: JobState, context: DashboardContext): ElementNode {
  const { strings, send } = context;
  const { linking: words } = strings;
  const { link } = job;
  const needsPerson = link?.needsPerson ?? false;
  const gone = link?.adapterGone === true;
  const byHand = needsPerson && !gone && job.port.practice !== true;
  const takesLong = byHand && link !== undefined && link.elapsedMs > LONG * link.limitMs;
  const doNow = gone
    ? words.replug
    : job.port.practice === true
      ? words.practice
      : needsPerson
        ? words.person
        : words.automatic;
  return card(
    {
      id: "linking",
      heading: gone ? words.headingReplug : words.heading,
      main: true,
      aside: tag(gone ? words.replugBar : strings.status[job.status], needsPerson ? "warn" : "neutral"),
    },
    h("p", { class: "job-title" }, job.title),
    job.overall > 0 && !gone && h("p", {}, words.again),
    h(
      "div",
      { class: `do-now${needsPerson ? " urgent" : ""}` },
      progressRing(),
      h(
        "div",
        {},
        h("h3", {}, words.now),
        h("p", { class: "do-now-text" }, doNow),
        gone
          ? h("p", { class: "quiet" }, words.replugNext)
          : job.port.practice !== true && h("p", { class: "quiet" }, words.hands),
      ),
    ),
    link !== undefined &&
      h(
        "div",
        { class: "stack" },
        bar({
          label: gone ? words.replugBar : strings.status.linking,
          share: link.limitMs > 0 ? link.elapsedMs / link.limitMs : 0,
          text: fill(words.elapsed, formatDuration(link.elapsedMs), formatDuration(link.limitMs)),
        }),
        h(
          "p",
          { class: "figure-value" },
          fill(words.elapsed, formatDuration(link.elapsedMs), formatDuration(link.limitMs)),
        ),
        byHand && steps(words.steps, [words.stepWires, words.stepOff, words.stepOn]),
        !gone && [
          h("h3", {}, words.wire),
          h("p", { class: `wire-says wire-says-${link.wire}` }, strings.wire[link.wire]),
        ],
        takesLong && [h("h3", {}, words.long), h("p", { class: "takes-long" }, strings.wireLong[link.wire])],
        link.bytesSeen > 0 && h("p", { class: "quiet" }, fill(words.bytesSeen, formatBytes(link.bytesSeen))),
      ),
    actions(
      button({
        id: "cancel",
        label: strings.running.stop,
        press: () => send({ type: "cancel", jobId: job.id }),
      }),
      ...(takesLong ? (["selectPort", "showLog"] as const) : []).map((command) =>
        button({
          id: command,
          label: strings.action[command],
          press: () => send({ type: "run", command, portId: job.port.id }),
        }),
      ),
    ),
  );
}

/** The jobs that have ended, newest first, and those that were interrupted and can go on. */
import { fill, formatDuration } from "../../src/shared/figures";
import type { HistoryEntry } from "../../src/shared/historyEntry";
import type { InterruptedView } from "../../src/shared/messages";
import { badge, button } from "../controls";
import type { Context, DashboardContext } from "../viewContext";
import { h, type Child, type ElementNode } from "../dom";
import { actions, card, table } from "./parts";

export function history(entries: readonly HistoryEntry[], { strings, locale }: Context): ElementNode {
  const { history: words, dashboard } = strings;
  const today = new Date().toDateString();
  const clock = new Intl.DateTimeFormat(safeLocale(locale), { timeStyle: "medium" });
  const day = new Intl.DateTimeFormat(safeLocale(locale), { dateStyle: "medium", timeStyle: "short" });
  const when = (at: number): string => (new Date(at).toDateString() === today ? clock : day).format(at);
  const result = ({ status, remark }: HistoryEntry): Child[] => [
    h(
      "span",
      { class: `result result-${status}` },
      h("span", { class: "result-mark", "aria-hidden": "true" }),
      strings.status[status],
    ),
    remark !== undefined && h("span", { class: "quiet" }, ` ${remark}`),
  ];
  return card(
    { id: "history", heading: dashboard.history, aside: entries.length > 0 && badge(String(entries.length)) },
    entries.length === 0
      ? h("p", { class: "quiet" }, dashboard.historyEmpty)
      : table(
          dashboard.history,
          [
            { heading: words.time, class: "nowrap" },
            { heading: words.job },
            { heading: words.port },
            { heading: words.result },
            { heading: words.duration, class: "nowrap" },
          ],
          entries.map((entry) => [
            when(entry.startedAt),
            entry.title,
            entry.portLabel,
            h("span", {}, ...result(entry)),
            formatDuration(entry.durationMs),
          ]),
        ),
  );
}

/** Above everything else: a device that may not start until this is finished. */
export function interrupted(jobs: readonly InterruptedView[], { strings, locale, send }: DashboardContext): Child[] {
  const { interrupted: words } = strings;
  const time = new Intl.DateTimeFormat(safeLocale(locale), { dateStyle: "medium", timeStyle: "short" });
  return jobs.map(({ id, kind, title, portLabel, startedAt }) =>
    card(
      { id: `interrupted-${id}`, heading: fill(words.heading, title), tone: "warn" },
      h("p", {}, fill(kind === "backup" ? words.backup : words.write, portLabel, time.format(startedAt))),
      actions(
        button({
          id: `resume-${id}`,
          label: words.resume,
          primary: true,
          press: () => send({ type: "resume", interruptedId: id }),
        }),
        button({
          id: `dismiss-${id}`,
          label: words.dismiss,
          press: () => send({ type: "dismiss", interruptedId: id }),
        }),
      ),
    ),
  );
}

/** Editors name some languages in ways `Intl` refuses. */
export function safeLocale(locale: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(locale)[0];
  } catch {
    return undefined;
  }
}

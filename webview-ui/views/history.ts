/** The jobs of this session that have ended, newest first. */
import { formatDuration } from "../../src/shared/format";
import type { HistoryEntry } from "../../src/shared/jobState";
import { badge } from "../controls";
import type { Context } from "../context";
import { h, type Child, type ElementNode } from "../dom";
import { card, table } from "./parts";

export function history(entries: readonly HistoryEntry[], { strings, locale }: Context): ElementNode {
  const { history: words, dashboard } = strings;
  const time = new Intl.DateTimeFormat(safeLocale(locale), { timeStyle: "medium" });
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
            time.format(entry.startedAt),
            entry.title,
            entry.portLabel,
            h("span", {}, ...result(entry)),
            formatDuration(entry.durationMs),
          ]),
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

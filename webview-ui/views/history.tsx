/** The jobs that have ended, newest first, and those that were interrupted and can go on. */
import type { VNode } from "preact";
import { fill, formatBytes, formatTook } from "../../src/shared/figures";
import type { HistoryEntry } from "../../src/shared/historyEntry";
import type { InterruptedView } from "../../src/shared/messages";
import type { Strings } from "../../src/shared/strings";
import { Badge, Button } from "../controls";
import type { Context, DashboardContext } from "../viewContext";
import { clockOf, dayOf } from "../../src/shared/times";
import { Actions, Card, Table } from "./parts";

export interface HistoryProps {
  readonly entries: readonly HistoryEntry[];
  readonly context: Context;
}

export function History({ entries, context: { strings, locale } }: HistoryProps): VNode {
  const { history: words, dashboard } = strings;
  const today = new Date().toDateString();
  const when = (at: number): string => (new Date(at).toDateString() === today ? clockOf : dayOf)(at, locale);
  return (
    <Card
      id="history"
      heading={dashboard.history}
      aside={entries.length > 0 && <Badge text={String(entries.length)} />}
    >
      {entries.length === 0 ? (
        <p class="quiet">{dashboard.historyEmpty}</p>
      ) : (
        <Table
          label={dashboard.history}
          columns={[
            { heading: words.time, class: "nowrap" },
            { heading: words.job },
            { heading: words.port },
            { heading: words.result },
            { heading: words.duration, class: "nowrap" },
          ]}
          rows={entries.map((entry) => [
            when(entry.startedAt),
            entry.title,
            entry.portLabel,
            <Result entry={entry} strings={strings} />,
            formatTook(entry.durationMs),
          ])}
        />
      )}
    </Card>
  );
}

function Result({ entry, strings }: { readonly entry: HistoryEntry; readonly strings: Strings }): VNode {
  const { status } = entry;
  const remark = entry.remark ?? amountOf(entry, strings);
  return (
    <span>
      <span class={`result result-${status}`}>
        <span class="result-mark" aria-hidden="true" />
        {strings.status[status]}
      </span>
      {remark !== undefined && <span class="quiet"> {remark}</span>}
    </span>
  );
}

/** What a job has done, in one figure. */
function amountOf({ kind, figures = {} }: HistoryEntry, { done: words }: Strings): string | undefined {
  const { bytesRead, bytesWritten, bytesErased, dryRun } = figures;
  if (dryRun === true) return words.dryRun;
  if (bytesRead !== undefined) return fill(kind === "verify" ? words.compared : words.read, formatBytes(bytesRead));
  if (kind === "erase") return bytesErased === undefined ? undefined : fill(words.erased, formatBytes(bytesErased));
  return bytesWritten === undefined ? undefined : fill(words.sent, formatBytes(bytesWritten));
}

export interface InterruptedProps {
  readonly job: InterruptedView;
  /** False where the page is about another job that goes on. */
  readonly primary: boolean;
  readonly context: DashboardContext;
}

/** Above everything else: a device that may not start until this is finished. */
export function Interrupted({ job, primary, context: { strings, locale, send } }: InterruptedProps): VNode {
  const { interrupted: words } = strings;
  const { id, kind, title, portLabel, startedAt } = job;
  return (
    <Card id={`interrupted-${id}`} heading={fill(words.heading, title)} tone="warn">
      <p>{fill(kind === "backup" ? words.backup : words.write, portLabel, dayOf(startedAt, locale))}</p>
      <Actions>
        <Button
          id={`resume-${id}`}
          label={words.resume}
          primary={primary}
          press={() => send({ type: "resume", interruptedId: id })}
        />
        <Button id={`dismiss-${id}`} label={words.dismiss} press={() => send({ type: "dismiss", interruptedId: id })} />
      </Actions>
    </Card>
  );
}

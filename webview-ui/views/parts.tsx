/** Small pieces that several views share: cards, lists of facts, tables, figures. Layout only; no content of their own. */
import type { ComponentChildren, VNode } from "preact";
import { ProgressRing } from "../controls";

export interface CardProps {
  readonly id: string;
  readonly heading: string;
  /** Stands right of the heading. */
  readonly aside?: ComponentChildren;
  readonly tone?: "neutral" | "good" | "bad" | "warn";
  /** One heading of a page says what the page is about and takes the focus when that changes. */
  readonly main?: boolean;
  readonly children?: ComponentChildren;
}

export function Card({ id, heading, aside, tone = "neutral", main = false, children }: CardProps): VNode {
  return (
    // The key is the card's: another card in the same place is new, and takes over neither focus nor scroll position.
    <section key={id} class={`card card-${id} tone-${tone}`} aria-labelledby={`heading-${id}`}>
      <div class="card-head">
        <h2 id={`heading-${id}`} tabIndex={main ? -1 : undefined} data-main={main ? "" : undefined}>
          {heading}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

export interface Fact {
  readonly name: string;
  readonly value: string | undefined;
  readonly mono?: boolean;
}

/** Facts without a value are left out. */
export function Facts({ rows }: { readonly rows: readonly Fact[] }): VNode {
  return (
    <dl class="facts">
      {rows
        .filter(({ value }) => value !== undefined && value !== "")
        .map(({ name, value, mono }) => [<dt>{name}</dt>, <dd class={mono === true ? "mono" : undefined}>{value}</dd>])}
    </dl>
  );
}

export interface Column {
  readonly heading: string;
  readonly class?: string;
}

export interface TableProps {
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly ComponentChildren[])[];
}

/** Wide tables scroll by themselves, and by keyboard: the frame takes the focus. */
export function Table({ label, columns, rows }: TableProps): VNode {
  return (
    <div class="table-frame" role="group" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map(({ heading, class: name }) => (
              <th scope="col" class={name}>
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((content, i) => (
                <td class={columns[i]?.class}>{content}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export interface FigureProps {
  readonly name: string;
  readonly value: string;
}

/** One figure with its name, for the row under a progress bar. */
export function Figure({ name, value }: FigureProps): VNode {
  return (
    <div class="figure">
      <span class="figure-name">{name}</span> <span class="figure-value">{value}</span>
    </div>
  );
}

export interface BarProps {
  readonly label: string;
  /** 0..1. */
  readonly share: number;
  readonly text: string;
  readonly tone?: "neutral" | "good";
}

export function Bar({ label, share, text, tone = "neutral" }: BarProps): VNode {
  const percent = 100 * Math.min(1, Math.max(0, share));
  return (
    <div
      class={`bar tone-${tone}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(percent)}
      aria-valuetext={text}
    >
      <div class="bar-fill" style={{ width: `${percent.toFixed(2)}%` }} />
    </div>
  );
}

/** What comes later has its place already, and says that it comes. */
export function Loading({ text }: { readonly text: string }): VNode {
  return (
    <section class="card" aria-busy="true">
      <div class="do-now">
        <ProgressRing />
        <p>{text}</p>
      </div>
      <div class="skeleton" aria-hidden="true" />
      <div class="skeleton" aria-hidden="true" />
      <div class="skeleton" aria-hidden="true" />
    </section>
  );
}

export function Actions({ children }: { readonly children: ComponentChildren }): VNode {
  return <div class="actions">{children}</div>;
}

export interface StepsProps {
  readonly heading: string;
  readonly lines: readonly string[];
}

/** What to do, in order. */
export function Steps({ heading, lines }: StepsProps): VNode {
  return (
    <>
      <h3>{heading}</h3>
      <ol class="steps">
        {lines.map((line) => (
          <li>{line}</li>
        ))}
      </ol>
    </>
  );
}

/** Lines of one kind, in no order; nothing where there are none. */
export function Lines({
  name,
  lines,
}: {
  readonly name: string;
  readonly lines: readonly string[];
}): VNode | undefined {
  if (lines.length === 0) return undefined;
  return (
    <ul class={name}>
      {lines.map((line) => (
        <li>{line}</li>
      ))}
    </ul>
  );
}

export interface Note {
  readonly level: "info" | "warning";
  readonly content: ComponentChildren;
}

/** Remarks with a mark each; nothing where there are none. */
export function Notes({ list }: { readonly list: readonly Note[] }): VNode | undefined {
  if (list.length === 0) return undefined;
  return (
    <ul class="notes">
      {list.map(({ level, content }) => (
        <li class={`note note-${level}`}>
          <span class="note-mark" aria-hidden="true" />
          <span>{content}</span>
        </li>
      ))}
    </ul>
  );
}

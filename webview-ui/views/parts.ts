/** Small pieces that several views share: cards, lists of facts, tables, figures. Layout only; no content of their own. */
import { h, type Child, type ElementNode } from "../dom";

export interface CardOptions {
  readonly id: string;
  readonly heading: string;
  /** Stands right of the heading. */
  readonly aside?: Child;
  readonly tone?: "neutral" | "good" | "bad" | "warn";
  /** One heading of a page says what the page is about and takes the focus when that changes. */
  readonly main?: boolean;
}

export function card(
  { id, heading, aside, tone = "neutral", main = false }: CardOptions,
  ...children: readonly (Child | readonly Child[])[]
): ElementNode {
  return h(
    "section",
    { key: id, class: `card card-${id} tone-${tone}`, "aria-labelledby": `heading-${id}` },
    h(
      "div",
      { class: "card-head" },
      h("h2", { id: `heading-${id}`, tabindex: main ? -1 : undefined, "data-main": main }, heading),
      aside,
    ),
    ...children,
  );
}

export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly mono?: boolean;
}

/** Facts without a value are left out. */
export function facts(
  rows: readonly { readonly name: string; readonly value: string | undefined; readonly mono?: boolean }[],
): ElementNode {
  const known = rows.filter((row): row is Fact => row.value !== undefined && row.value !== "");
  return h(
    "dl",
    { class: "facts" },
    known.flatMap(({ name, value, mono }) => [
      h("dt", {}, name),
      h("dd", { class: mono === true ? "mono" : undefined }, value),
    ]),
  );
}

export interface Column {
  readonly heading: string;
  readonly class?: string;
}

/** Wide tables scroll by themselves, and by keyboard: the frame takes the focus. */
export function table(label: string, columns: readonly Column[], rows: readonly (readonly Child[])[]): ElementNode {
  return h(
    "div",
    { class: "table-frame", role: "group", "aria-label": label, tabindex: 0 },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          columns.map(({ heading, class: name }) => h("th", { scope: "col", class: name }, heading)),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            {},
            row.map((content, i) => h("td", { class: columns[i]?.class }, content)),
          ),
        ),
      ),
    ),
  );
}

/** One figure with its name, for the row under a progress bar. */
export function figure(name: string, value: string): ElementNode {
  return h(
    "div",
    { class: "figure" },
    h("span", { class: "figure-name" }, name),
    " ",
    h("span", { class: "figure-value" }, value),
  );
}

export interface BarOptions {
  readonly label: string;
  /** 0..1. */
  readonly share: number;
  readonly text: string;
  readonly tone?: "neutral" | "good" | "bad";
}

export function bar({ label, share, text, tone = "neutral" }: BarOptions): ElementNode {
  const percent = Math.floor(100 * Math.min(1, Math.max(0, share)));
  return h(
    "div",
    {
      class: `bar tone-${tone}`,
      role: "progressbar",
      "aria-label": label,
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      "aria-valuenow": percent,
      "aria-valuetext": text,
    },
    h("div", { class: "bar-fill", style: { width: `${(100 * Math.min(1, Math.max(0, share))).toFixed(2)}%` } }),
  );
}

export function actions(...buttons: readonly Child[]): ElementNode {
  return h("div", { class: "actions" }, ...buttons);
}

/** What to do, in order. */
export function steps(heading: string, lines: readonly string[]): Child[] {
  return [
    h("h3", {}, heading),
    h(
      "ol",
      { class: "steps" },
      lines.map((line) => h("li", {}, line)),
    ),
  ];
}

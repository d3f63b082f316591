/** A firmware file in full: what it is, what was checked, where it goes. */
import { fill, formatBytes, hexRange } from "../../src/shared/figures";
import type { FromImageViewer, ImageViewerState } from "../../src/shared/messages";
import type { ImageView } from "../../src/shared/views";
import { button, divider, tag } from "../controls";
import type { Context } from "../viewContext";
import { h, type Child, type ElementNode } from "../dom";
import { flashMap } from "./flashMapView";
import { actions, card, facts, table } from "./parts";

export interface ImageContext extends Context {
  readonly send: (intent: FromImageViewer) => void;
}

type Shown = Extract<ImageViewerState, { readonly status: "shown" }>;

export function imagePage(state: Shown, context: ImageContext): Child[] {
  const { image } = state;
  return [
    head(state, context),
    warnings(image, context),
    checks(image, context),
    fields(image, context),
    ranges(state, context),
  ];
}

function head({ image, refusal }: Shown, context: ImageContext): ElementNode {
  const { strings, send } = context;
  const { image: words } = strings;
  const bad = image.checks.filter(({ verdict }) => verdict === "bad").length;
  const state =
    refusal !== undefined
      ? tag(words.refused, "bad")
      : bad > 0
        ? tag(strings.verdict.bad, "bad")
        : tag(strings.verdict.ok, "good");
  return card(
    { id: "summary", heading: image.label, main: true, tone: refusal !== undefined ? "bad" : "neutral", aside: state },
    refusal !== undefined && [
      h("p", { class: "warning-line" }, refusal.title),
      h(
        "ul",
        { class: "steps" },
        refusal.steps.map((step) => h("li", {}, step)),
      ),
      divider(),
    ],
    facts([
      { name: strings.plan.file, value: image.fileName },
      { name: words.format, value: image.format },
      { name: words.size, value: `${formatBytes(image.fileSize)} (${image.fileSize} B)` },
      { name: words.chips, value: image.chips.length > 0 ? image.chips.join(", ") : words.anyChip },
      { name: words.key, value: keyText(image, context) },
    ]),
    actions(
      refusal === undefined &&
        button({ id: "flash", label: words.flash, primary: true, press: () => send({ type: "flash" }) }),
      refusal === undefined && button({ id: "verify", label: words.verify, press: () => send({ type: "verify" }) }),
      refusal?.instead !== undefined &&
        button({
          id: "openInstead",
          label: fill(words.openInstead, refusal.instead),
          primary: true,
          press: () => send({ type: "openInstead" }),
        }),
    ),
  );
}

function keyText({ key }: ImageView, { strings }: ImageContext): string {
  if (key === undefined) return strings.image.noKey;
  return key.coefficients === undefined ? strings.key[key.kind] : `${strings.key[key.kind]}: ${key.coefficients}`;
}

function warnings({ warnings: list }: ImageView, { strings }: ImageContext): Child {
  if (list.length === 0) return undefined;
  return card(
    { id: "warnings", heading: strings.image.warnings, tone: "warn" },
    h(
      "ul",
      { class: "notes" },
      list.map((text) =>
        h(
          "li",
          { class: "note note-warning" },
          h("span", { class: "note-mark", "aria-hidden": "true" }),
          h("span", {}, text),
        ),
      ),
    ),
  );
}

function checks({ checks: list }: ImageView, { strings }: ImageContext): ElementNode {
  const { image: words } = strings;
  const verdict = (value: "ok" | "bad" | "skipped"): ElementNode =>
    h(
      "span",
      { class: `result verdict-${value}` },
      h("span", { class: "result-mark", "aria-hidden": "true" }),
      strings.verdict[value],
    );
  return card(
    { id: "checks", heading: words.checks },
    list.length === 0
      ? h("p", { class: "quiet" }, words.noChecks)
      : table(
          words.checks,
          [
            { heading: words.checkName },
            { heading: words.checkVerdict, class: "nowrap" },
            { heading: words.checkDetail },
          ],
          list.map((check) => [check.name, verdict(check.verdict), check.detail ?? ""]),
        ),
  );
}

function ranges({ image, layoutName }: Shown, context: ImageContext): ElementNode {
  const { image: words, plan } = context.strings;
  const { map } = image;
  return card(
    { id: "ranges", heading: words.ranges },
    map === undefined
      ? h("p", { class: "quiet" }, words.nothing)
      : [
          table(
            words.ranges,
            [{ heading: plan.range, class: "mono" }, { heading: plan.size }, { heading: words.content }],
            image.segments.map(({ start, end, from }) => [hexRange(start, end), formatBytes(end - start), from]),
          ),
          h("h3", {}, words.map),
          layoutName !== undefined && h("p", { class: "quiet" }, fill(words.mapLayout, layoutName)),
          ...flashMap(map, context),
        ],
  );
}

function fields({ details }: ImageView, { strings }: ImageContext): Child {
  if (details.length === 0) return undefined;
  return card({ id: "fields", heading: strings.image.fields }, facts(details));
}

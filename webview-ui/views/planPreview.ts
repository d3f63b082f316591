/** The plan before anything is touched: what goes where, what is erased and kept, what is protected and why. */
import { fill, formatBytes, hexRange } from "../../src/shared/figures";
import type { JobState } from "../../src/shared/jobState";
import { startWarnings } from "../../src/shared/startText";
import type { PlanView } from "../../src/shared/views";
import { button, tag } from "../controls";
import type { Context, DashboardContext } from "../viewContext";
import { h, type Child, type ElementNode } from "../dom";
import { actions, card, facts, table } from "./parts";

/** Asks for a yes. */
export function planApproval(job: JobState, plan: PlanView, context: DashboardContext): ElementNode {
  const { strings, send } = context;
  const { plan: words } = strings;
  const isErase = plan.kind === "erase";
  const answer = (yes: boolean) => (): void => send({ type: "approve", jobId: job.id, yes });
  return card(
    {
      id: "plan",
      heading: isErase ? words.headingErase : words.heading,
      main: true,
      tone: "warn",
      aside: tag(strings.status.approval, "warn"),
    },
    h("p", { class: "job-title" }, job.title),
    ...startLines(plan, context),
    backupFirst(job, context),
    summary(plan, context),
    fileFacts(plan, context),
    builtFor(job),
    restoreFacts(job, context),
    warnings([...bootCode(plan, context), ...(plan.image?.warnings ?? []), ...(job.restore?.warnings ?? [])], context),
    actions(
      button({
        id: "approve",
        label: approveLabel(job, plan, context),
        primary: true,
        press: answer(true),
      }),
      button({ id: "refuse", label: words.cancel, press: answer(false) }),
    ),
    planTable(plan, context),
  );
}

/** The last thing to be overlooked. */
function startLines({ start }: PlanView, { strings }: Context): readonly ElementNode[] {
  return startWarnings(start, strings).map((line) => h("p", { class: "warning-line start-line" }, line));
}

function approveLabel(
  { backup }: JobState,
  { kind, asksAboutStart }: PlanView,
  { strings: { plan: words } }: Context,
): string {
  const isErase = kind === "erase";
  if (asksAboutStart === true) return words.approveAllTheSame;
  if (backup === undefined) return isErase ? words.approveErase : words.approve;
  return isErase ? words.approveBackupErase : words.approveBackup;
}

function backupFirst({ backup }: JobState, { strings: { plan: words } }: Context): Child {
  if (backup === undefined) return undefined;
  return h(
    "p",
    { class: "backup-first" },
    fill(words.backup, formatBytes(backup.length), backup.folder ?? ""),
    backup.needsReset && ` ${words.backupReset}`,
  );
}

/** Shown after the yes and after the end, folded away. */
export function planDetails(job: JobState, plan: PlanView, context: Context): ElementNode {
  const { plan: words } = context.strings;
  return h(
    "details",
    { class: "card plan-details", key: "plan-details" },
    h("summary", {}, words.folded),
    summary(plan, context),
    fileFacts(plan, context),
    builtFor(job),
    warnings(plan.image?.warnings ?? [], context),
    planTable(plan, context),
  );
}

function summary({ kind, bytes }: PlanView, { strings: { plan: words } }: Context): ElementNode {
  const text =
    kind === "erase"
      ? fill(words.summaryErase, formatBytes(bytes.erased))
      : fill(words.summary, formatBytes(bytes.erased), formatBytes(bytes.written));
  return h("p", {}, text);
}

function fileFacts({ image }: PlanView, { strings }: Context): Child {
  if (image === undefined) return undefined;
  return facts([
    { name: strings.plan.file, value: `${image.fileName} (${formatBytes(image.size)})` },
    { name: strings.image.content, value: image.label },
  ]);
}

/** What the build was made for; that the chip is another one is the last thing to be overlooked. */
function builtFor({ builtFor: built }: JobState): Child {
  if (built === undefined) return undefined;
  const { words, careful } = built;
  return h(
    "div",
    {},
    careful !== undefined && h("p", { class: "warning-line built-careful" }, careful),
    h("p", { class: "built-for" }, words),
  );
}

function restoreFacts({ restore }: JobState, { strings }: Context): Child {
  if (restore === undefined) return undefined;
  return facts([
    { name: strings.plan.backupOf, value: strings.backupOf[restore.device] },
    { name: strings.chip.calibration, value: strings.calibrationAfter[restore.calibration] },
    { name: strings.plan.macAfter, value: restore.mac, mono: true },
  ]);
}

function bootCode({ bootCode: range }: PlanView, { strings: { plan: words } }: Context): readonly string[] {
  return range === undefined ? [] : [fill(words.bootCode, hexRange(range.start, range.end))];
}

function warnings(texts: readonly string[], { strings }: Context): Child {
  if (texts.length === 0) return undefined;
  return h(
    "ul",
    { class: "notes" },
    texts.map((text) =>
      h(
        "li",
        { class: "note note-warning" },
        h("span", { class: "note-mark", "aria-hidden": "true" }),
        h("span", {}, `${strings.plan.warning}: ${text}`),
      ),
    ),
  );
}

function planTable(plan: PlanView, { strings: { plan: words } }: Context): ElementNode {
  const line = (
    what: string,
    { start, end }: { readonly start: number; readonly end: number },
    why: string,
  ): Child[] => [what, hexRange(start, end), formatBytes(end - start), why];
  const eraseWhy = plan.kind === "erase" ? words.eraseAsked : words.eraseWhy;
  return table(
    words.heading,
    [
      { heading: words.action },
      { heading: words.range, class: "mono" },
      { heading: words.size },
      { heading: words.why },
    ],
    [
      ...plan.writes.map((range) => line(words.write, range, range.from)),
      ...plan.erased.map((range) => line(words.erase, range, eraseWhy)),
      ...plan.preserved.map((range) => line(words.keep, range, words.keepWhy)),
      ...plan.protected.map((range) => line(words.protect, range, words[range.why])),
    ],
  );
}

/** Every error code as a person meets it on the dashboard, in every language: through the host's words and the real page. */
import assert from "node:assert/strict";
import {
  FLASHER_ERROR_CODES,
  FlasherError,
  type ErrorContext,
  type FlashCondition,
  type FlasherErrorCode,
} from "../../../src/core/index";
import { errorView } from "../../../src/extension/text/errorText";
import { english, t, useTranslation, type Translate } from "../../../src/extension/text/l10n";
import { cancel, fail, type JobState } from "../../../src/shared/jobState";
import type { DashboardState } from "../../../src/shared/messages";
import { LANGUAGES } from "../../../src/languages/list";
import { localise } from "../../../src/shared/strings";
import { textsOf } from "../../languages";
import { WebviewPage } from "./page";
import { START, flashJob, linkEvents, play, scenes } from "./scenes";

const SPOKEN: Readonly<Record<string, Translate>> = Object.fromEntries(
  LANGUAGES.map(({ id }): [string, Translate] => {
    const texts = textsOf(id);
    return [id, (message, ...values) => english(texts[message] ?? `untranslated: ${message}`, ...values)];
  }),
);

/** Everything that a context can say, and nothing at all. */
const CONTEXTS: readonly ErrorContext[] = [
  {
    port: "/dev/ttyUSB0",
    address: 0x12000,
    length: 0x1000,
    expected: "7C",
    actual: "00",
    attempts: 3,
    status: 3,
    bytesSeen: 17,
    elsewhere: 0x124000,
    crcSays: "blank",
    file: "image_bk7231t_app.0x011000.rbl",
    instead: "firmware.uf2",
    rekey: true,
  },
  {},
];

const LEAKS = /\{\d\}|undefined|null|NaN|\[object|\$\{|untranslated|Error:|\n\s*at |\.[cm]?[jt]s:\d/;
/** Pages at work at once; each waits for its own repaint. */
const PAGES = 8;

function failure(code: FlasherErrorCode, context: ErrorContext, flash: FlashCondition): FlasherError {
  const error = new FlasherError(code, "do it", context, { cause: new Error("the cause") });
  error.flash = flash;
  return error;
}

function jobOf(code: FlasherErrorCode, context: ErrorContext, flash: FlashCondition): JobState {
  const linked = play(flashJob(), linkEvents);
  // What a person stopped is an end of its own.
  if (code === "cancelled") return cancel(linked, flash, START + 9_000);
  return fail(linked, errorView(failure(code, context, flash)), START + 9_000);
}

interface Shown {
  readonly code: FlasherErrorCode;
  readonly state: DashboardState;
  readonly job: JobState;
}

function showing(code: FlasherErrorCode, context: ErrorContext, flash: FlashCondition, locale: string): Shown {
  const job = jobOf(code, context, flash);
  return {
    code,
    job,
    state: { ...scenes["empty"], locale, strings: localise(t), jobs: [job], history: [] } as DashboardState,
  };
}

async function check(page: WebviewPage, { code, state, job }: Shown): Promise<void> {
  await page.show(state);
  const text = page.text();
  assert.doesNotMatch(text, LEAKS, code);
  assert.ok(text.includes(job.title), code);
  const guides = page.all('[data-action="guide"]');
  if (code === "cancelled") {
    assert.ok(text.includes(state.strings.done.cancelledNext), code);
    return;
  }
  const { error } = job;
  assert.equal(page.one("[data-main]").textContent, error?.title, code);
  assert.deepEqual(
    page.all(".next-step-text, .steps li").map(({ textContent }) => textContent),
    error?.steps,
  );
  assert.equal(page.primary().length, 1, code);
  assert.equal(page.primary(".next-step").length, 1, code);
  assert.ok(page.text(".card-outcome > .means").includes(state.strings.flash[job.error?.flash ?? "written"]), code);
  assert.equal(page.all(".card-outcome details").length, 1, code);
  assert.ok((error?.steps.length ?? 0) > 0, code);
  assert.ok(page.text(".evidence").includes(code), code);
  assert.equal(guides.length, 1, code);
  assert.equal(guides[0]?.textContent, state.strings.failed.guide);
  guides[0].click();
  assert.deepEqual(page.sent.at(-1), { type: "guide", jobId: job.id });
}

describe("every error code on the dashboard", () => {
  afterEach(() => useTranslation(english));

  for (const [locale, translation] of Object.entries(SPOKEN)) {
    for (const [what, context] of [
      ["with all that can be known", CONTEXTS[0]],
      ["with nothing known", CONTEXTS[1]],
    ] as const) {
      it(`${locale}, ${what}: whole sentences, steps, and a way into the guide`, async () => {
        useTranslation(translation);
        const waiting = FLASHER_ERROR_CODES.map((code) => showing(code, context ?? {}, "untouched", locale));
        assert.equal(waiting.length, FLASHER_ERROR_CODES.length);
        const worker = async (): Promise<void> => {
          const page = new WebviewPage("dashboard");
          for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await check(page, next);
          page.close();
          assert.deepEqual(page.errors, []);
        };
        await Promise.all(Array.from({ length: PAGES }, worker));
      });
    }
  }

  it("says in words what a status byte means, in the reader's language", () => {
    for (const [locale, translation] of Object.entries(SPOKEN)) {
      useTranslation(translation);
      const { evidence } = errorView(
        failure("chip-status", { status: 3, detail: "the erase or program timed out (status 3)" }, "untouched"),
      );
      assert.equal(
        evidence.some((line) => line.includes(t("the erase or program timed out"))),
        true,
        locale,
      );
      assert.equal(evidence.length, 2, evidence.join("\n"));
    }
  });
});

/**
 * Jobs with every kind of trouble, told in Chinese: what a job's state says of the chip, the plan, its notes and its failure, as
 * the dashboard gets it, holds no English that is not a name, a code or a figure.
 */
import assert from "node:assert/strict";
import type { JobEvent, NoteCode } from "../../../src/core/index";
import { chipFacts } from "../../../src/extension/text/chipFacts";
import { errorView } from "../../../src/extension/text/errorText";
import { say } from "../../../src/extension/text/l10n";
import { planText } from "../../../src/extension/text/planText";
import { fail, newJob, reduceJob, type JobState } from "../../../src/shared/jobState";
import {
  bootLog,
  dropBytes,
  flipBits,
  ignoreCommand,
  ignoreErases,
  insertNoise,
  stuckProtection,
  wrongStatus,
  PRESETS,
  type Behaviour,
} from "../../../src/simulator/index";
import { leftovers, speakChinese, speakEnglish, stringsIn } from "../../unit/extension/inChinese";
import { PRESET_IDS, shortBuildFor } from "./builds";
import { flashRequest, withSimulatedRig, type Outcome } from "./rig";

const TROUBLES: Readonly<Record<string, () => readonly Behaviour[]>> = {
  none: () => [],
  "lost from the host": () => [dropBytes("from-host", 4_000, 3), dropBytes("from-host", 90_000)],
  "lost from the chip": () => [dropBytes("from-chip", 3_000, 2), dropBytes("from-chip", 60_000)],
  "damaged from the host": () => [flipBits("from-host", 2_000), flipBits("from-host", 30_000)],
  "damaged from the chip": () => [flipBits("from-chip", 2_000), flipBits("from-chip", 21_000)],
  noise: () => [insertNoise("from-chip", 5_000, [1, 2, 3, 4])],
  deaf: () => [ignoreCommand(40), ignoreCommand(41), ignoreCommand(42), ignoreCommand(43)],
  busy: () => [wrongStatus(30, 1), wrongStatus(60, 3)],
  refusing: () => [wrongStatus(45, 6)],
  "ignoring erases": () => [ignoreErases()],
  protected: () => [stuckProtection()],
  talking: () => [bootLog("system starting up, wait\r\n")],
};

/** As a window of the editor follows a job. */
function stateAfter(name: string, { events, error }: Outcome): JobState {
  const job = newJob({ id: "1", kind: "flash", title: name, port: { id: "COM5", label: "COM5" } }, 0);
  const state = events.reduce((before, event, at) => reduceJob(before, event, at, say), job);
  return error === undefined ? state : fail(state, errorView(error), events.length);
}

/** What of the state is shown; the rest is codes, for which pages have words of their own. */
function shownIn({ chip, plan, notes, error }: JobState): readonly string[] {
  return stringsIn([
    chip === undefined ? [] : chipFacts(chip).map(({ name, value, detail }) => [name, value, detail]),
    [plan?.image, plan?.writes],
    notes.map(({ text, detail }) => [text, detail]),
    [error?.title, error?.evidence, error?.steps],
  ]);
}

function planDialogs(events: readonly JobEvent[]): readonly string[] {
  const identified = events.find((event) => event.type === "identified");
  return events.flatMap((event) =>
    event.type === "planned" && identified
      ? stringsIn(planText({ plan: event.plan, chip: identified.chip, image: event.image }, "COM5"))
      : [],
  );
}

describe("a job in a Chinese editor", () => {
  const noted = new Set<NoteCode>();
  let failures = 0;
  before(speakChinese);
  after(speakEnglish);

  for (const id of PRESET_IDS) {
    it(`${id}: whatever happens on the way`, async () => {
      const file = shortBuildFor(PRESETS[id]).crc;
      for (const [trouble, behaviours] of Object.entries(TROUBLES)) {
        const options = { behaviours: behaviours(), linkTimeoutMs: 3_000, statusRegister: 0x007c };
        await withSimulatedRig(id, options, async (rig) => {
          const outcome = await rig.run(flashRequest(file, { full: true }));
          const state = stateAfter(file.name, outcome);
          // Nothing that would not survive being posted to a page.
          assert.ok(stringsIn(state).length > 0);
          for (const { code } of state.notes) noted.add(code);
          if (outcome.error !== undefined) failures++;
          const known = [
            file.name,
            "COM5",
            "memory",
            outcome.error?.code ?? "COM5",
            "app",
            state.chip?.layout?.name ?? "COM5",
          ];
          for (const text of [...shownIn(state), ...planDialogs(outcome.events)])
            assert.deepEqual(leftovers(text, known), [], `${trouble}: ${text}`);
        });
      }
    });
  }

  it("met most of what can be noted, and failures", () => {
    assert.ok(failures > 5 && noted.size > 6, `${failures} failures, notes ${[...noted].join(", ")}`);
  });
});

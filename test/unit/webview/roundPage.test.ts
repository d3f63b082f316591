/** The page of a round as a person meets it: what each state says in words, what its buttons do, and what a screen reader is told. */
import assert from "node:assert/strict";
import { PROTOCOL_VERSION } from "../../../src/shared/messages";
import { isFromRoundPage, type RoundPageState } from "../../../src/shared/roundMessages";
import { ROUND_STAGES, stageOfWork, toneOf } from "../../../src/shared/roundView";
import { ENGLISH, localise } from "../../../src/shared/strings";
import { WebviewPage } from "./page";
import { roundScenes } from "./roundScenes";

const scene = (name: string): RoundPageState => roundScenes[name] ?? assert.fail(`no scene ${name}`);

describe("page of a round", () => {
  let page: WebviewPage;
  let heard: string[];
  beforeEach(() => {
    page = new WebviewPage("round");
    heard = [];
    page.listen((tone) => heard.push(tone));
  });
  afterEach(() => {
    page.close();
    assert.deepEqual(page.errors, []);
  });

  const press = (action: string): void => page.one(`[data-action="${action}"]`).click();
  const actions = (): (string | null)[] =>
    page.all("[data-action]").map((element) => element.getAttribute("data-action"));

  it("asks for the state, and draws every state with one main heading and named sections, in the host's words alone", async () => {
    assert.deepEqual(page.sent, [{ type: "ready", version: PROTOCOL_VERSION }]);
    for (const [name, state] of Object.entries(roundScenes)) {
      await page.show({ ...state, strings: localise(() => "@") });
      assert.equal(page.all("[data-main]").length, 1, name);
      for (const section of page.all("section")) {
        const id = section.getAttribute("aria-labelledby") ?? "";
        assert.ok(page.one(`[id="${id}"]`).textContent.trim() !== "", `${name}: ${id}`);
      }
      const words = new Set(page.text(".lane-word, dt, th, [data-action], .card-round-ledger h2").split("\n"));
      assert.deepEqual([...words], ["@"], name);
    }
  });

  it("says for each port in a word and a mark what it is at, and why", async () => {
    await page.show(scene("roundWorks"));
    assert.deepEqual(
      page.all(".lane-word").map(({ textContent }) => textContent),
      ["Flashing", "Verified and running", "Backing up"],
    );
    assert.deepEqual(
      page.all(".lane-percent").map(({ textContent }) => textContent),
      ["62%", "7%"],
    );
    assert.deepEqual(
      page.all(".count dd").map(({ textContent }) => textContent),
      ["3", "2", "1", "9"],
    );
    await page.show(scene("roundRefuses"));
    const [refused, failed] = page.all(".lane") as [ReturnType<typeof page.one>, ReturnType<typeof page.one>];
    assert.match(refused.textContent, /✕Refused.*another chip: bk7231n, this is bk7231t.*connect the next device/s);
    assert.match(failed.textContent, /✕Failed.*unplugged.*connected again/s);
    assert.match(page.text("[role=status]"), /Refused/);
    const marks = new Set(ROUND_STAGES.map((stage) => toneOf(stage)));
    assert.equal(marks.size, 5, "every tone is used");
  });

  it("asks about the first device with the plan and what holds for all others, and takes the focus for it", async () => {
    await page.show(scene("roundAsks"));
    page.takeFocus();
    assert.equal(page.document.activeElement?.getAttribute("id"), "heading-round-question");
    assert.match(page.text(".card-round-question"), /First a backup.*Refused: every other chip/s);
    press("approve");
    assert.deepEqual(page.sent.at(-1), { type: "agree", yes: true });
    press("refuse");
    assert.deepEqual(page.sent.at(-1), { type: "agree", yes: false });
  });

  it("sends what its buttons say, each where it makes sense", async () => {
    const sent = (action: string): unknown => {
      press(action);
      assert.equal(isFromRoundPage(page.sent.at(-1)), true, action);
      return page.sent.at(-1);
    };
    await page.show(scene("roundRepeats"));
    assert.deepEqual(sent("again-/dev/ttyUSB0"), { type: "again", portId: "/dev/ttyUSB0" });
    assert.ok(!actions().includes("again-/dev/ttyUSB1"), "it is wanted already");
    for (const deed of ["pause", "end", "soundOn", "openTable", "openLedger", "revealLedger"])
      assert.deepEqual(sent(deed), { type: "do", deed });
    await page.show(scene("roundPauses"));
    assert.deepEqual(sent("resume"), { type: "do", deed: "resume" });
    await page.show(scene("roundEnds"));
    assert.deepEqual(sent("endNow"), { type: "do", deed: "endNow" });
    assert.match(page.text(".card-round"), /stays unfinished/);
    await page.show(scene("roundOver"));
    assert.deepEqual(sent("goOn"), { type: "do", deed: "goOn" });
    assert.ok(!actions().includes("pause") && !actions().includes("end"));
    assert.match(page.text(".card-round-devices"), /240/);
    await page.show(scene("roundBegins"));
    assert.ok(!actions().includes("openTable"), "there is no ledger yet");
  });

  it("is heard once for each device that came to its end, where the setting allows it, and not for what was before", async () => {
    const { round, ...texts } = scene("roundWorks");
    const at = (id: number, sound: "good" | "bad", on: boolean): Promise<void> =>
      page.show({ ...texts, round: { ...round, sound: on, news: { id, words: "x", sound } } });
    await at(8, "good", true);
    assert.deepEqual(heard, [], "it happened before the page was there");
    await at(9, "good", true);
    assert.deepEqual(heard.splice(0), ["660", "990"]);
    await at(9, "good", true);
    await at(10, "bad", false);
    assert.deepEqual(heard, []);
    await at(11, "bad", true);
    assert.deepEqual(heard, ["330", "220"]);
  });

  it("takes nothing from the page that is none of its intents", () => {
    for (const wrong of [
      undefined,
      { type: "agree" },
      { type: "agree", yes: 1 },
      { type: "again", portId: "" },
      { type: "do", deed: "erase" },
      { type: "ready" },
    ])
      assert.equal(isFromRoundPage(wrong), false);
  });

  it("tells the work on a device by its phase", () => {
    const phase = { done: 0, total: 1, rounds: 1 };
    const stages = (["identify", "backup", "erase", "write", "verify", "reboot", "starts"] as const).map((name) =>
      stageOfWork({ phases: [{ ...phase, phase: name, state: "active" }] }),
    );
    assert.deepEqual(stages, ["checking", "backup", "flashing", "flashing", "verifying", "starting", "starting"]);
    assert.equal(ENGLISH.round.stage[stageOfWork({ phases: [] })], "Checking");
  });
});

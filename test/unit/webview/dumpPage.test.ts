/** The image viewer's page over a dump: its own host behind it, as the extension has one for each page. */
import assert from "node:assert/strict";
import { imageOf } from "../../../src/core/index";
import { contentOf } from "../../../src/extension/imageViewer/dumpContent";
import { DumpExplorer } from "../../../src/extension/imageViewer/dumpExplorer";
import {
  PROTOCOL_VERSION,
  isFromImageViewer,
  type FromImageViewer,
  type ImageViewerState,
} from "../../../src/shared/messages";
import { tuyaDump } from "../passport/sampleDump";
import { WebviewPage } from "./page";
import { imageScenes } from "./scenes";

type Shown = Extract<ImageViewerState, { readonly status: "shown" }>;

describe("image viewer page over a dump", () => {
  let page: WebviewPage;
  let scene: Shown;
  let explorer: DumpExplorer;
  let answered = 0;

  before(async () => {
    scene = (await imageScenes())["imageDump"] as Shown;
  });

  beforeEach(async () => {
    page = new WebviewPage("imageViewer");
    answered = 0;
    explorer = new DumpExplorer({ changed: () => undefined, breathe: () => Promise.resolve(), hexEditor: true });
    show(tuyaDump());
    await draw();
  });

  afterEach(() => {
    page.close();
    assert.deepEqual(page.errors, []);
  });

  function show(bytes: Uint8Array): void {
    const file = { name: "kitchen.bin", bytes };
    explorer.show(contentOf(file, imageOf(file)));
  }

  async function draw(): Promise<void> {
    await page.show({ ...scene, dump: explorer.view });
    answer();
  }

  /** What the host does about pieces that were asked for. */
  function answer(): void {
    for (; answered < page.sent.length; answered++) {
      const message = page.sent[answered];
      assert.ok(isFromImageViewer(message), JSON.stringify(message));
      if (message.type === "bytes")
        page.post({ type: "bytes", version: PROTOCOL_VERSION, ...explorer.bytes(message.start, message.length) });
    }
  }

  const act = async (action: string): Promise<void> => {
    page.one(`[data-action="${action}"]`).click();
    await page.painted();
    answer();
    await page.painted();
  };
  const lastIntent = (): FromImageViewer | undefined =>
    (page.sent as FromImageViewer[]).filter(({ type }) => type !== "bytes").at(-1);
  const row = (index: number): string => page.all(".hex-row")[index]?.textContent ?? "";

  it("offers to restore it and not to flash it, and says why", () => {
    const actions = page.all(".card-summary [data-action]").map((each) => each.getAttribute("data-action"));
    assert.deepEqual(actions, ["restore", "verify"]);
    assert.match(page.text(".card-summary"), /A copy of a whole flash/);
    assert.equal(page.all(".card-ranges").length, 0, "not what a flash would write of it");
    page.one('[data-action="restore"]').click();
    assert.deepEqual(lastIntent(), { type: "restore" });
  });

  it("leads from a passport with settings to a configuration", async () => {
    for (const action of ["createProject", "showConfiguration"] as const) {
      await act(action);
      assert.deepEqual(lastIntent(), { type: action });
    }
  });

  it("shows its passport with evidence and confidence, and secrets only by one press", async () => {
    const text = page.text(".card-passport");
    assert.match(text, /ModuleCB2Smodule of the pin text proven/);
    assert.match(text, /MAC addressC8:47:8C:••:••:••/);
    assert.match(text, /do not give this file away as it is.*no longer use/s);
    assert.match(text, /LibreTiny over the air: will work/);
    assert.equal(page.text("html").includes("vdevid1234567890ab"), false);
    await act("secrets");
    assert.deepEqual(lastIntent(), { type: "secrets", shown: true });
    explorer.showSecrets(true);
    await draw();
    assert.match(page.text(".card-passport"), /tuya gw_di idvdevid1234567890ab/);
    await act("secrets");
    assert.deepEqual(lastIntent(), { type: "secrets", shown: false });
  });

  it("draws the partitions to scale, and lists all of them with what they hold", () => {
    const parts = page.all(".part-bar .part");
    assert.equal(parts.length, scene.dump.parts.length);
    const app = scene.dump.parts.find(({ name }) => name === "app");
    assert.ok(app);
    const style = parts[app.number - 1]?.getAttribute("style") ?? "";
    assert.match(style, /left: 3\.32%/, "0x11000 of 2 MiB");
    const width = Number(/width: ([\d.]+)%/.exec(style)?.[1]);
    assert.ok(Math.abs(width - (100 * (app.end - app.start)) / 0x200000) < 0.01, style);
    assert.equal(page.all(".card-parts tbody tr").length, parts.length);
    assert.match(page.text(".card-parts tbody"), /calibration.*private/s);
  });

  it("offers for a part what can be done with it, and never to write boot code", async () => {
    const named = (name: string): number => scene.dump.parts.find((part) => part.name === name)?.number ?? 0;
    await act(`part-${named("app")}`);
    const offered = (): readonly (string | null)[] =>
      page.all(".card-parts [role=group] [data-action^=part]").flatMap((each) => {
        const action = each.getAttribute("data-action") ?? "";
        return /^part[A-Z]/.test(action) ? [action] : [];
      });
    assert.deepEqual(offered(), ["partSave", "partDecrypt", "partVerify", "partWrite"]);
    const app = scene.dump.parts[named("app") - 1];
    page.one('[data-action="partWrite"]').click();
    assert.deepEqual(lastIntent(), { type: "part", action: "write", start: app?.start, end: app?.end });
    assert.equal(row(3).slice(0, 8), "0x011000", "and shows where it begins");
    await act("part-1");
    assert.deepEqual(offered(), ["partSave", "partDecrypt", "partVerify"]);
    assert.match(page.text(".card-parts"), /Boot code is not written from here/);
  });

  it("asks for the bytes in view and no others, and draws so many rows, however long the file is", async () => {
    const large = new Uint8Array(0x1000000).fill(0xff);
    large.set(tuyaDump());
    const before = page.sent.length;
    show(large);
    await draw();
    await page.painted();
    const asked = (): readonly { readonly start: number }[] =>
      (page.sent.slice(before) as FromImageViewer[]).flatMap((message) => (message.type === "bytes" ? [message] : []));
    assert.deepEqual(
      asked().map(({ start }) => start),
      [0],
    );
    assert.equal(page.all(".hex-row").length, 21);
    assert.equal(page.one(".hex-grid").getAttribute("aria-rowcount"), String(0x1000000 / 4));
    // To the end and back, as fast as a person drags.
    page.scroll(".hex-scroll", 12_000_000 - 400);
    await page.painted();
    answer();
    await page.painted();
    assert.equal(page.all(".hex-row").at(-1)?.textContent?.slice(0, 8), "0xFFFFFC");
    assert.deepEqual(asked().at(-1)?.start, 0xfff000);
  });

  it("jumps to an address, and says where the file ends", async () => {
    page.fillIn('[data-action="address"]', "1d0000");
    await act("go");
    assert.match(row(3), /^0x1D0000········/, "hidden");
    page.fillIn('[data-action="address"]', "0x200000");
    await act("go");
    assert.match(page.text(".card-bytes [role=alert]"), /ends at 0x200000/);
    page.fillIn('[data-action="address"]', "kitchen");
    await act("go");
    assert.equal(page.all(".card-bytes [role=alert]").length, 1);
    page.fillIn('[data-action="address"]', "0x100");
    await act("go");
    assert.equal(page.all(".card-bytes [role=alert]").length, 0);
  });

  it("walks the bytes by keyboard, each announced with its address and value", async () => {
    const grid = page.one(".hex-grid");
    grid.focus();
    const byte = (): string => {
      const id = grid.getAttribute("aria-activedescendant") ?? "";
      return page.one(`#${id}`).getAttribute("aria-label") ?? "";
    };
    const first = tuyaDump();
    const label = (at: number): string =>
      `0x${at.toString(16).toUpperCase().padStart(6, "0")}, ${(first[at] ?? 0).toString(16).toUpperCase().padStart(2, "0")}`;
    for (const [key, at, init] of [
      ["ArrowRight", 1, {}],
      ["ArrowDown", 5, {}],
      ["Home", 4, {}],
      ["End", 7, {}],
      ["ArrowUp", 3, {}],
      ["PageDown", 83, {}],
      ["End", 0x1fffff, { ctrlKey: true }],
      ["ArrowRight", 0x1fffff, {}],
      ["Home", 0, { ctrlKey: true }],
      ["ArrowLeft", 0, {}],
    ] as const) {
      page.press(key, init);
      await page.painted();
      answer();
      await page.painted();
      const isHidden = at > 0x1d0000;
      assert.equal(byte(), isHidden ? `${label(at).slice(0, 8)}, hidden` : label(at), `${key} to ${at}`);
    }
    assert.equal(page.document.activeElement === grid, true);
  });

  it("looks for text or bytes from the cursor on, and goes from place to place", async () => {
    page.fillIn('[data-action="query"]', "54 4C 56");
    page.fillIn('[data-action="findAs"]', "hex");
    await act("find");
    assert.deepEqual(lastIntent(), { type: "search", text: "54 4C 56", as: "hex", from: 0 });
    await explorer.find("54 4C 56", "hex", 0);
    await draw();
    await page.painted();
    assert.match(page.text(".search-status"), /^Place 1 of \d+$/);
    assert.match(row(3), /^0x1D0000/);
    assert.equal(page.all(".hex-byte.found").length, 3);
    await act("next");
    assert.deepEqual(lastIntent(), { type: "hit", by: 1 });
    page.one('[data-action="query"]').focus();
    page.press("Enter", { shiftKey: true });
    assert.deepEqual(lastIntent(), { type: "hit", by: -1 });
    page.fillIn('[data-action="query"]', "55");
    page.press("Enter");
    assert.equal(lastIntent()?.type, "search");
  });

  it("lists and draws what a comparison found, and shows a place of it", async () => {
    const other = tuyaDump();
    other[0x1ef010] = 0x77;
    explorer.compareWith("other.bin", other);
    await draw();
    assert.match(page.text(".card-compare"), /Places that differ from other\.bin: 1/);
    assert.equal(page.all(".change-bar .change").length, 1);
    assert.match(page.text(".card-parts tbody"), /changed/);
    page.one(".card-compare td .link").click();
    await page.painted();
    answer();
    await page.painted();
    assert.match(row(3), /^0x1EF000/);
    assert.ok(page.all(".hex-byte.changed.selected").length > 0);
    explorer.comparedWithChip("the chip on COM3", []);
    await draw();
    assert.match(page.text(".card-compare"), /The same as the chip on COM3/);
    for (const [action, what] of [
      ["compareFile", "file"],
      ["compareChip", "chip"],
      ["compareEnd", "nothing"],
    ]) {
      page.one(`[data-action="${action}"]`).click();
      assert.deepEqual(lastIntent(), { type: "compare", with: what });
    }
  });

  it("forgets what it has kept of bytes when the file is another, and takes no answer about the old one", async () => {
    const old = { type: "bytes", version: PROTOCOL_VERSION, ...explorer.bytes(0, 0x1000) };
    const bytes = tuyaDump();
    bytes.fill(0xee, 0, 4);
    show(bytes);
    await page.show({ ...scene, dump: explorer.view });
    page.post(old);
    answer();
    await page.painted();
    assert.match(row(0), /^0x000000EEEEEEEE/);
  });

  it("opens the editor's hex editor at the cursor", async () => {
    page.fillIn('[data-action="address"]', "11000");
    await act("go");
    page.one('[data-action="hexEditor"]').click();
    assert.deepEqual(lastIntent(), { type: "hexEditor", at: 0x11000 });
  });
});

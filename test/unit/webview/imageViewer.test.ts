/** The image viewer's page: genuine builds, damaged ones, and files that are for something else. */
import assert from "node:assert/strict";
import { PROTOCOL_VERSION, type ImageViewerState } from "../../../src/shared/messages";
import { ENGLISH } from "../../../src/shared/strings";
import { WebviewPage } from "./page";
import { OTA_RBL, RBL, imageScenes } from "./scenes";

describe("image viewer page", () => {
  let page: WebviewPage;
  let scenes: Readonly<Record<string, ImageViewerState>>;
  before(async () => {
    scenes = await imageScenes();
  });
  beforeEach(() => {
    page = new WebviewPage("imageViewer");
  });
  afterEach(() => {
    page.close();
    assert.deepEqual(page.errors, []);
  });

  /** What can be done with the file as a whole. */
  const actions = (): (string | null)[] =>
    page
      .all(".card-archive [data-action], .card-summary [data-action]")
      .map((element) => element.getAttribute("data-action"));

  /** What the page sent besides asking for bytes. */
  const intents = (): readonly unknown[] =>
    page.sent.filter((message) => !["ready", "bytes"].includes((message as { readonly type: string }).type));

  it("asks when it is ready, and says that it is reading", async () => {
    assert.deepEqual(page.sent, [{ type: "ready", version: PROTOCOL_VERSION }]);
    await page.show(scenes["imageLoading"]);
    assert.match(page.text(), /Reading image_bk7231t_app/);
    assert.equal(page.all("vscode-progress-ring").length, 1);
  });

  it("shows format, chip, key, checks, fields and ranges of a genuine build", async () => {
    await page.show(scenes["imageRbl"]);
    assert.match(page.text(".card-summary"), /BK7231T.*Tuya key: 510fb093 a3cbeadc 5993a17e c7adeb03/s);
    assert.match(page.text(".card-checks"), /RBL header CRC-32passed/);
    assert.equal(page.all(".verdict-bad").length, 0);
    assert.match(page.text(".card-fields"), /RBL partitionapp/);
    assert.match(page.text(".card-ranges"), /0x011000–0x129F70/);
    assert.equal(page.all(".map-grid .state-planned").length, 281);
    assert.equal(page.all(".map-grid [role=gridcell]").length, 512);
  });

  it("flashes and verifies", async () => {
    await page.show(scenes["imageRbl"]);
    for (const action of ["flash", "verify"]) page.one(`[data-action="${action}"]`).click();
    assert.deepEqual(intents(), [{ type: "flash" }, { type: "verify" }]);
  });

  it("shows a UF2 with every range it writes", async () => {
    await page.show(scenes["imageUf2"]);
    assert.ok(page.all(".card-ranges tbody tr").length >= 1);
    assert.deepEqual(actions(), ["flash", "verify"]);
  });

  it("refuses a file for updates over the air, names the right one, and opens it", async () => {
    await page.show(scenes["imageOta"]);
    assert.equal(page.document.title, OTA_RBL);
    assert.deepEqual(actions(), ["openInstead"]);
    assert.ok(page.text(".card-summary").includes(`Use ${RBL} instead.`));
    assert.equal(page.all(".map-grid").length, 0);
    page.one('[data-action="openInstead"]').click();
    assert.deepEqual(page.sent.at(-1), { type: "openInstead" });
  });

  it("marks what is wrong with a damaged file, and does not offer to flash it", async () => {
    await page.show(scenes["imageDamaged"]);
    assert.ok(page.all(".verdict-bad").length > 0);
    assert.ok(!actions().includes("flash"));
  });

  it("lists the firmware in an archive, and shows the one that is chosen", async () => {
    await page.show(scenes["imageArchive"]);
    assert.equal(page.document.title, "release.zip");
    assert.equal(page.one("[data-main]").textContent, "Inside the archive release.zip");
    assert.match(page.text(".card-archive tbody"), /LibreTiny UF2 for BK7231N/);
    assert.match(page.text(".card-archive"), /Other files, without firmware: 3.*secret\.bin: it is encrypted/s);
    assert.deepEqual(actions(), [`choose-t/${RBL}`, "choose-n/plug.tar.gz#firmware.uf2"]);
    page.one('[data-action="choose-n/plug.tar.gz#firmware.uf2"]').click();
    assert.deepEqual(page.sent.at(-1), { type: "choose", path: "n/plug.tar.gz#firmware.uf2" });
    await page.show(scenes["imageInArchive"]);
    assert.match(page.text(".card-archive"), new RegExp(`t/${RBL} shown below`));
    assert.deepEqual(actions(), ["choose-n/plug.tar.gz#firmware.uf2", "flash", "verify"]);
    assert.match(page.one("[data-main]").textContent ?? "", /Application container/);
  });

  it("says so where an archive has no firmware in it", async () => {
    await page.show(scenes["imageArchiveEmpty"]);
    assert.match(page.text(".card-archive"), /There is no firmware in this archive/);
    assert.deepEqual(actions(), []);
  });

  it("says why a file cannot be read", async () => {
    await page.show(scenes["imageUnreadable"]);
    assert.equal(page.one("[data-main]").textContent, ENGLISH.image.unreadable.replace("{0}", RBL));
    assert.deepEqual(actions(), []);
  });

  it("names the device that a flash would go to, where one is selected", async () => {
    await page.show(scenes["imageRbl"]);
    assert.equal(page.text('[data-action="flash"]').trim(), ENGLISH.image.flash);
    await page.show({ ...scenes["imageRbl"], target: "Kitchen bulb" });
    assert.equal(page.text('[data-action="flash"]').trim(), "Flash to Kitchen bulb");
  });

  it("takes away what said that it is being loaded", async () => {
    assert.equal(page.all("#loading").length, 1);
    await page.show(scenes["imageRbl"]);
    assert.equal(page.all("#loading").length, 0);
  });
});

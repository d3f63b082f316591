/** Firmware in archives: picked from a list where several would do, and looked at in the viewer, which changes nothing. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { OPTIONAL_IMAGE_EDITOR } from "../../src/extension/platform/contributions";
import { flashFile } from "../../src/extension/commands/flashFile";
import { ImageDocument, type ImageState } from "../../src/extension/imageViewer/imageDocument";
import type { Api } from "../../src/extension/main";
import { zip } from "../unit/images/samples";
import { activated, bench, example, exampleBuild, inPlaceOf, until, type Bench } from "./host";

const FOLDER = "archives";
const RBL = "image_bk7231t_app.0x011000.rbl";
const UF2 = "firmware.uf2";

interface Offered {
  readonly label: string;
  readonly description: string;
}

describe("firmware in archives", () => {
  let api: Api;
  let on: Bench;
  let bulb: Uint8Array;
  let plug: Uint8Array;

  before(async () => {
    api = await activated();
    on = await bench(api, "bk7231t");
    bulb = await vscode.workspace.fs.readFile(exampleBuild("bedroom-bulb", RBL));
    plug = await vscode.workspace.fs.readFile(exampleBuild("hall-plug", UF2));
  });

  after(async () => {
    await on.close();
    await vscode.workspace.fs.delete(example(FOLDER), { recursive: true });
  });

  async function put(name: string, files: Parameters<typeof zip>[0]): Promise<vscode.Uri> {
    const uri = example(`${FOLDER}/${name}`);
    await vscode.workspace.fs.writeFile(uri, zip(files));
    return uri;
  }

  const several = (name: string): Promise<vscode.Uri> =>
    put(name, [
      ["README.md", new TextEncoder().encode("read me, please")],
      [`bulb/${RBL}`, bulb],
      ["plug.zip", zip([[UF2, plug]])],
    ]);

  /** Flashes what a person picks from the list by the end of its label; undefined: they give up. */
  async function flashing(
    archive: vscode.Uri,
    pick: string | undefined,
  ): Promise<{ readonly offered: readonly Offered[]; readonly end: Awaited<ReturnType<typeof flashFile>> }> {
    let offered: readonly Offered[] = [];
    const replaced = inPlaceOf({
      showQuickPick: (items: readonly Offered[]) => {
        offered = items;
        return Promise.resolve(items.find(({ label }) => pick !== undefined && label.endsWith(pick)));
      },
    });
    const asked = api.services.jobs.onDidAsk(({ job }) => api.services.jobs.decide(job.id, true));
    try {
      return { end: await flashFile(api.services, [archive], { portId: on.port.id }), offered };
    } finally {
      asked.dispose();
      replaced.dispose();
    }
  }

  it("is picked from a list that says what each is, and is what the chip then holds", async () => {
    const archive = await several("several.zip");
    const { offered, end } = await flashing(archive, RBL);
    assert.deepEqual(
      offered.map(({ label, description }) => [label, description]),
      [
        [`$(file-binary) bulb/${RBL}`, "Application container with RBL header for BK7231T"],
        [`$(file-binary) plug.zip#${UF2}`, "LibreTiny UF2 for BK7231N"],
      ],
    );
    assert.equal(end?.status, "succeeded");
    assert.ok(Buffer.from(on.chip.flash.slice(0x11000, 0x11000 + bulb.length)).equals(bulb));
  });

  it("starts nothing where nothing is picked, and asks nothing where only one would do", async () => {
    const before = Buffer.from(on.chip.flash.slice());
    const declined = await flashing(await several("declined.zip"), undefined);
    assert.deepEqual([declined.offered.length, declined.end], [2, undefined]);
    assert.ok(before.equals(on.chip.flash.slice()));
    const one = await put("one.zip", [
      [RBL, bulb],
      ["notes.txt", new TextEncoder().encode("some text")],
    ]);
    const { offered, end } = await flashing(one, undefined);
    assert.deepEqual([offered, end?.status], [[], "succeeded"]);
  });

  async function looked(document: ImageDocument): Promise<ImageState> {
    const before = document.state;
    await until(() => document.state !== before && document.state.status !== "loading");
    return document.state;
  }

  it("is listed in the viewer, shown when it is chosen, and what its buttons are about", async () => {
    const archive = await several("viewed.zip");
    const bytes = await vscode.workspace.fs.readFile(archive);
    const document = new ImageDocument(archive);
    const listed = await looked(document);
    assert.equal(listed.status, "archive");
    assert.deepEqual(
      [listed.archive.files.map(({ path }) => path), listed.archive.others, listed.archive.chosen],
      [[`bulb/${RBL}`, `plug.zip#${UF2}`], 1, undefined],
    );
    document.choose(`plug.zip#${UF2}`);
    const shown = await looked(document);
    assert.equal(shown.status, "shown");
    assert.deepEqual(
      [shown.image.fileName, shown.image.format, shown.archive?.chosen, shown.refusal],
      [UF2, "LibreTiny's UF2 (.uf2)", `plug.zip#${UF2}`, undefined],
    );
    assert.equal(document.shownUri.fragment, `plug.zip#${UF2}`);
    document.choose("no such file");
    assert.equal((await looked(document)).status, "archive");
    document.dispose();
    assert.deepEqual(await vscode.workspace.fs.readFile(archive), bytes);
  });

  it("is shown at once in the viewer where only one would do, and by its path in a link", async () => {
    const one = await put("single.zip", [[UF2, plug]]);
    const document = new ImageDocument(one);
    const shown = await looked(document);
    assert.deepEqual([shown.status, document.shownUri.fragment], ["shown", UF2]);
    document.dispose();
    const archive = await several("linked.zip");
    const linked = new ImageDocument(archive.with({ fragment: `bulb/${RBL}` }));
    const direct = await looked(linked);
    assert.equal(direct.status === "shown" && direct.image.fileName, RBL);
    linked.dispose();
    await vscode.commands.executeCommand("vscode.openWith", archive, OPTIONAL_IMAGE_EDITOR);
    await until(() => vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputCustom);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("that is damaged in the viewer says so", async () => {
    const archive = await several("cut.zip");
    const bytes = await vscode.workspace.fs.readFile(archive);
    await vscode.workspace.fs.writeFile(archive, bytes.subarray(0, bytes.length / 2));
    const document = new ImageDocument(archive);
    const state = await looked(document);
    assert.equal(state.status, "unreadable");
    assert.match(state.reason, /damaged/);
    document.dispose();
  });
});

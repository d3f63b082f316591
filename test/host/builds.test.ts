import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Build } from "../../src/extension/builds/workspaceBuilds";
import type { Api } from "../../src/extension/main";
import { activated, example, exampleBuild, until } from "./host";

describe("builds", () => {
  let api: Api;
  let outside: string;

  const below = (folder: string): readonly Build[] =>
    api.services.builds.all.filter(({ files }) => files.some(({ uri }) => uri.fsPath.startsWith(folder)));

  before(async () => {
    api = await activated();
    await api.services.builds.ready();
    outside = realpathSync(mkdtempSync(join(tmpdir(), "beken-builds-")));
  });

  after(async () => {
    await api.services.settings.update("buildFolders", []);
    rmSync(outside, { recursive: true });
  });

  it("in a folder that the setting names come with it, which is no news, and are news when they are made anew", async () => {
    const { builds, settings } = api.services;
    const news: string[] = [];
    const listening = builds.onDidBuild(({ project }) => news.push(project.name));
    try {
      const made = join(outside, "builds", "hall-plug", ".pioenvs", "hall-plug");
      mkdirSync(made, { recursive: true });
      for (const name of ["firmware.uf2", "image_bk7231n_app.0x011000.rbl"])
        cpSync(exampleBuild("hall-plug", name).fsPath, join(made, name));
      await settings.update("buildFolders", [outside]);
      await until(() => below(outside).length === 1);
      const [build] = below(outside);
      assert.deepEqual([build?.project.name, build?.project.chip], ["hall-plug", "BK7231N"]);
      assert.equal(news.length, 0, "what was there before is no news");
      const firmware = join(made, "firmware.uf2");
      // A watcher begins some time after it was asked for.
      while (!news.includes("hall-plug")) {
        writeFileSync(firmware, readFileSync(firmware));
        await new Promise((resolve) => setTimeout(resolve, 3_000));
      }
    } finally {
      listening.dispose();
    }
  });

  it("in a folder that the setting named go with it", async () => {
    await api.services.settings.update("buildFolders", []);
    await until(() => below(outside).length === 0);
  });

  it("are found where the storage file leads out of the workspace, and behind a link", async () => {
    const { builds } = api.services;
    const config = example("esphome/moved").fsPath;
    const away = join(outside, "away", "plug");
    mkdirSync(join(away, ".pioenvs", "plug"), { recursive: true });
    cpSync(exampleBuild("hall-plug", "firmware.uf2").fsPath, join(away, ".pioenvs", "plug", "firmware.uf2"));
    mkdirSync(join(outside, "data", "storage"), { recursive: true });
    const stored = { name: "plug", friendly_name: "Moved Plug", core_platform: "bk72xx", build_path: away };
    writeFileSync(join(outside, "data", "storage", "plug.yaml.json"), JSON.stringify(stored));
    mkdirSync(config, { recursive: true });
    try {
      symlinkSync(join(outside, "data"), join(config, ".esphome"), "junction");
      await builds.refresh();
      assert.deepEqual(
        below(away).map(({ project }) => project.name),
        ["Moved Plug"],
      );
    } finally {
      rmSync(config, { recursive: true });
      await builds.refresh();
    }
  });

  it("that are looked for twice at once are found once, by both", async () => {
    const { builds } = api.services;
    const known = builds.all.length;
    await Promise.all([builds.refresh(), builds.refresh(), builds.ready()]);
    assert.ok(known > 0);
    assert.equal(builds.all.length, known);
  });
});

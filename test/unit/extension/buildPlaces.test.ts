/** Builds are found wherever tools were told to put them, or said to be missing: paths out of the folder, links, downloads, large trees. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { discoverBuilds } from "../../../src/builds/discover";
import { pathFrom } from "../../../src/builds/paths";
import { buildFolder, parseIni } from "../../../src/builds/platformioIni";
import { projectFacts } from "../../../src/extension/builds/buildTexts";
import { diskFiles, projectsIn, tableFiles, TRUSTED } from "./buildTables";

const RBL = "image_bk7231n_app.0x011000.rbl";
const OUTPUT_NAMES = ["firmware.uf2", "firmware.bin", RBL, "image_bk7231n_app.ota.rbl"];
const HALL_PLUG = "examples/esphome/.esphome/build/hall-plug/.pioenvs/hall-plug";
const UF2 = readFileSync(`${HALL_PLUG}/firmware.uf2`);

const outputs = (folder: string) => Object.fromEntries(OUTPUT_NAMES.map((name) => [`${folder}/${name}`, { size: 5 }]));
const storage = (data: string, device: string, build: string | null, more: object = {}) => ({
  [`${data}/storage/${device}.yaml.json`]: {
    text: JSON.stringify({
      name: device,
      friendly_name: `The ${device}`,
      core_platform: "bk72xx",
      esphome_version: "2026.8.0",
      build_path: build,
      firmware_bin_path: build === null ? null : `${build}/.pioenvs/${device}/firmware.uf2`,
      ...more,
    }),
  },
});
const names = async (...args: Parameters<typeof projectsIn>) =>
  (await projectsIn(...args)).map(({ name }) => name).sort();

describe("ESPHome's builds", () => {
  const elsewhere: readonly (readonly [string, string, string])[] = [
    ["ESPHOME_BUILD_PATH inside the workspace", "/w/builds/plug", "/w/builds/plug"],
    ["ESPHOME_BUILD_PATH outside of it", "/var/cache/esphome/build/plug", "/var/cache/esphome/build/plug"],
    ["a build_path with another name than the device's", "/w/out-of-the-way/p1", "/w/out-of-the-way/p1"],
    ["a path of Windows", "C:\\builds\\plug", "/c:/builds/plug"],
    ["a container's path to the configuration", "/config/builds/plug", "/w/builds/plug"],
    ["a container's path to a data folder", "/data/builds/plug", "/w/.esphome/builds/plug"],
    ["a path relative to the data folder", "rel-s3/plug", "/w/.esphome/rel-s3/plug"],
  ];
  for (const [what, written, real] of elsewhere) {
    it(`are found by the storage file: ${what}`, async () => {
      const files = tableFiles({ ...storage("/w/.esphome", "plug", written), ...outputs(`${real}/.pioenvs/plug`) });
      const [project, ...more] = await projectsIn(files, "/w");
      assert.deepEqual(more, []);
      assert.deepEqual(
        [project?.name, project?.kind, project?.chip, project?.version, project?.recommended?.path],
        ["The plug", "esphome", "BK7231N", "ESPHome 2026.8.0", `${real}/.pioenvs/plug/firmware.uf2`],
      );
    });
  }

  it("are found by the path of the firmware alone", async () => {
    const firmware_bin_path = "/b/plug/.pioenvs/plug/firmware.uf2";
    const files = tableFiles({
      ...storage("/w/.esphome", "plug", null, { firmware_bin_path }),
      ...outputs("/b/plug/.pioenvs/plug"),
    });
    assert.deepEqual(await names(files, "/w"), ["The plug"]);
  });

  it("are not looked for outside a folder that is not trusted, nor ever on another machine", async () => {
    const files = tableFiles({
      ...storage("/w/.esphome", "plug", "/b/plug"),
      ...storage("/w/.esphome", "lamp", "/w/in/lamp"),
      ...storage("/w/.esphome", "far", "\\\\server\\share\\far"),
      ...outputs("/b/plug/.pioenvs/plug"),
      ...outputs("/w/in/lamp/.pioenvs/lamp"),
      ...outputs("//server/share/far/.pioenvs/far"),
      ...outputs("/server/share/far/.pioenvs/far"),
    });
    assert.deepEqual(await names(files, "/w", { isTrusted: false }), ["The lamp"]);
    assert.deepEqual(await names(files, "/w"), ["The lamp", "The plug"]);
  });

  it("of the folder this one was copied from are left to that one", async () => {
    const files = tableFiles({
      ...storage("/copy/.esphome", "plug", "/w/.esphome/build/plug"),
      ...outputs("/copy/.esphome/build/plug/.pioenvs/plug"),
      ...outputs("/w/.esphome/build/plug/.pioenvs/plug"),
    });
    const found = await projectsIn(files, "/copy");
    assert.deepEqual(
      found.map(({ id }) => id),
      ["/copy/.esphome/build/plug/.pioenvs/plug"],
    );
  });

  it("are found where ESPHOME_DATA_DIR leads, if their configuration is here", async () => {
    const files = tableFiles({
      "/w/plug.yaml": { text: "bk72xx:\n  board: cb2s\n" },
      ...storage("/data", "plug", "/data/build/plug"),
      ...storage("/data", "strangers", "/data/build/strangers"),
      ...outputs("/data/build/plug/.pioenvs/plug"),
      ...outputs("/data/build/strangers/.pioenvs/strangers"),
    });
    const found = await projectsIn(files, "/w", { variables: { ESPHOME_DATA_DIR: "/data" } });
    assert.deepEqual(
      found.map(({ name, board }) => [name, board]),
      [["The plug", "cb2s"]],
    );
    assert.deepEqual(await names(files, "/w"), []);
  });

  const opened = [
    "/w",
    "/w/.esphome",
    "/w/.esphome/build",
    "/w/.esphome/build/plug",
    "/w/.esphome/build/plug/.pioenvs",
    "/w/.esphome/build/plug/.pioenvs/plug",
  ];
  for (const root of opened) {
    it(`are found when ${root} is opened`, async () => {
      const build = "/w/.esphome/build/plug";
      const files = tableFiles({
        ...storage("/w/.esphome", "plug", build),
        ...outputs(`${build}/.pioenvs/plug`),
        [`${build}/platformio.ini`]: { text: "[env:plug]\nboard = cb2s\n" },
      });
      const found = await projectsIn(files, root);
      assert.deepEqual(
        found.map(({ name, kind, board }) => [name, kind, board]),
        [["The plug", "esphome", "cb2s"]],
      );
    });
  }

  const links: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    [".esphome", { "/w/.esphome": "/mnt/data" }],
    ["the folder of builds", { "/w/.esphome/build": "/mnt/data/build" }],
    ["the device's folder", { "/w/.esphome/build/plug": "/mnt/data/build/plug" }],
    ["the folder of the configuration", { "/w/esphome": "/mnt/config" }],
  ];
  for (const [what, link] of links) {
    it(`are found once where ${what} is a link`, async () => {
      const files = tableFiles(
        {
          "/w/plug.yaml": {},
          ...storage("/w/.esphome", "plug", "/mnt/data/build/plug"),
          ...storage("/mnt/data", "plug", "/mnt/data/build/plug"),
          ...storage("/mnt/config/.esphome", "plug", "/mnt/data/build/plug"),
          ...outputs("/mnt/data/build/plug/.pioenvs/plug"),
        },
        link,
      );
      assert.deepEqual(await names(files, "/w"), ["The plug"]);
    });
  }

  it("are found through a link on a real disk", async () => {
    const root = mkdtempSync(join(tmpdir(), "builds-"));
    try {
      symlinkSync(resolve("examples/esphome/.esphome"), join(root, ".esphome"), "junction");
      assert.deepEqual(await names(diskFiles, root), ["Bedroom Bulb", "C8133U Bulb", "Hall Plug"]);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it("are not looked for in circles", async () => {
    const files = tableFiles(
      { ...outputs("/w/a/.pio/build/n") },
      { "/w/a/back": "/w", "/w/up": "/", "/w/here": "/w/a" },
    );
    assert.deepEqual(await names(files, "/w"), ["n"]);
    assert.ok(files.listed() < 20, `${files.listed()} folders listed`);
  });
});

describe("PlatformIO's builds", () => {
  const HASH = `p-${createHash("sha1").update("/w/p").digest("hex").slice(0, 10)}`;
  const cases: readonly (readonly [string, string, Readonly<Record<string, string>>, string])[] = [
    ["nowhere else", "[env:n]\n", {}, "/w/p/.pio/build"],
    ["build_dir", "[platformio]\nbuild_dir = build\n", {}, "/w/p/build"],
    ["an absolute build_dir", "[platformio]\nbuild_dir = /tmp/b ; fast disk\n", {}, "/tmp/b"],
    ["a build_dir of the person's", "[platformio]\nbuild_dir: ~/builds/p\n", {}, "/home/me/builds/p"],
    ["a build_dir above", "[platformio]\nbuild_dir = ../out-p\n", {}, "/w/out-p"],
    ["workspace_dir", "[platformio]\nworkspace_dir = .work\n", {}, "/w/p/.work/build"],
    ["both", "[platformio]\nworkspace_dir = .work\nbuild_dir = ${platformio.workspace_dir}/b\n", {}, "/w/p/.work/b"],
    ["another section", "[dirs]\nout = x/y\n[platformio]\nbuild_dir = ${dirs.out}/z\n", {}, "/w/p/x/y/z"],
    ["a section it extends", "[dirs]\nbuild_dir = shared\n[platformio]\nextends = dirs\n", {}, "/w/p/shared"],
    ["a variable in the file", "[platformio]\nbuild_dir = ${sysenv.OUT}/p\n", { OUT: "/o" }, "/o/p"],
    ["the project's folder", "[platformio]\nbuild_dir = ${PROJECT_DIR}/b\n", {}, "/w/p/b"],
    ["the project's folder, old", "[platformio]\nbuild_dir = $PROJECT_DIR/b\n", {}, "/w/p/b"],
    ["the project's hash", "[platformio]\nbuild_dir = /tmp/${PROJECT_HASH}\n", {}, `/tmp/${HASH}`],
    ["PLATFORMIO_BUILD_DIR", "[platformio]\nbuild_dir = build\n", { PLATFORMIO_BUILD_DIR: "/env/b" }, "/env/b"],
    ["PLATFORMIO_WORKSPACE_DIR", "[env:n]\n", { PLATFORMIO_WORKSPACE_DIR: "/env/w" }, "/env/w/build"],
    ["another file", "[platformio]\nextra_configs =\n  more.ini\n  local_*.ini\n", {}, "/w/p/from-local"],
  ];
  for (const [what, ini, variables, folder] of cases) {
    it(`are found where ${what} says, with their board`, async () => {
      const files = tableFiles({
        "/w/p/platformio.ini": { text: `${ini}\n[env:n]\nboard = \${boards.plug}\n[boards]\nplug = cb2s\n` },
        "/w/p/local_me.ini": { text: "[platformio]\nbuild_dir = from-local\n" },
        ...outputs(`${folder}/n`),
      });
      const found = await projectsIn(files, "/w", { variables });
      assert.deepEqual(
        found.map(({ name, kind, board, recommended }) => [name, kind, board, recommended?.path]),
        [["n", "platformio", "cb2s", `${folder}/n/firmware.uf2`]],
      );
    });
  }

  it("of other projects in a folder they share are theirs", async () => {
    const files = tableFiles({
      "/w/platformio.ini": { text: "[platformio]\nbuild_dir = /tmp/b\n[env:n]\nboard = cb2s\n" },
      ...outputs("/tmp/b/n"),
      ...outputs("/tmp/b/strangers"),
    });
    assert.deepEqual(await names(files, "/w"), ["n"]);
    assert.deepEqual(await names(files, "/w", { isTrusted: false }), []);
  });

  it("references that lead in a circle lead nowhere", async () => {
    for (const text of [
      "[platformio]\nbuild_dir = ${platformio.workspace_dir}/a\nworkspace_dir = ${platformio.build_dir}/b\n",
      "[platformio]\nbuild_dir = ${a.b}\n[a]\nb = ${a.b}\n",
      "[platformio]\nbuild_dir = ${no.such}\n",
      "[platformio]\nextends = platformio\nbuild_dir = ${platformio.x}\n",
    ]) {
      assert.equal(await buildFolder(parseIni(text), "/w", TRUSTED), undefined, text);
    }
  });

  for (const root of ["/w", "/w/.pio", "/w/.pio/build", "/w/.pio/build/n"]) {
    it(`are found when ${root} is opened`, async () => {
      const files = tableFiles({
        "/w/platformio.ini": { text: "[env:n]\nboard = cb2s\n" },
        ...outputs("/w/.pio/build/n"),
        "/w/.pio/libdeps/n/lib/file.uf2": {},
      });
      const found = await projectsIn(files, root);
      assert.deepEqual(
        found.map(({ name, board }) => [name, board]),
        [["n", "cb2s"]],
      );
    });
  }
});

describe("downloads", () => {
  const rows = async (table: Parameters<typeof tableFiles>[0]) =>
    (await projectsIn(tableFiles(table), "/w"))
      .map((project) => [project.name, project.chip, project.recommended?.name, project.artefacts.length])
      .sort();

  it("of ESPHome are one row for each device and download", async () => {
    assert.deepEqual(
      await rows({
        "/w/plug.uf2": { bytes: UF2 },
        "/w/plug-0x011000.rbl": {},
        "/w/plug-ota.rbl": {},
        "/w/plug-ota.ug.bin": {},
        "/w/plug (1).uf2": { bytes: UF2 },
        "/w/Lamp-0x011000.rbl": {},
        "/w/kickstart-bk7231t-2025-05-28.uf2": {},
        "/w/ESPHome-Kickstart-v23.08.29_bk7231n_app.ota.ug.bin": {},
      }),
      [
        ["ESPHome-Kickstart-v23.08.29_bk7231n_app", "BK7231N", undefined, 1],
        ["Lamp", undefined, "Lamp-0x011000.rbl", 1],
        ["kickstart-bk7231t-2025-05-28", "BK7231T", "kickstart-bk7231t-2025-05-28.uf2", 1],
        ["plug", "BK7231N", "plug.uf2", 4],
        ["plug (1)", "BK7231N", "plug (1).uf2", 1],
      ].sort(),
    );
  });

  it("tell their board and version where they hold them", async () => {
    const files = tableFiles({
      "/w/plug.uf2": { bytes: UF2 },
      "/w/lamp-ota.rbl": {},
      "/w/lamp.yaml": { text: "bk72xx:\n  board: wb3l\n" },
    });
    const found = await projectsIn(files, "/w");
    assert.deepEqual(found.map(({ name, board, version }) => [name, board, version]).sort(), [
      ["lamp", "wb3l", undefined],
      ["plug", "generic-bk7231n-qfn32-tuya", "ESPHome 2025.5.0"],
    ]);
  });

  it("of other makers are left alone", async () => {
    const foreign = UF2.slice(0, 512);
    foreign.writeUInt32LE(0xe48bff56, 28);
    assert.deepEqual(
      await rows({
        "/w/pico.uf2": { bytes: foreign },
        "/w/CURRENT.UF2": { bytes: Buffer.from("no block") },
        "/w/unreadable.uf2": {},
        "/w/image_rtl8710b_app.ota.rbl": {},
        "/w/OpenW800_1.18.300.fls": {},
        "/w/OpenLN882H_1.18.300.bin": {},
      }),
      [],
    );
  });

  it("with an ending that says nothing are told apart by how they begin", async () => {
    const [project] = await projectsIn(tableFiles({ "/w/a.rbl": { bytes: Buffer.from("RBL\0...") } }), "/w");
    assert.deepEqual([project?.artefacts[0]?.role, project?.recommended], ["ota-rbl", undefined]);
    const [other] = await projectsIn(tableFiles({ "/w/a.rbl": { bytes: Buffer.from([1, 2, 3, 4]) } }), "/w");
    assert.equal(other?.recommended?.name, "a.rbl");
  });

  it("of OpenBeken: every variant, branch and copy is a row of its own, and told apart", async () => {
    const files = tableFiles(
      Object.fromEntries(
        [
          "OpenBK7231N_QIO_1.18.300.bin",
          "OpenBK7231N_UG_1.18.300.bin",
          "OpenBK7231N_1.18.300.rbl",
          "OpenBK7231N_1.18.300.bin",
          "OpenBK7231N_QIO_1.18.300 (1).bin",
          "OpenBK7231N_QIO_1.18.300_hlw8112.bin",
          "OpenBK7231N_1.18.300_hlw8112.rbl",
          "OpenBK7231N_QIO_1.18.300_berry.bin",
          "OpenBK7231N_QIO_1.18.300_btproxy.bin",
          "OpenBK7231N_ALT_QIO_1.18.300.bin",
          "OpenBK7231N_QIO_1.18.287.bin",
          "OpenBK7231N_QIO_feature_x_0123456789ab.bin",
          "OpenBK7231N_QIO_123_merge_0123456789ab.bin",
          "OpenBK7231N_QIO_123_merge_0123456789ab_berry.bin",
          "OpenBK7231N_QIO_dev_20260101_101010.bin",
          "OpenBK7252_Tuya_UA_1.18.300.bin",
          "OpenBK7252_UA_1.18.300.bin",
        ].map((name) => [`/w/${name}`, {}]),
      ),
    );
    const found = await projectsIn(files, "/w");
    assert.deepEqual(
      found.map(({ name, version, artefacts }) => [name, version?.slice(10), artefacts.length]).sort(),
      [
        ["OpenBeken BK7231N", "1.18.287", 1],
        ["OpenBeken BK7231N", "1.18.300", 4],
        ["OpenBeken BK7231N (1)", "1.18.300", 1],
        ["OpenBeken BK7231N 123_merge_0123456789ab", undefined, 1],
        ["OpenBeken BK7231N 123_merge_0123456789ab_berry", undefined, 1],
        ["OpenBeken BK7231N ALT", "1.18.300", 1],
        ["OpenBeken BK7231N berry", "1.18.300", 1],
        ["OpenBeken BK7231N btproxy", "1.18.300", 1],
        ["OpenBeken BK7231N dev_20260101_101010", undefined, 1],
        ["OpenBeken BK7231N feature_x_0123456789ab", undefined, 1],
        ["OpenBeken BK7231N hlw8112", "1.18.300", 2],
        ["OpenBeken BK7252", "1.18.300", 1],
        ["OpenBeken BK7252 Tuya", "1.18.300", 1],
      ].sort(),
    );
    const shown = found.map((project) => `${project.name} ${projectFacts(project, 0)}`);
    assert.equal(new Set(shown).size, found.length, shown.join("\n"));
    assert.equal(new Set(found.map(({ id }) => id)).size, found.length);
    for (const { recommended } of found) assert.match(recommended?.name ?? "", /_(QIO|UA)_/);
  });
});

describe("a large tree", () => {
  const wide = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`/w/a${i}/b/c.txt`, {}]));

  it("of thousands of folders is searched to its end", async () => {
    const files = tableFiles({ ...wide(4_000), ...outputs("/w/z/y/x/w/v/.pio/build/n") });
    const { projects, cutAfter } = await discoverBuilds(files, "/w", TRUSTED);
    assert.deepEqual([projects.length, cutAfter], [1, undefined]);
  });

  it("without an end is given up, and that is told; what is near was found", async () => {
    const files = tableFiles({
      ...wide(12_000),
      ...outputs("/w/z/.pio/build/near"),
      ...outputs("/w/z/y/x/w/.pio/build/far"),
    });
    const { projects, cutAfter } = await discoverBuilds(files, "/w", TRUSTED);
    assert.deepEqual(
      projects.map(({ name }) => name),
      ["near"],
    );
    assert.equal(cutAfter, 20_000);
  });

  it("is not searched where tools put what is theirs", async () => {
    const filled = ["node_modules", ".git", ".venv", "__pycache__", ".cache", ".platformio"];
    const files = tableFiles(Object.fromEntries(filled.map((name) => [`/w/${name}/a/b/${RBL}`, {}])));
    assert.deepEqual(await names(files, "/w"), []);
    assert.ok(files.listed() < 5, `${files.listed()} folders listed`);
  });

  it("is no longer searched when nobody waits for it", async () => {
    const files = tableFiles(wide(3_000));
    const stop = new AbortController();
    const list: typeof files.list = (path) => {
      if (files.listed() === 100) stop.abort(new Error("enough"));
      return files.list(path);
    };
    await assert.rejects(discoverBuilds({ ...files, list }, "/w", TRUSTED, stop.signal), /enough/);
    assert.ok(files.listed() < 200, `${files.listed()} folders listed`);
  });
});

describe("paths as tools write them", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["/a/b/../c/", "/a/c"],
    ["a", "/base/a"],
    ["./a/./b", "/base/a/b"],
    ["..\\a", "/a"],
    ["D:\\x y\\z", "/d:/x y/z"],
    ["~", "/home/me"],
    ["~/a", "/home/me/a"],
    ["~other/a", "/base/~other/a"],
    ["\\\\server\\share", undefined],
    ["//server/share", undefined],
    [" ", undefined],
  ];
  for (const [written, expected] of cases)
    it(JSON.stringify(written), () => assert.equal(pathFrom(written, "/base", "/home/me"), expected));
});

/** Builds are found where ESPHome, PlatformIO and OpenBeken leave them, and their files are never confused. */
import assert from "node:assert/strict";
import { assignRoles, isFlashable, recommend, type ArtefactRole } from "../../../src/builds/artefacts";
import { boardOf, flagsOf, parseIni } from "../../../src/builds/platformioIni";
import { readLogSettings } from "../../../src/core/index";
import { boardOfYaml, chipOfNames, factsOfUf2Name, parseStorage, type Project } from "../../../src/builds/project";
import { ageOf } from "../../../src/extension/builds/buildTexts";
import { diskFiles, projectsIn as discoverBuilds, tableFiles } from "./buildTables";

const roles = (project: Project | undefined): Readonly<Record<string, ArtefactRole>> =>
  Object.fromEntries((project?.artefacts ?? []).map(({ name, role }) => [name, role]));

describe("builds", () => {
  it("of the genuine examples are all found, with device, board, chip, version and the file to flash", async () => {
    const found = await discoverBuilds(diskFiles, "examples");
    const facts = found.map(({ kind, name, board, chip, version, recommended }) => [
      kind,
      name,
      board,
      chip,
      version,
      recommended?.name,
    ]);
    assert.deepEqual(facts.sort(), [
      ["esphome", "Bedroom Bulb", "generic-bk7231t-qfn32-tuya", "BK7231T", "ESPHome 2025.5.0", "firmware.uf2"],
      ["esphome", "C8133U Bulb", "generic-bk7231t-qfn32-tuya", "BK7231T", "ESPHome 2025.5.0", "firmware.uf2"],
      ["esphome", "Hall Plug", "generic-bk7231n-qfn32-tuya", "BK7231N", "ESPHome 2025.5.0", "firmware.uf2"],
      ["platformio", "generic-bk7231t", "generic-bk7231t-qfn32-tuya", "BK7231T", undefined, "firmware.uf2"],
    ]);
  });

  it("know what they are made from, where that is there", async () => {
    const found = await discoverBuilds(diskFiles, "examples");
    const sources = Object.fromEntries(found.map(({ name, source }) => [name, source]));
    assert.deepEqual(sources, {
      "Bedroom Bulb": { kind: "esphome", yaml: "examples/esphome/bedroom-bulb.yaml" },
      "C8133U Bulb": { kind: "esphome", yaml: "examples/esphome/c8133u-bulb.yaml" },
      "Hall Plug": { kind: "esphome", yaml: "examples/esphome/hall-plug.yaml" },
      "generic-bk7231t": { kind: "platformio", folder: "examples/platformio", environment: "generic-bk7231t" },
    });
  });

  it("have every file of a genuine build told apart, and only those for serial flashing marked so", async () => {
    const found = await discoverBuilds(diskFiles, "examples/esphome");
    const project = found.find(({ name }) => name === "Hall Plug");
    assert.deepEqual(roles(project), {
      "firmware.uf2": "uf2",
      "image_bk7231n_app.0x011000.rbl": "app-rbl",
      "image_bk7231n_app.0x011000.crc": "app-crc",
      "firmware.bin": "uf2-copy",
      "esphome_2025.5.0_generic-bk7231n-qfn32-tuya_bk7231n_lt1.13.0.uf2": "uf2-copy",
      "image_bk7231n_app.0x129F0A.rblh": "rbl-header",
      "image_bk7231n_app.ota.rbl": "ota-rbl",
      "image_bk7231n_app.ota.ug.bin": "cloudcutter",
      "raw_firmware.bin": "raw",
    });
    const flashable = project?.artefacts.filter(isFlashable).map(({ role }) => role);
    assert.deepEqual(flashable, ["uf2", "app-rbl", "app-crc", "uf2-copy", "uf2-copy"]);
  });

  it("without a UF2 recommend the container, never an over-the-air file or the header", () => {
    const names = [
      "image_bk7238_app.ota.rbl",
      "image_bk7238_app.0x129F0A.rblh",
      "image_bk7238_app.0x011000.crc",
      "image_bk7238_app.0x011000.rbl",
    ];
    const files = assignRoles(names.map((name, index) => ({ path: name, name, size: 10 + index, modified: 1 })));
    assert.equal(recommend(files)?.name, "image_bk7238_app.0x011000.rbl");
    assert.equal(recommend(files.filter(({ role }) => role === "ota-rbl" || role === "rbl-header")), undefined);
  });

  it("of OpenBeken are grouped by chip and version", async () => {
    const files = tableFiles({
      "/w/dl/OpenBK7231N_QIO_1.17.5.bin": { size: 5 },
      "/w/dl/OpenBK7231N_1.17.5.rbl": { size: 6 },
      "/w/dl/OpenBK7231N_UG_1.17.5.bin": { size: 7 },
      "/w/dl/OpenBK7231T_UA_1.17.5.bin": { size: 8 },
      "/w/dl/OpenBK7231N_QIO_1.18.0.bin": { size: 9 },
      "/w/dl/OpenW800_1.17.5.fls": {},
    });
    const found = await discoverBuilds(files, "/w");
    assert.deepEqual(found.map(({ name, version, recommended }) => [name, version, recommended?.name]).sort(), [
      ["OpenBeken BK7231N", "OpenBeken 1.17.5", "OpenBK7231N_QIO_1.17.5.bin"],
      ["OpenBeken BK7231N", "OpenBeken 1.18.0", "OpenBK7231N_QIO_1.18.0.bin"],
      ["OpenBeken BK7231T", "OpenBeken 1.17.5", "OpenBK7231T_UA_1.17.5.bin"],
    ]);
    assert.deepEqual(roles(found.find(({ artefacts }) => artefacts.length === 3)), {
      "OpenBK7231N_QIO_1.17.5.bin": "qio",
      "OpenBK7231N_1.17.5.rbl": "ota-rbl",
      "OpenBK7231N_UG_1.17.5.bin": "cloudcutter",
    });
  });

  it("for other platforms are left alone", async () => {
    const files = tableFiles({
      "/w/.pio/build/esp32dev/firmware.bin": {},
      "/w/.pio/build/esp32dev/firmware.elf": {},
      "/w/.esphome/build/lamp/.pioenvs/lamp/firmware.bin": {},
      "/w/.esphome/storage/lamp.yaml.json": { text: JSON.stringify({ name: "lamp", esp_platform: "ESP32" }) },
    });
    assert.deepEqual(await discoverBuilds(files, "/w"), []);
  });

  it("are newest first, and not looked for below what tools fill", async () => {
    const image = "image_bk7231n_app.0x011000.rbl";
    const files = tableFiles({
      [`/w/old/.pio/build/a/${image}`]: { modified: 10 },
      [`/w/new/.pio/build/b/${image}`]: { modified: 20 },
      [`/w/node_modules/x/.pio/build/c/${image}`]: { modified: 30 },
      [`/w/1/2/3/4/5/.pio/build/deep/${image}`]: { modified: 15 },
    });
    assert.deepEqual(
      (await discoverBuilds(files, "/w")).map(({ name }) => name),
      ["b", "deep", "a"],
    );
  });

  it("in a data folder that was moved are found, too", async () => {
    const files = tableFiles({
      "/w/data/storage/plug.yaml.json": {
        text: JSON.stringify({
          name: "plug",
          friendly_name: "Plug",
          core_platform: "bk72xx",
          esphome_version: "2025.5.0",
        }),
      },
      "/w/data/build/plug/.pioenvs/plug/image_bk7231t_app.0x011000.rbl": {},
      "/w/data/build/plug/platformio.ini": { text: "[env:plug]\nboard = wb2s\n" },
    });
    const [project] = await discoverBuilds(files, "/w");
    assert.deepEqual([project?.name, project?.board, project?.version], ["Plug", "wb2s", "ESPHome 2025.5.0"]);
  });
});

describe("what small files tell", () => {
  it("storage: only of this platform, and nothing of broken files", () => {
    const beken = { name: "a", friendly_name: "A", esp_platform: "BK72XX", esphome_version: "2025.5.0" };
    const paths = { buildPath: undefined, firmwarePath: undefined };
    const read = { device: "a", name: "A", version: "ESPHome 2025.5.0" };
    assert.deepEqual(parseStorage(JSON.stringify(beken)), { ...read, ...paths });
    const built = { ...beken, build_path: "/b/a", firmware_bin_path: "None" };
    assert.deepEqual(parseStorage(JSON.stringify(built)), { ...read, ...paths, buildPath: "/b/a" });
    for (const text of [
      "",
      "null",
      "[]",
      "{",
      JSON.stringify({ ...beken, esp_platform: "ESP8266" }),
      JSON.stringify({ esp_platform: "BK72XX" }),
    ]) {
      assert.equal(parseStorage(text), undefined, text);
    }
  });

  it("platformio.ini: the board of the environment before the one all share", () => {
    const ini = "[env]\nboard = cbu ; usual\n[env:one]\nboard: wb3s\n[env:two]\nframework = arduino\n";
    assert.equal(boardOf(parseIni(ini), "one"), "wb3s");
    assert.equal(boardOf(parseIni(ini), "two"), "cbu");
    assert.equal(boardOf(parseIni("[env:one]\n"), "one"), undefined);
  });

  it("what the compiler is told, of one environment among others", () => {
    const ini = parseIni(`[common]
build_flags = -DLT_UART_DEFAULT_PORT=1
[env:moved]
build_flags =
  -DX
  \${common.build_flags}
[env:usual]
build_flags = -DY \${sysenv.MORE}
[env:none]
`);
    assert.deepEqual(readLogSettings("", flagsOf(ini, "moved")), { uart: 1 });
    for (const name of ["usual", "none", "other"]) assert.deepEqual(readLogSettings("", flagsOf(ini, name)), {}, name);
    assert.equal(flagsOf(ini, "usual"), "-DY ${sysenv.MORE}");
  });

  it("YAML: the board below the platform and not another one", () => {
    assert.equal(
      boardOfYaml("esphome:\n  board: nodemcu\nbk72xx:\n  # the module\n\n  board: 'cb2s' \nlogger:\n"),
      "cb2s",
    );
    assert.equal(boardOfYaml("esp32:\n  board: esp32dev\n"), undefined);
  });

  it("names: board and version of a UF2, and the chip that all files agree on", () => {
    assert.deepEqual(factsOfUf2Name("my_lamp_1.0_cbu_bk7231n_lt1.9.1.uf2"), {
      board: "cbu",
      version: "LibreTiny 1.9.1",
    });
    assert.deepEqual(factsOfUf2Name("firmware.uf2"), {});
    assert.equal(chipOfNames(["image_bk7231t_app.0x011000.rbl", "x_y_bk7231t_lt1.0.uf2"]), "BK7231T");
    assert.equal(chipOfNames(["image_bk7231t_app.0x011000.rbl", "image_bk7231n_app.ota.rbl"]), undefined);
  });

  it("ages", () => {
    const now = 10_000_000_000;
    assert.deepEqual(
      [5_000, 120_000, 7_200_000, 4 * 86_400_000].map((ms) => ageOf(now - ms, now)),
      ["just now", "2 min ago", "2 h ago", "4 days ago"],
    );
  });
});

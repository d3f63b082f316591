import assert from "node:assert/strict";
import { findTool, toolPlaces, type ToolSurroundings } from "../../../src/extension/builds/buildTools";

const LINUX: ToolSurroundings = {
  setting: "",
  folders: ["/projects/plugs"],
  variables: { PATH: "/usr/bin:.::relative/bin:/opt/tools/" },
  home: "/home/me",
  isWindows: false,
};

const WINDOWS: ToolSurroundings = {
  setting: "",
  folders: ["C:\\plugs"],
  variables: { PATH: "C:\\Python\\Scripts;.;tools" },
  home: "C:\\Users\\me",
  isWindows: true,
};

describe("programs that build firmware", () => {
  it("are looked for in virtual environments first, then in PATH, then where PlatformIO installs itself", () => {
    assert.deepEqual(toolPlaces("pio", LINUX), [
      "/projects/plugs/.venv/bin/pio",
      "/projects/plugs/venv/bin/pio",
      "/usr/bin/pio",
      "/opt/tools/pio",
      "/home/me/.platformio/penv/bin/pio",
    ]);
  });

  it("have other folders and endings on Windows", () => {
    const places = toolPlaces("esphome", WINDOWS);
    assert.ok(places.includes("C:\\plugs\\.venv\\Scripts\\esphome.exe"));
    assert.ok(places.includes("C:\\Python\\Scripts\\esphome.cmd"));
    assert.ok(places.includes("C:\\Users\\me\\.platformio\\penv\\Scripts\\esphome.exe"));
    assert.equal(
      places.every((path) => path.startsWith("C:\\")),
      true,
      "nothing out of the current folder",
    );
  });

  it("are the one that the setting names, and no other", async () => {
    const setting = { ...LINUX, setting: "~/bin/esphome" };
    assert.deepEqual(toolPlaces("esphome", setting), ["/home/me/bin/esphome"]);
    const there = (path: string): Promise<boolean> => Promise.resolve(path === "/usr/bin/esphome");
    assert.equal(await findTool("esphome", setting, there), undefined);
    assert.equal(await findTool("esphome", LINUX, there), "/usr/bin/esphome");
  });

  it("may be named below the folder of the project, and with a path of their own", () => {
    assert.deepEqual(toolPlaces("pio", { ...LINUX, setting: "env/bin/pio" }), ["/projects/plugs/env/bin/pio"]);
    assert.deepEqual(toolPlaces("pio", { ...WINDOWS, setting: "D:\\tools\\pio.exe" }), ["D:\\tools\\pio.exe"]);
  });

  it("are where PLATFORMIO_CORE_DIR says", () => {
    const variables = { PATH: "", PLATFORMIO_CORE_DIR: "/srv/pio" };
    assert.ok(toolPlaces("pio", { ...LINUX, variables }).includes("/srv/pio/penv/bin/pio"));
  });
});

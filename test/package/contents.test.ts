/** What the .vsix holds: everything it needs, for every platform, and nothing else. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { unzipSync } from "fflate";
import { TRANSLATIONS } from "../languages";
import { VSIX } from "./vsix";

const LIMIT_BYTES = 6_000_000;

/** The whole list, as one would want to see it change. */
const EXPECTED = [
  "[Content_Types].xml",
  "extension.vsixmanifest",
  ...[
    "LICENSE.txt",
    "changelog.md",
    "readme.md",
    "package.json",
    "package.nls.json",
    ...TRANSLATIONS.flatMap(({ id }) => [
      `README.${id}.md`,
      `package.nls.${id}.json`,
      `dist/l10n/bundle.l10n.${id}.json`,
      `dist/guide/guide.${id}.md`,
    ]),
    "docs/guide.md",
    "docs/pictures/done.png",
    "docs/pictures/imageRbl.png",
    "docs/pictures/approval.png",
    "media/beken.svg",
    "media/dashboard-dark.svg",
    "media/dashboard-light.svg",
    "media/firmware-dark.svg",
    "media/firmware-light.svg",
    "media/icon.png",
    "media/walkthrough/backup.svg",
    "media/walkthrough/chip.svg",
    "media/walkthrough/flash.svg",
    "media/walkthrough/port.svg",
    "media/walkthrough/run.svg",
    "media/walkthrough/verify.svg",
    "api/index.d.ts",
    "dist/extension/main.js",
    "dist/extension/browser.js",
    "dist/cli/main.js",
    "dist/cli/bin/beken-flasher",
    "dist/cli/bin/beken-flasher.cmd",
    "dist/sbom.cdx.json",
    "dist/third-party-notices.txt",
    "dist/webview/dashboard/main.css",
    "dist/webview/dashboard/main.js",
    "dist/webview/imageViewer/main.css",
    "dist/webview/imageViewer/main.js",
    "dist/webview/round/main.css",
    "dist/webview/round/main.js",
    "dist/prebuilds/darwin-x64+arm64/@serialport+bindings-cpp.node",
    "dist/prebuilds/linux-arm/@serialport+bindings-cpp.armv6.glibc.node",
    "dist/prebuilds/linux-arm/@serialport+bindings-cpp.armv7.glibc.node",
    "dist/prebuilds/linux-arm/@serialport+bindings-cpp.armv7.musl.node",
    "dist/prebuilds/linux-arm64/@serialport+bindings-cpp.armv8.glibc.node",
    "dist/prebuilds/linux-arm64/@serialport+bindings-cpp.armv8.musl.node",
    "dist/prebuilds/linux-x64/@serialport+bindings-cpp.glibc.node",
    "dist/prebuilds/linux-x64/@serialport+bindings-cpp.musl.node",
    "dist/prebuilds/win32-arm64/@serialport+bindings-cpp.armv8.node",
    "dist/prebuilds/win32-ia32/@serialport+bindings-cpp.node",
    "dist/prebuilds/win32-x64/@serialport+bindings-cpp.node",
  ].map((name) => `extension/${name}`),
];

describe("package", () => {
  const bytes = readFileSync(VSIX);
  const entries = Object.entries(unzipSync(bytes));

  it("holds exactly what is meant to ship", () => {
    assert.deepEqual(entries.map(([name]) => name).sort(), [...EXPECTED].sort());
  });

  it("has an entry for browsers of less than a megabyte: editors there load it whole, and often over the network", () => {
    const [, content] = entries.find(([name]) => name === "extension/dist/extension/browser.js") ?? [];
    assert.ok(content !== undefined && content.length < 1_000_000, `${content?.length} bytes`);
  });

  it("has no empty file", () => {
    assert.deepEqual(
      entries.filter(([, content]) => content.length === 0).map(([name]) => name),
      [],
    );
  });

  it("is small", () => {
    assert.ok(bytes.length < LIMIT_BYTES, `${bytes.length} bytes`);
  });
});

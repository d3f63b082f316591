/** The npm package: packed, installed into an empty folder by npm, and used there as people use it. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { BULB } from "../e2e/harness/builds";

const PACKAGE = resolve("out", "beken-flasher.tgz");

/** A program that uses the library, and is compiled against its types. */
const PROGRAM = `import { CHIPS, crc32, detectImage, type FirmwareImage } from "beken-flasher/core";
import { readFileSync } from "node:fs";
const name = "${BULB.rbl.name}";
const image: FirmwareImage = detectImage(readFileSync(name), name);
console.log(image.format, CHIPS.bk7231t.name, crc32(new Uint8Array([1, 2, 3])));
`;

function npm(folder: string, ...args: readonly string[]): string {
  const windows = process.platform === "win32";
  const { status, stdout, stderr } = spawnSync(windows ? "npm.cmd" : "npm", args, {
    cwd: folder,
    encoding: "utf8",
    shell: windows,
  });
  assert.equal(status, 0, `npm ${args.join(" ")}: ${stderr}${stdout}`);
  return stdout;
}

describe("npm package", () => {
  let folder: string;
  let program: string;

  /** What the compiler says. */
  function compile(module: string, ...more: readonly string[]): string {
    const compiler = createRequire(join(process.cwd(), "package.json")).resolve("typescript/bin/tsc");
    const options = ["--strict", "--target", "es2022", "--types", "node"];
    const roots = ["--typeRoots", resolve("node_modules", "@types")];
    return spawnSync(process.execPath, [compiler, ...options, ...roots, "--module", module, ...more], {
      cwd: folder,
      encoding: "utf8",
    }).stdout;
  }

  before(function () {
    this.timeout(5 * 60_000);
    const packed = spawnSync(process.execPath, ["scripts/package-cli.mjs", PACKAGE], { encoding: "utf8" });
    assert.equal(packed.status, 0, packed.stderr);
    folder = mkdtempSync(join(tmpdir(), "beken-npm-"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
    npm(folder, "install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE);
    program = join(folder, "node_modules", "beken-flasher", "dist", "cli", "main.js");
    copyFileSync(join("examples", BULB.rbl.path), join(folder, BULB.rbl.name));
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("simulates a chip and flashes it, with no build step and no driver to install", async () => {
    const device = spawn(process.execPath, [program, "simulate", "--json", "--listen", "tcp:0"], { cwd: folder });
    try {
      const lines = createInterface(device.stdout);
      const [line] = (await once(lines, "line")) as [string];
      const { port } = JSON.parse(line) as { readonly port: string };
      const flashed = npm(
        folder,
        ...["exec", "--offline", "--", "beken-flasher", "flash", BULB.rbl.name],
        ...["--port", port, "--no-backup", "--json"],
      );
      const result = JSON.parse(flashed.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;
      assert.equal(result["type"], "result");
      assert.equal(result["verified"], true);
    } finally {
      device.kill();
    }
  });

  it("lists the machine's ports: the serial driver is in it", () => {
    const ports = npm(folder, "exec", "--offline", "--", "beken-flasher", "ports", "--json");
    const result = JSON.parse(ports.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;
    assert.equal(result["type"], "result");
  });

  it("leads from a failure into its guide, which is in it", () => {
    const { stdout } = spawnSync(process.execPath, [program, "inspect", "nothing.rbl", "--json"], {
      cwd: folder,
      encoding: "utf8",
    });
    const { help } = JSON.parse(stdout) as { readonly help: string };
    const [page, anchor] = help.split("#");
    assert.ok(readFileSync(fileURLToPath(page ?? ""), "utf8").includes(`\n### ${anchor ?? ""}\n`), help);
  });

  it("is a library for import and for require, whose types a program is compiled against", () => {
    const files = ["use.mts", "use.cts"];
    for (const file of files) writeFileSync(join(folder, file), PROGRAM);
    // The library's own declarations are checked too; under the other names they are the same.
    assert.equal(compile("nodenext", "--skipLibCheck", "false", ...files), "");
    for (const program of ["use.mjs", "use.cjs"]) {
      const ran = spawnSync(process.execPath, [program], { cwd: folder, encoding: "utf8" });
      assert.equal(ran.stderr, "");
      assert.equal(ran.stdout, "rbl-partition BK7231T 1438416925\n");
    }
  });

  for (const [form, ...options] of [
    ["esnext", "--moduleResolution", "bundler"],
    ["commonjs", "--moduleResolution", "node10", "--ignoreDeprecations", "6.0"],
  ] as const)
    it(`has types for programs that resolve modules as ${options[1]} does, under either name`, () => {
      writeFileSync(join(folder, "other.ts"), `${PROGRAM}export { words } from "beken-flasher";\n`);
      assert.equal(compile(form, ...options, "--skipLibCheck", "--noEmit", "other.ts"), "");
    });

  it("says what of others is in it, under which licence", () => {
    const shipped = join(folder, "node_modules", "beken-flasher");
    const bill = JSON.parse(readFileSync(join(shipped, "dist", "sbom.cdx.json"), "utf8")) as {
      readonly bomFormat: string;
      readonly components: readonly { readonly name: string; readonly version: string; readonly purl: string }[];
      readonly dependencies: readonly { readonly ref: string }[];
    };
    assert.equal(bill.bomFormat, "CycloneDX");
    const names = bill.components.map(({ name }) => name);
    assert.ok(names.includes("@serialport/bindings-cpp") && names.includes("commander"), names.join());
    const notices = readFileSync(join(shipped, "dist", "third-party-notices.txt"), "utf8");
    for (const { name, version } of bill.components) assert.ok(notices.includes(`${name} ${version} (`), name);
    // Its schema has every component and every dependency once.
    const purls = bill.components.map(({ purl }) => purl);
    assert.deepEqual([...new Set(purls)], purls);
    assert.deepEqual(bill.dependencies.map(({ ref }) => ref).slice(1), purls);
    assert.doesNotMatch(notices, /^Licensed under/m, "every licence is there with its text");
  });
});

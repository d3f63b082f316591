// `npm run package:cli -- [OUT.tgz] [--repository ADDRESS]`: the npm package: the command line with the serial driver in it, and
// the core as a library with its types. Built for production, from a folder of its own.
import { build } from "esbuild";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import builds from "../esbuild.js";
import { commandLineManifest } from "./manifests.mjs";
import { writeBillOfMaterials, writeNotices } from "./notices.js";
import "./plainErrors.mjs";
import { readPackagingArguments, writePages } from "./packaging.mjs";
import { run } from "./vscode/shell.mjs";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const packed = `${manifest.name}-${manifest.version}.tgz`;
const { out, repository } = readPackagingArguments(packed);
const folder = resolve("out", "cli-package");
rmSync(folder, { recursive: true, force: true });

const production = { production: true };
const [program, ...library] = [builds.shippedCliBuild(production, folder), ...builds.libraryBuilds(production, folder)];
const made = await Promise.all([program, ...library].map((options) => build({ ...options, metafile: true })));
const metafiles = made.map(({ metafile }) => metafile);
writeNotices(metafiles, join(folder, "dist", "third-party-notices.txt"));
writeBillOfMaterials(metafiles, manifest, join(folder, "dist", "sbom.cdx.json"));
const types = join(folder, "dist", "core", "index.d.ts");
await run(process.execPath, [
  join("node_modules", "dts-bundle-generator", "dist", "bin", "dts-bundle-generator.js"),
  ...["--silent", "--no-check", "--export-referenced-types=false", "--project", "tsconfig.json"],
  ...["--out-file", types, join("src", "core", "index.ts")],
]);
cpSync(types, types.replace(/\.ts$/, ".mts"));
// The guide is what failures lead to.
for (const file of ["LICENSE", "docs/guide.md"]) cpSync(file, join(folder, file));
writePages(folder, repository);
writeFileSync(
  join(folder, "package.json"),
  `${JSON.stringify(commandLineManifest(manifest, repository), undefined, 2)}\n`,
);
// On Windows npm is a script, which only a shell starts.
await run("npm", ["pack", "--silent"], { cwd: folder, shell: process.platform === "win32" });
mkdirSync(dirname(out), { recursive: true });
cpSync(join(folder, packed), out);
console.log(out);

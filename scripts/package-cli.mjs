// `npm run package:cli -- [OUT.tgz] [--repository ADDRESS]`: the npm package: the command line with the serial driver in it, and
// the core as a library with its types. Built for production, from a folder of its own.
import { build } from "esbuild";
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import builds from "../esbuild.js";
import { checkedAddress, commandLineManifest } from "./manifests.mjs";
import { writeBillOfMaterials, writeNotices } from "./notices.js";
import { run } from "./vscode/shell.mjs";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const { values, positionals } = parseArgs({ options: { repository: { type: "string" } }, allowPositionals: true });
const given = values.repository ?? process.env.REPOSITORY_ADDRESS;
const address = given === undefined ? undefined : checkedAddress(given);
const packed = `${manifest.name}-${manifest.version}.tgz`;
const out = resolve(positionals[0] ?? packed);
const folder = resolve("out", "cli-package");
rmSync(folder, { recursive: true, force: true });

const production = { production: true };
const made = await Promise.all(
  [builds.shippedCliBuild(production, folder), builds.libraryBuild(production, folder)].map((options) =>
    build({ ...options, metafile: true }),
  ),
);
const metafiles = made.map(({ metafile }) => metafile);
writeNotices(metafiles, join(folder, "dist", "third-party-notices.txt"));
writeBillOfMaterials(metafiles, manifest, join(folder, "dist", "sbom.cdx.json"));
await run(process.execPath, [
  join("node_modules", "dts-bundle-generator", "dist", "bin", "dts-bundle-generator.js"),
  ...["--silent", "--no-check", "--export-referenced-types=false", "--project", "tsconfig.json"],
  ...["--out-file", join(folder, "dist", "core", "index.d.ts"), join("src", "core", "index.ts")],
]);
for (const file of ["LICENSE", "CHANGELOG.md", "README.md"]) cpSync(file, join(folder, file));
writeFileSync(
  join(folder, "package.json"),
  `${JSON.stringify(commandLineManifest(manifest, address), undefined, 2)}\n`,
);
mkdirSync(dirname(out), { recursive: true });
await run("npm", ["pack", "--silent", "--pack-destination", dirname(out), folder]);
renameSync(join(dirname(out), packed), out);
console.log(out);

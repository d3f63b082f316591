// `npm run package [OUT.vsix]`: one universal .vsix, built for production. What goes in is .vscodeignore's business.
import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import vsce from "@vscode/vsce";
import { run } from "./vscode/shell.mjs";
import { unpackExtension } from "./vscode/unpacked.mjs";

/** Parts of the manifest that are about the working tree. */
const NOT_SHIPPED = [
  "bin",
  "scripts",
  "dependencies",
  "optionalDependencies",
  "devDependencies",
  "prettier",
  "knip",
  "private",
];

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const packagePath = resolve(process.argv[2] ?? `${manifest.name}-${manifest.version}.vsix`);
const folder = join("out", "package");
mkdirSync(dirname(packagePath), { recursive: true });
await run(process.execPath, ["esbuild.js", "--production"]);
unpackExtension(folder);
const shipped = Object.fromEntries(Object.entries(manifest).filter(([key]) => !NOT_SHIPPED.includes(key)));
writeFileSync(join(folder, "package.json"), `${JSON.stringify(shipped, undefined, 2)}\n`);
cpSync(".vscodeignore", join(folder, ".vscodeignore"));
await vsce.createVSIX({
  cwd: folder,
  packagePath,
  // Everything is bundled.
  dependencies: false,
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
});
console.log(`${packagePath}: ${(statSync(packagePath).size / 1024).toFixed(0)} KiB`);

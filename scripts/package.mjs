// `npm run package -- [OUT.vsix] [--repository ADDRESS]`: one universal .vsix, built for production. What goes in is
// .vscodeignore's business. With an address (or REPOSITORY_ADDRESS) its page links there; without one it links nowhere.
import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import vsce from "@vscode/vsce";
import { checkedAddress, extensionManifest } from "./manifests.mjs";
import { run } from "./vscode/shell.mjs";
import { unpackExtension } from "./vscode/unpacked.mjs";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const { values, positionals } = parseArgs({ options: { repository: { type: "string" } }, allowPositionals: true });
const given = values.repository ?? process.env.REPOSITORY_ADDRESS;
const address = given === undefined ? undefined : checkedAddress(given);
const packagePath = resolve(positionals[0] ?? `${manifest.name}-${manifest.version}.vsix`);
const folder = join("out", "package");
mkdirSync(dirname(packagePath), { recursive: true });
await run(process.execPath, ["esbuild.js", "--production"]);
unpackExtension(folder);
writeFileSync(join(folder, "package.json"), `${JSON.stringify(extensionManifest(manifest, address), undefined, 2)}\n`);
cpSync(".vscodeignore", join(folder, ".vscodeignore"));
await vsce.createVSIX({
  cwd: folder,
  packagePath,
  // Everything is bundled.
  dependencies: false,
  allowMissingRepository: address === undefined,
  rewriteRelativeLinks: address !== undefined,
});
console.log(`${packagePath}: ${(statSync(packagePath).size / 1024).toFixed(0)} KiB`);

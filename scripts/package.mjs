// `npm run package -- [OUT.vsix] [--repository ADDRESS] [--built]`: one universal .vsix, built for production (--built: of what dist/
// holds). What goes in is .vscodeignore's business. With an address (or REPOSITORY_ADDRESS) its page links there; without one it
// links nowhere.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import vsce from "@vscode/vsce";
import { extensionManifest } from "./manifests.mjs";
import "./plainErrors.mjs";
import { readPackagingArguments, writePages } from "./packaging.mjs";
import { run } from "./vscode/shell.mjs";
import { unpackExtension } from "./vscode/unpacked.mjs";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const { out: packagePath, repository, built } = readPackagingArguments(`${manifest.name}-${manifest.version}.vsix`);
if (!built) await run(process.execPath, ["esbuild.js", "--production"]);
const folder = mkdtempSync(join(tmpdir(), "beken-package-"));
try {
  unpackExtension(folder);
  const shipped = extensionManifest(manifest, repository);
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(shipped, undefined, 2)}\n`);
  writePages(folder, repository);
  cpSync(".vscodeignore", join(folder, ".vscodeignore"));
  mkdirSync(dirname(packagePath), { recursive: true });
  await vsce.createVSIX({
    cwd: folder,
    packagePath,
    // Everything is bundled.
    dependencies: false,
    allowMissingRepository: repository === undefined,
    // Nothing is left to rewrite; with an address the packager ends where something is.
    rewriteRelativeLinks: repository !== undefined,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${packagePath}: ${(statSync(packagePath).size / 1024).toFixed(0)} KiB`);

// `npm run package [OUT.vsix]`: one universal .vsix, built for production. What goes in is .vscodeignore's business.
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import vsce from "@vscode/vsce";

const { name, version } = JSON.parse(readFileSync("package.json", "utf8"));
const packagePath = process.argv[2] ?? `${name}-${version}.vsix`;
mkdirSync(dirname(packagePath), { recursive: true });
await vsce.createVSIX({
  packagePath,
  // Everything is bundled.
  dependencies: false,
  allowMissingRepository: true,
  rewriteRelativeLinks: false,
  allowUnusedFilesPattern: true,
});
console.log(`${packagePath}: ${(statSync(packagePath).size / 1024).toFixed(0)} KiB`);

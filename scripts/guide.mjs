// `npm run guide`: makes the parts of docs/guide.md, and of its translations, anew that follow from the code. With --check nothing
// is written, and a guide that is out of date is a failure.
import { build } from "esbuild";
import { Buffer } from "node:buffer";
import { readFileSync, writeFileSync } from "node:fs";

const { outputFiles } = await build({
  entryPoints: ["src/guide/render.ts"],
  bundle: true,
  write: false,
  platform: "node",
  format: "esm",
  logLevel: "warning",
});
const script = Buffer.from(outputFiles[0].contents).toString("base64");
const { GUIDES, renderGuide } = await import(`data:text/javascript;base64,${script}`);

for (const language of GUIDES) {
  const { path } = language;
  const before = readFileSync(path, "utf8");
  const after = renderGuide(before, language);
  if (process.argv.includes("--check")) {
    console.log(before === after ? `${path} is up to date` : `${path} is out of date: npm run guide`);
    if (before !== after) process.exitCode = 1;
  } else if (before !== after) {
    writeFileSync(path, after);
    console.log(`${path} written`);
  }
}

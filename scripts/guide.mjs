// `npm run guide`: makes the parts of docs/guide.md anew that follow from the code. With --check nothing is written, and a guide
// that is out of date is a failure.
import { build } from "esbuild";
import { Buffer } from "node:buffer";
import { readFileSync, writeFileSync } from "node:fs";

const GUIDE = "docs/guide.md";

const { outputFiles } = await build({
  entryPoints: ["src/guide/render.ts"],
  bundle: true,
  write: false,
  platform: "node",
  format: "esm",
  logLevel: "warning",
});
const script = Buffer.from(outputFiles[0].contents).toString("base64");
const { renderGuide } = await import(`data:text/javascript;base64,${script}`);

const before = readFileSync(GUIDE, "utf8");
const after = renderGuide(before);
if (process.argv.includes("--check")) {
  console.log(before === after ? `${GUIDE} is up to date` : `${GUIDE} is out of date: npm run guide`);
  process.exitCode = before === after ? 0 : 1;
} else if (before !== after) {
  writeFileSync(GUIDE, after);
  console.log(`${GUIDE} written`);
}

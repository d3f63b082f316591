// `node scripts/vscode/install.mjs [floor|newest]...`: fetches what the tests inside VS Code need, unless it is there.
import { findChromium } from "./browser.mjs";
import { RELEASES, installCodeServer } from "./codeServer.mjs";

const names = process.argv.slice(2);
console.log(await findChromium());
await Promise.all(
  (names.length > 0 ? names : Object.keys(RELEASES)).map(async (name) => {
    const began = Date.now();
    const { entry } = await installCodeServer(name);
    console.log(`${entry} (${((Date.now() - began) / 1000).toFixed(0)} s)`);
  }),
);

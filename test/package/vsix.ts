/** Where `npm test` puts the package it tests; `node scripts/package.mjs out/beken-flasher.vsix` makes it by hand. */
export const VSIX = "out/beken-flasher.vsix";

// The licences of what is bundled, as their terms ask: one text file made from the build's own list of inputs.
"use strict";

const { existsSync, readFileSync, readdirSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

/** Folders of the packages that gave files to the builds, nested ones included, in order of name. */
function bundledPackages(metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = inputs.flatMap((file) => file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []);
  return [...new Set(folders)].filter((folder) => existsSync(join(folder, "package.json"))).sort();
}

function licenceText(folder) {
  const file = readdirSync(folder).find((name) => /^licen[cs]e(\.(md|txt))?$/i.test(name));
  return file === undefined ? undefined : readFileSync(join(folder, file), "utf8").trim();
}

/** Writes the notices to `file`. */
function writeNotices(metafiles, file) {
  const sections = bundledPackages(metafiles).map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return `${name} ${version} (${license})\n\n${licenceText(folder) ?? `Licensed under ${license}.`}\n`;
  });
  writeFileSync(
    file,
    `This package contains software of others, under these licences.\n\n${sections.join(`\n${"-".repeat(80)}\n\n`)}`,
  );
}

module.exports = { writeNotices };

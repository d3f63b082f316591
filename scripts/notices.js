// What of others is bundled, by the build's own list of inputs: its licences, as their terms ask, and a bill of materials.
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

const npmUrl = (name, version) => `pkg:npm/${name.replace("@", "%40")}@${version}`;

/**
 * Writes what is bundled as a CycloneDX 1.6 bill of materials, for those who watch what they install for known faults.
 * @param manifest name, version and licence of what it is the bill of
 */
function writeBillOfMaterials(metafiles, manifest, file) {
  const part = (type, { name, version, license }) => ({
    type,
    "bom-ref": npmUrl(name, version),
    name,
    version,
    purl: npmUrl(name, version),
    licenses: [{ license: { id: license } }],
  });
  const components = bundledPackages(metafiles).map((folder) =>
    part("library", JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))),
  );
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: part("application", manifest) },
    components,
    dependencies: [
      { ref: npmUrl(manifest.name, manifest.version), dependsOn: components.map(({ purl }) => purl) },
      ...components.map(({ purl }) => ({ ref: purl })),
    ],
  };
  writeFileSync(file, `${JSON.stringify(bill, undefined, 2)}\n`);
}

module.exports = { writeBillOfMaterials, writeNotices };

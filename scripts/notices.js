// What of others is bundled, by the build's own list of inputs: its licences, as their terms ask, and a bill of materials.
"use strict";

const { existsSync, readFileSync, readdirSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

/** The licence without its copyright line, which names the author: for packages that name it and do not bring its text. */
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR
ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH
THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/**
 * The packages that gave files to the builds, each version once though it may lie in several folders, in order of name.
 * @returns `{ folder, name, version, license, author }`
 */
function bundledPackages(metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = inputs.flatMap((file) => file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []);
  const packages = new Map();
  for (const folder of [...new Set(folders)].filter((folder) => existsSync(join(folder, "package.json")))) {
    const { name, version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    packages.set(`${name}@${version}`, { folder, name, version, license, author });
  }
  return [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found);
}

/** The licence's text and what else the package wants to be passed on. */
function licenceText({ folder, name, license, author }) {
  const read = (pattern) =>
    readdirSync(folder)
      .filter((file) => pattern.test(file))
      .map((file) => readFileSync(join(folder, file), "utf8").trim());
  const licences = read(/^(licen[cs]e|copying)([.-].*)?$/i);
  if (licences.length > 0) return [...licences, ...read(/^(third.?party)?notices?(\..*)?$/i)].join("\n\n");
  if (license !== "MIT") throw new Error(`${name} is bundled and brings no text of its licence (${license})`);
  return `Copyright (c) ${author?.name ?? author ?? `the authors of ${name}`}\n\n${MIT}`;
}

/** Writes the notices to `file`. */
function writeNotices(metafiles, file) {
  const sections = bundledPackages(metafiles).map(
    (found) => `${found.name} ${found.version} (${found.license})\n\n${licenceText(found)}\n`,
  );
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
    licenses: [/ (OR|AND|WITH) /.test(license) ? { expression: license } : { license: { id: license } }],
  });
  const components = bundledPackages(metafiles).map((found) => part("library", found));
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

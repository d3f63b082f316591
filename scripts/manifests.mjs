// The manifests that ship, made from the one in the working tree: the extension's and that of the command line's own package.
// Where the project lives is the owner's to say, once: an address such as https://github.com/OWNER/REPOSITORY.

/** Parts that are about the working tree. */
const NOT_SHIPPED = [
  "bin",
  "scripts",
  "dependencies",
  "optionalDependencies",
  "devDependencies",
  "prettier",
  "knip",
  "private",
];

/** Parts of the working tree's manifest that an npm package has too. */
const SHARED_WITH_NPM = ["name", "version", "license", "keywords"];

/**
 * The address without its ending.
 * @throws Error when it is not one of https with an owner and a name
 */
export function checkedAddress(address) {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const path = url?.pathname.replace(/(\.git)?\/*$/, "") ?? "";
  if (url?.protocol !== "https:" || !/^(\/[\w.-]+){2,}$/.test(path))
    throw new Error(`"${address}" is no repository's address, such as https://github.com/OWNER/REPOSITORY`);
  return `${url.origin}${path}`;
}

/** What a marketplace page and a registry link to; nothing where no address is given. */
function addresses(address) {
  if (address === undefined) return {};
  return {
    repository: { type: "git", url: `${address}.git` },
    homepage: `${address}#readme`,
    bugs: { url: `${address}/issues` },
  };
}

export function extensionManifest(manifest, address) {
  const shipped = Object.entries(manifest).filter(([key]) => !NOT_SHIPPED.includes(key));
  const questions = address === undefined ? {} : { qna: `${address}/discussions` };
  return { ...Object.fromEntries(shipped), ...addresses(address), ...questions };
}

/**
 * The npm package: the program with the serial driver in it, and the core as a library. It depends on nothing that has to be
 * built; what `simulate` opens pseudo-terminals with is optional, and so is the driver for those who use the core's own.
 */
export function commandLineManifest(manifest, address) {
  const shared = Object.fromEntries(SHARED_WITH_NPM.map((key) => [key, manifest[key]]));
  return {
    ...shared,
    description: "Flashes Beken BK72xx Wi-Fi chips over a serial port, and proves on the chip what it wrote.",
    ...addresses(address),
    engines: { node: manifest.engines.node },
    bin: { "beken-flasher": "dist/cli/main.js" },
    exports: {
      "./core": { types: "./dist/core/index.d.ts", import: "./dist/core/index.mjs" },
      "./package.json": "./package.json",
    },
    files: ["dist", "LICENSE", "README.md", "CHANGELOG.md"],
    optionalDependencies: manifest.optionalDependencies,
    peerDependencies: { serialport: `^${manifest.dependencies.serialport}` },
    peerDependenciesMeta: { serialport: { optional: true } },
  };
}

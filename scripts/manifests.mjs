// The manifests that ship, made from the one in the working tree: the extension's and that of the command line's own package.

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

/** What a marketplace page and a registry link to; nothing where the repository is not known. */
function addresses(repository) {
  if (repository === undefined) return {};
  return {
    repository: { type: "git", url: repository.git },
    homepage: repository.start,
    bugs: { url: repository.issues },
  };
}

export function extensionManifest(manifest, repository) {
  const shipped = Object.entries(manifest).filter(([key]) => !NOT_SHIPPED.includes(key));
  const questions = repository === undefined ? {} : { qna: repository.questions };
  return { ...Object.fromEntries(shipped), ...addresses(repository), ...questions };
}

/** The core as a library, for `import` and for `require`; each has declarations of its own, as TypeScript asks. */
const LIBRARY = {
  import: { types: "./dist/core/index.d.mts", default: "./dist/core/index.mjs" },
  require: { types: "./dist/core/index.d.ts", default: "./dist/core/index.cjs" },
};

/**
 * The npm package: the program with the serial driver in it, and the core as a library. It depends on nothing that has to be
 * built; what `simulate` opens pseudo-terminals with is optional, and so is the driver for those who use the core's own.
 */
export function commandLineManifest(manifest, repository) {
  const shared = Object.fromEntries(SHARED_WITH_NPM.map((key) => [key, manifest[key]]));
  return {
    ...shared,
    description: "Flashes Beken BK72xx Wi-Fi chips over a serial port, and proves on the chip what it wrote.",
    ...addresses(repository),
    engines: { node: manifest.engines.node },
    bin: { "beken-flasher": "dist/cli/main.js" },
    main: "./dist/core/index.cjs",
    types: "./dist/core/index.d.ts",
    exports: { ".": LIBRARY, "./core": LIBRARY, "./package.json": "./package.json" },
    // For compilers that do not read `exports` (moduleResolution node10).
    typesVersions: { "*": { core: ["dist/core/index.d.ts"] } },
    files: ["dist", "docs/guide.md", "LICENSE", "README.md", "README.*.md", "CHANGELOG.md"],
    optionalDependencies: manifest.optionalDependencies,
    peerDependencies: { serialport: `^${manifest.dependencies.serialport}` },
    peerDependenciesMeta: { serialport: { optional: true } },
  };
}

// Builds what is shipped, and proves that core and storage stay free of Node: `node esbuild.js [--watch] [--production]`.
// The scripts use the configurations exported at the end.
"use strict";

const esbuild = require("esbuild");
const { chmodSync, cpSync, existsSync, readdirSync, rmSync } = require("node:fs");
const { basename, dirname, join, relative } = require("node:path");
const { writeBillOfMaterials, writeNotices } = require("./scripts/notices.js");

/** Native modules of the command line: they stay in node_modules, next to their prebuilt binaries. */
const NATIVE = ["serialport", "@serialport/bindings-cpp", "@lydell/node-pty"];

/** Which files reach outside our own, and what they may reach: those of the core only by `import()`. The one table of that. */
const { packages: PACKAGES } = require("./test/unit/arrows.json");

const executable = {
  name: "executable",
  setup(build) {
    build.onEnd((result) => {
      if (result.errors.length === 0) chmodSync(build.initialOptions.outfile, 0o755);
    });
  },
};

/** The serial driver looks for its binaries one folder above the file it runs in: dist/extension/main.js finds dist/prebuilds. */
const prebuilds = {
  name: "prebuilds",
  setup(build) {
    build.onEnd((result) => {
      if (result.errors.length > 0) return;
      const from = join(dirname(require.resolve("@serialport/bindings-cpp/package.json")), "prebuilds");
      const to = join(dirname(build.initialOptions.outfile), "..", "prebuilds");
      rmSync(to, { recursive: true, force: true });
      // VS Code does not run on Android.
      const wanted = readdirSync(from).filter((platform) => !platform.startsWith("android"));
      for (const platform of wanted) cpSync(join(from, platform), join(to, platform), { recursive: true });
    });
  },
};

/** What a terminal starts: a line of shell and one for Windows, next to the program. */
const shims = {
  name: "shims",
  setup(build) {
    build.onEnd((result) => {
      if (result.errors.length === 0)
        cpSync("src/cli/bin", join(dirname(build.initialOptions.outfile), "bin"), { recursive: true });
    });
  },
};

/** In a browser `x.web.ts` takes the place of the `x.ts` beside it, which needs Node. */
const webVariants = {
  name: "web-variants",
  setup(build) {
    build.onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) => {
      const variant = join(resolveDir, `${path}.web.ts`);
      return existsSync(variant) ? { path: variant } : undefined;
    });
  },
};

/** Fails the build on every import that leaves our own files, but for what {@link PACKAGES} has for a file of the core. */
const pure = {
  name: "pure",
  setup(build) {
    build.onResolve({ filter: /^[^.]/ }, ({ path, importer, kind }) => {
      if (kind === "entry-point") return undefined;
      const file = relative("src", importer).replaceAll("\\", "/").replace(/\.ts$/, "");
      // A package that runs in a browser is bundled with the file that needs it.
      if (file.startsWith("esphome/") && PACKAGES[file]?.includes(path)) return undefined;
      const allowed = (file.startsWith("core/") && PACKAGES[file]) || [];
      if (kind === "dynamic-import" && allowed.includes(path)) return { path, external: true };
      return { errors: [{ text: `core and storage must run in a browser: ${kind} of "${path}" is not allowed here` }] };
    });
  },
};

/** The command line: one file that Node 20 runs as it is. */
function cliBuild({ production = false } = {}) {
  return {
    entryPoints: ["src/cli/entry.ts"],
    outfile: "dist/cli.js",
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: NATIVE,
    banner: { js: "#!/usr/bin/env node" },
    minify: production,
    sourcemap: production ? false : "linked",
    legalComments: "eof",
    plugins: [executable],
    logLevel: "warning",
  };
}

/**
 * The command line as it ships, in the extension and as a package of its own: one file with the serial driver in it, whose
 * binaries are in `FOLDER/dist/prebuilds`. Pseudo-terminals for `simulate` are there where node-pty is installed.
 */
function shippedCliBuild(options = {}, folder = ".") {
  return {
    ...cliBuild(options),
    outfile: join(folder, "dist", "cli", "main.js"),
    external: ["@lydell/node-pty"],
    // Beside the extension it finds the extension's.
    plugins: folder === "." ? [executable, shims] : [executable, prebuilds],
  };
}

/**
 * The core for programs of others, for `import` and for `require`. It loads the serial driver, which is theirs to install, when it
 * is needed.
 */
function libraryBuilds({ production = false } = {}, folder = ".") {
  const forms = { mjs: "esm", cjs: "cjs" };
  return Object.entries(forms).map(([ending, format]) => ({
    entryPoints: ["src/core/index.ts"],
    outfile: join(folder, "dist", "core", `index.${ending}`),
    bundle: true,
    platform: "neutral",
    target: "es2022",
    format,
    minifySyntax: production,
    external: ["serialport", "node:*"],
    legalComments: "eof",
    logLevel: "warning",
  }));
}

/** The extension: one file for the extension host, the serial driver in it, loaded when a port is first asked for. */
function extensionBuild({ production = false } = {}) {
  return {
    entryPoints: ["src/extension/main.ts"],
    outfile: "dist/extension/main.js",
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // Simulated chips on pseudo-terminals are for the command line; the practice device lives in memory.
    external: ["vscode", "@lydell/node-pty"],
    minify: production,
    sourcemap: production ? false : "linked",
    legalComments: "eof",
    plugins: [prebuilds],
    logLevel: "warning",
  };
}

/** The extension for an extension host that is a browser's worker: the same source, with what needs Node replaced. */
function browserExtensionBuild({ production = false } = {}) {
  return {
    entryPoints: ["src/extension/main.ts"],
    outfile: "dist/extension/browser.js",
    bundle: true,
    platform: "browser",
    target: "es2022",
    format: "cjs",
    external: ["vscode"],
    inject: ["src/extension/platform/immediate.ts"],
    minify: production,
    sourcemap: production ? false : "linked",
    legalComments: "eof",
    plugins: [webVariants],
    logLevel: "warning",
  };
}

/** What runs in webviews: every main.tsx below webview-ui, with the styles it imports beside it. */
function webviewBuild({ production = false } = {}) {
  const mains = readdirSync("webview-ui", { recursive: true })
    .map((name) => join("webview-ui", String(name)))
    .filter((name) => basename(name) === "main.tsx");
  return {
    entryPoints: mains,
    outdir: "dist/webview",
    outbase: "webview-ui",
    bundle: true,
    platform: "browser",
    target: "es2022",
    format: "iife",
    minify: production,
    // No source map: the webviews' security policy would not let it load.
    legalComments: "eof",
    logLevel: "warning",
  };
}

/** The one file of src/storage that may need Node: it is Node's file system. */
const NODE_FILE_SYSTEM = "nodeFileSystem.ts";

/** `src/core`, `src/esphome` and `src/storage` for a browser; nothing is written. It fails as soon as they need more than a browser has. */
function purityBuild() {
  const storage = readdirSync("src/storage").filter((name) => name !== NODE_FILE_SYSTEM);
  return {
    entryPoints: ["src/core/index.ts", "src/esphome/index.ts", ...storage.map((name) => join("src", "storage", name))],
    outdir: "dist",
    bundle: true,
    write: false,
    platform: "browser",
    target: "es2022",
    format: "esm",
    plugins: [pure],
    logLevel: "warning",
  };
}

/** The language that the sources are written in: it has its guide in docs/, and VS Code needs no translation into it. */
const OWN_LANGUAGE = "en";

/** Puts what each folder of src/languages holds where VS Code wants it. */
function placeLanguages() {
  rmSync("dist/l10n", { recursive: true, force: true });
  rmSync("dist/guide", { recursive: true, force: true });
  const former = readdirSync(".").filter((name) => /^package\.nls\.[\w-]+\.json$/.test(name));
  for (const name of former) rmSync(name);
  const folders = readdirSync("src/languages", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of folders) {
    const from = join("src", "languages", name);
    if (name === OWN_LANGUAGE) {
      cpSync(join(from, "manifest.json"), "package.nls.json");
      continue;
    }
    cpSync(join(from, "manifest.json"), `package.nls.${name}.json`);
    cpSync(join(from, "texts.json"), join("dist", "l10n", `bundle.l10n.${name}.json`));
    const guide = join(from, "guide.md");
    if (existsSync(guide)) cpSync(guide, join("dist", "guide", `guide.${name}.md`));
  }
}

async function main(flags) {
  placeLanguages();
  const options = { production: flags.includes("--production") };
  const extension = extensionBuild(options);
  const webview = webviewBuild(options);
  const shippedCli = shippedCliBuild(options);
  const browser = browserExtensionBuild(options);
  const builds = [cliBuild(options), shippedCli, extension, browser, webview, purityBuild()];
  if (!flags.includes("--watch")) {
    const results = await Promise.all(builds.map((build) => esbuild.build({ ...build, metafile: true })));
    const shipped = [extension, browser, webview, shippedCli].map((build) => results[builds.indexOf(build)].metafile);
    writeNotices(shipped, "dist/third-party-notices.txt");
    writeBillOfMaterials(shipped, require("./package.json"), "dist/sbom.cdx.json");
    return;
  }
  for (const build of builds) {
    const context = await esbuild.context({ ...build, logLevel: "info" });
    await context.watch();
  }
}

module.exports = {
  browserExtensionBuild,
  cliBuild,
  extensionBuild,
  libraryBuilds,
  purityBuild,
  shippedCliBuild,
  webviewBuild,
};

if (require.main === module) {
  main(process.argv.slice(2)).catch((error) => {
    if (!Array.isArray(error.errors)) console.error(error);
    process.exitCode = 1;
  });
}

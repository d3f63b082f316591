// Builds what is shipped, and proves that the core stays free of Node: `node esbuild.js [--watch] [--production]`.
// The scripts use the two configurations exported at the end.
"use strict";

const esbuild = require("esbuild");
const { chmodSync } = require("node:fs");
const { basename } = require("node:path");

/** Native modules: they stay in node_modules, next to their prebuilt binaries, and are required when first used. */
const NATIVE = ["serialport", "@serialport/bindings-cpp", "@lydell/node-pty"];

/** The only files of the core that reach outside it, what they may reach, and only by `import()`. */
const LAZY_IMPORTS = {
  "serial.ts": ["serialport", "node:fs", "node:fs/promises"],
  "tcp.ts": ["node:net"],
};

const executable = {
  name: "executable",
  setup(build) {
    build.onEnd((result) => {
      if (result.errors.length === 0) chmodSync(build.initialOptions.outfile, 0o755);
    });
  },
};

/** Fails the build on every import that leaves our own files, but for {@link LAZY_IMPORTS}. */
const pureCore = {
  name: "pure-core",
  setup(build) {
    build.onResolve({ filter: /^[^.]/ }, ({ path, importer, kind }) => {
      if (kind === "entry-point") return undefined;
      const inTransport = /[\\/]transport[\\/][^\\/]+$/.test(importer);
      const allowed = (inTransport && LAZY_IMPORTS[basename(importer)]) || [];
      if (kind === "dynamic-import" && allowed.includes(path)) return { path, external: true };
      return { errors: [{ text: `the core must run in a browser: ${kind} of "${path}" is not allowed here` }] };
    });
  },
};

/** The command line: one file that Node 20 runs as it is. */
function cliBuild({ production = false } = {}) {
  return {
    entryPoints: ["src/cli/main.ts"],
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

/** `src/core` for a browser; nothing is written. It fails as soon as the core needs more than a browser has. */
function purityBuild(entryPoint = "src/core/index.ts") {
  return {
    entryPoints: [entryPoint],
    bundle: true,
    write: false,
    platform: "browser",
    target: "es2022",
    format: "esm",
    plugins: [pureCore],
    logLevel: "warning",
  };
}

async function main(flags) {
  const builds = [cliBuild({ production: flags.includes("--production") }), purityBuild()];
  if (!flags.includes("--watch")) {
    await Promise.all(builds.map((options) => esbuild.build(options)));
    return;
  }
  for (const options of builds) {
    const context = await esbuild.context({ ...options, logLevel: "info" });
    await context.watch();
  }
}

module.exports = { cliBuild, purityBuild };

if (require.main === module) {
  main(process.argv.slice(2)).catch((error) => {
    if (!Array.isArray(error.errors)) console.error(error);
    process.exitCode = 1;
  });
}

// Installs code-server from the npm registry: the VS Code workbench and extension host, served to a browser. Its own
// install script refuses to run as root and builds what is not needed here, so the few native modules are built by name.
// Linux and macOS. Knows nothing of how it is run.
import { cpSync, existsSync, readFileSync, readdirSync, realpathSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { cached } from "./cache.mjs";
import { attempt, run } from "./shell.mjs";

/**
 * The releases tested with: the floor this extension declares, and the newest. `top` and `inner` are the native modules
 * built beside code-server and in its VS Code: those that log output, watchdogs, terminals and starting at all depend on.
 */
export const RELEASES = {
  floor: {
    version: "4.100.3",
    vscode: "1.100.3",
    node: "20.20.0",
    top: ["argon2"],
    inner: ["@vscode/spdlog", "native-watchdog", "node-pty"],
    // Its own comes by a download that npm does not make; without it the editor finds no files.
    ripgrep: "1.18.0",
  },
  newest: {
    version: "4.139.1",
    vscode: "1.139.1",
    node: "24.21.0",
    top: [],
    inner: ["@vscode/spdlog", "@vscode/native-watchdog"],
    ripgrep: undefined,
  },
};

const QUIET = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"];
const major = (version) => version.split(".")[0];

/** Where this Node's own headers are, beside it; undefined where it came without. */
function ownHeaders() {
  const prefix = resolve(dirname(realpathSync(process.execPath)), "..");
  const version = join(prefix, "include", "node", "node_version.h");
  if (!existsSync(version)) return undefined;
  const [, there] = /NODE_MAJOR_VERSION\s+(\d+)/.exec(readFileSync(version, "utf8")) ?? [];
  return there === major(process.versions.node) ? prefix : undefined;
}

/** The Node a release wants: this one when it is of the same major version, else the one npm has as a package. */
async function nodeFor(version) {
  if (major(process.versions.node) === major(version)) return { node: process.execPath, headers: ownHeaders() };
  const name = `node-${process.platform}-${process.arch}`;
  const place = await cached(`${name}-${version}`, (folder) =>
    run("npm", ["install", ...QUIET, "--prefix", folder, `${name}@${version}`]),
  );
  const headers = join(place, "node_modules", name);
  return { node: join(headers, "bin", "node"), headers };
}

function hasBinary(folder) {
  const release = join(folder, "build", "Release");
  return existsSync(release) && readdirSync(release).some((name) => name.endsWith(".node"));
}

async function fill(folder, release, env) {
  const npm = (cwd, ...args) => run("npm", args, { cwd, env });
  const ripgrep = `@vscode/ripgrep-${process.platform}-${process.arch}`;
  const packages = [
    `code-server@${release.version}`,
    ...(release.ripgrep === undefined ? [] : [`${ripgrep}@${release.ripgrep}`]),
  ];
  await npm(folder, "install", ...QUIET, "--prefix", folder, ...packages);
  const inner = join(folder, "node_modules", "code-server", "lib", "vscode");
  await npm(inner, "install", "--omit=dev", ...QUIET);
  await npm(join(inner, "extensions"), "install", "--omit=dev", ...QUIET);
  // Some modules fail in a cosmetic step after their binary is there, so the binary is what counts.
  const build = async (cwd, name, isBuilt) => {
    const { output } = await attempt("npm", ["rebuild", name], { cwd, env });
    if (!isBuilt())
      throw new Error(`${name} of code-server ${release.version} did not build:\n${output.slice(-3_000)}`);
  };
  for (const name of release.inner) {
    await build(inner, name, () => hasBinary(join(inner, "node_modules", name)));
  }
  for (const name of release.top) {
    await build(folder, name, () => existsSync(join(folder, "node_modules", name, "lib", "binding")));
  }
  if (release.ripgrep !== undefined) {
    cpSync(join(folder, "node_modules", ripgrep, "bin"), join(inner, "node_modules", "@vscode", "ripgrep", "bin"), {
      recursive: true,
    });
  }
  symlinkSync("node_modules", join(inner, "node_modules.asar"));
}

/** Installs the release unless the cache has it. Resolves with the two files that start it: `node` and `entry`. */
export async function installCodeServer(name) {
  const release = RELEASES[name];
  const { node, headers } = await nodeFor(release.node);
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  // Compiled against the headers that came with that Node; where it has none, npm's own setting or the network gives them.
  if (headers !== undefined) env.npm_config_nodedir = headers;
  const place = await cached(`code-server-${release.version}`, (folder) => fill(folder, release, env));
  return {
    release: name,
    vscode: release.vscode,
    node,
    entry: join(place, "node_modules", "code-server", "out", "node", "entry.js"),
  };
}

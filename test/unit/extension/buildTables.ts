/** File systems to look for builds in: the disk, and tables of files. */
import { open, readFile, readdir, realpath, stat } from "node:fs/promises";
import type { BuildFiles } from "../../../src/builds/buildFiles";
import { discoverBuilds, type Surroundings } from "../../../src/builds/discover";
import type { Project } from "../../../src/builds/project";

export const diskFiles: BuildFiles = {
  async list(path) {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    return await Promise.all(
      entries.map(async (entry) => {
        const isLink = entry.isSymbolicLink();
        const isFolder = isLink
          ? ((await stat(`${path}/${entry.name}`).catch(() => undefined))?.isDirectory() ?? false)
          : entry.isDirectory();
        return { name: entry.name, kind: isFolder ? "folder" : "file", isLink };
      }),
    );
  },
  async stat(path) {
    const facts = await stat(path).catch(() => undefined);
    return facts && { size: facts.size, modified: facts.mtimeMs };
  },
  text: (path) => readFile(path, "utf8").catch(() => undefined),
  async head(path, length) {
    const file = await open(path).catch(() => undefined);
    if (file === undefined) return undefined;
    const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, 0);
    await file.close();
    return buffer.subarray(0, bytesRead);
  },
  real: (path) => realpath(path).catch(() => undefined),
};

interface TableFile {
  readonly size?: number;
  readonly modified?: number;
  readonly text?: string;
  readonly bytes?: Uint8Array;
}

/** Files by path; folders follow from them. `links`: from where to where a folder leads. */
export function tableFiles(
  table: Readonly<Record<string, TableFile>>,
  links: Readonly<Record<string, string>> = {},
): BuildFiles & { /** How often a folder was listed. */ readonly listed: () => number } {
  const folders = new Map<string, Map<string, "file" | "folder">>();
  const enter = (path: string, kind: "file" | "folder"): void => {
    const slash = path.lastIndexOf("/");
    if (slash < 0) return;
    const folder = path.slice(0, slash);
    const entries = folders.get(folder) ?? new Map<string, "file" | "folder">();
    const isNew = !folders.has(folder);
    folders.set(folder, entries.set(path.slice(slash + 1), kind));
    if (isNew && folder !== "") enter(folder, "folder");
  };
  for (const path of Object.keys(table)) enter(path, "file");
  for (const path of Object.keys(links)) enter(path, "folder");
  const real = (path: string): string => {
    const link = Object.keys(links).find((from) => path === from || path.startsWith(`${from}/`));
    return link === undefined ? path : real(`${links[link]}${path.slice(link.length)}`);
  };
  let listed = 0;
  return {
    listed: () => listed,
    list: async (path) => {
      listed++;
      return [...(folders.get(real(path)) ?? [])].map(([name, kind]) => ({
        name,
        kind,
        isLink: `${real(path)}/${name}` in links,
      }));
    },
    stat: async (path) => {
      const file = table[real(path)];
      return file && { size: file.size ?? 1, modified: file.modified ?? 1 };
    },
    text: async (path) => table[real(path)]?.text,
    head: async (path, length) => table[real(path)]?.bytes?.subarray(0, length),
    real: async (path) => real(path),
  };
}

export const TRUSTED: Surroundings = { isTrusted: true, variables: {}, home: "/home/me" };

export async function projectsIn(
  files: BuildFiles,
  root: string,
  surroundings: Partial<Surroundings> = {},
): Promise<readonly Project[]> {
  return (await discoverBuilds(files, root, { ...TRUSTED, ...surroundings })).projects;
}

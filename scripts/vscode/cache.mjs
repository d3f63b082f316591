// What is fetched once and kept: folders below .vscode-test/, each complete or absent. Knows nothing of what they hold.
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

const CACHE = ".vscode-test";

/**
 * The absolute path of the cached folder `name`, made by `fill(folder)` when it is not there yet. It is filled beside its
 * place and renamed, so that an interrupted or parallel run never leaves half of it.
 */
export async function cached(name, fill) {
  const place = resolve(CACHE, name);
  if (existsSync(place)) return place;
  const draft = resolve(CACHE, "drafts", `${name}-${process.pid}`);
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  try {
    await fill(draft);
    try {
      renameSync(draft, place);
    } catch (error) {
      // Another process was faster.
      if (!existsSync(place)) throw error;
    }
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return place;
}

/** A folder of the cache for logs and the like, made when missing. */
export function cacheFolder(...names) {
  const folder = resolve(join(CACHE, ...names));
  mkdirSync(folder, { recursive: true });
  return folder;
}

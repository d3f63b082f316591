/**
 * Goes through a tree of folders, the nearest first, many at a time. Bounded, because a workspace may hold anything, and told
 * when it ends early. Knows no builds.
 */
import type { BuildFiles, Entry } from "./buildFiles";
import { isInside, join } from "./paths";

/** A tree of this many folders is gone through in seconds; source trees have some hundreds to some thousands. */
const MOST_FOLDERS = 20_000;
/** Deeper than any project; a tree that leads back into itself ends here. */
const DEEPEST = 24;
const AT_ONCE = 24;
/** Folders that tools fill and that hold no builds. */
const SKIPPED =
  /^(node_modules|bower_components|\.git|\.hg|\.svn|\.jj|\.venv|venv|site-packages|__pycache__|\.vscode|\.vscode-test|\.vscode-server|\.idea|\.cache|\.npm|\.cargo|\.rustup|\.platformio|\.tox|\.mypy_cache|\.gradle|dist|out|libdeps|\.piolibdeps|\.pio|\.esphome|\.Trash|\$RECYCLE\.BIN|System Volume Information)$/i;

export interface Walk {
  /** Told of each folder; false: do not go into those below it. */
  readonly visit: (folder: string, entries: readonly Entry[]) => Promise<boolean>;
  /** Whether another search looks into it. */
  readonly isTaken: (folder: string) => boolean;
  readonly signal: AbortSignal;
}

/** How many folders were looked through when the walk was given up; undefined when it came to its end. */
export async function walk(files: BuildFiles, root: string, how: Walk): Promise<number | undefined> {
  const seen = new Set([(await files.real(root)) ?? root]);
  let level: readonly string[] = [root];
  let looked = 0;
  for (let depth = 0; level.length > 0; depth++) {
    const below: string[] = [];
    for (let at = 0; at < level.length; at += AT_ONCE) {
      how.signal.throwIfAborted();
      if (looked >= MOST_FOLDERS) return looked;
      const batch = level.slice(at, Math.min(at + AT_ONCE, at + MOST_FOLDERS - looked));
      looked += batch.length;
      const found = await Promise.all(batch.map((folder) => foldersBelow(files, folder, how)));
      for (const { path, isLink } of found.flat()) {
        if (isLink && !(await isNew(files, path, seen))) continue;
        below.push(path);
      }
    }
    if (depth === DEEPEST && below.length > 0) return looked;
    level = below;
  }
  return undefined;
}

async function foldersBelow(
  files: BuildFiles,
  folder: string,
  { visit, isTaken }: Walk,
): Promise<readonly { readonly path: string; readonly isLink: boolean }[]> {
  if (isTaken(folder)) return [];
  const entries = await files.list(folder);
  if (!(await visit(folder, entries))) return [];
  return entries
    .filter(({ name, kind }) => kind === "folder" && !SKIPPED.test(name))
    .map(({ name, isLink }) => ({ path: join(folder, name), isLink: isLink === true }));
}

/** A link is followed where it leads out of the tree, once: within it everything is looked at anyway. */
async function isNew(files: BuildFiles, link: string, seen: Set<string>): Promise<boolean> {
  const real = await files.real(link);
  if (real === undefined) return false;
  for (const place of seen) if (isInside(real, place) || isInside(place, real)) return false;
  seen.add(real);
  return true;
}

/**
 * Paths as discovery works with them: forward slashes, as the path part of a URI has them (`/c:/esphome` on Windows), and
 * how what tools and people write becomes one. Pure.
 */

export function join(folder: string, name: string): string {
  return normalised(folder === "" ? `/${name}` : `${folder}/${name}`);
}

export function nameOfPath(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The folder that holds it; undefined at the top. */
export function parentOf(path: string): string | undefined {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? undefined : path.slice(0, slash);
}

export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** Without `.`, `..`, doubled and closing slashes. */
export function normalised(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `${path.startsWith("/") ? "/" : ""}${parts.join("/")}`;
}

/**
 * A path as written in a file or an environment variable: of any system, absolute or relative to `base`. Undefined for what
 * leads to another machine: whoever opens a folder has not asked for a connection.
 */
export function pathFrom(written: string, base: string, home: string | undefined): string | undefined {
  const text = written.trim().replaceAll("\\", "/");
  if (text === "" || text.startsWith("//")) return undefined;
  if (text === "~" || text.startsWith("~/")) return home === undefined ? undefined : join(home, text.slice(1));
  const [, drive, rest] = /^([a-z]):(\/.*)$/i.exec(text) ?? [];
  if (drive !== undefined) return normalised(`/${drive.toLowerCase()}:${rest}`);
  return text.startsWith("/") ? normalised(text) : join(base, text);
}

/** As the machine's own programs write it. */
export function nativePath(path: string): string {
  const [, drive, rest = ""] = /^\/([a-z]):(.*)$/i.exec(path) ?? [];
  return drive === undefined ? path : `${drive.toUpperCase()}:${rest.replaceAll("/", "\\")}`;
}

/**
 * Where the user guide says more about a failure: its place beside the program, its anchors, its address on the web. The
 * guide's sections bear the codes as headings (`npm run guide`), so a code is its own anchor.
 */
import type { FlasherErrorCode } from "./errors";

/** In English, which the command line speaks; from the folder that the program was installed in. */
export const GUIDE_PATH = "docs/guide.md";

/**
 * Where a translated guide would be for an editor that speaks `language`, as editors name languages ("zh-cn", "zh-tw"): the most
 * exact first. Whoever has none of these, and so no translation of anything else here, gets English.
 */
export function guidePaths(language: string): readonly string[] {
  const parts = language.toLowerCase().split("-");
  return parts.map((_, index) => `dist/guide/guide.${parts.slice(0, parts.length - index).join("-")}.md`);
}

/** Of a heading that is a code, as GitHub and VS Code make anchors. */
export function guideAnchor(code: FlasherErrorCode): string {
  return code;
}

/** The parts of package.json that say where a project lives. */
export interface Project {
  readonly repository?: string | { readonly url?: string };
}

/** The guide's address on the web at `anchor`; undefined for a project without a repository. */
export function guideUrl({ repository }: Project, anchor: string): string | undefined {
  const url = typeof repository === "string" ? repository : repository?.url;
  if (url === undefined || url === "") return undefined;
  const page = url
    .replace(/^git\+/, "")
    .replace(/^github:/, "https://github.com/")
    .replace(/\.git$/, "")
    .replace(/\/$/, "");
  return /^https:\/\//.test(page) ? `${page}/blob/HEAD/${GUIDE_PATH}#${anchor}` : undefined;
}

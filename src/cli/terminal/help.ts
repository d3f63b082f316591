/** Where a person reads more about a failure: the guide on the web, or the one this program was installed with. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { GUIDE_PATH, guideAnchor, guideUrl, type FlasherErrorCode } from "../../core/index";
import * as manifest from "../../../package.json";

/** A link to open. Without a repository and without its guide beside it, the program can only name the place. */
export function helpFor(code: FlasherErrorCode): string {
  const anchor = guideAnchor(code);
  // Beside the program's own folder, or the extension's that brought it along.
  const installed = ["..", "../.."].map((up) => join(__dirname, up, GUIDE_PATH)).find((path) => existsSync(path));
  const url = guideUrl(manifest as object, anchor);
  return url ?? (installed === undefined ? `${GUIDE_PATH}#${anchor}` : `${pathToFileURL(installed).href}#${anchor}`);
}

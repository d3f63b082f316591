/** In a browser only one page at a time has a port, and nothing tells which. */
import { t } from "../text/l10n";

export function describeHolder(): Promise<readonly string[]> {
  return Promise.resolve([t("Another tab or program has the port open: close it there, then try again.")]);
}

/**
 * Finds a port again that went away while it was in use: an adapter by what it is, wherever the system puts it, a network
 * port where it was. Knows how ports are listed, not how they are opened.
 */
import { findAdapter, markAdapter } from "./sameAdapter";
import { deviceBehind, listPorts } from "./serial";
import type { PortFinder, PortInfo, PortRef } from "./transport";

/** @param list,behind the system's ports and links, for tests */
export function portFinder(
  list: () => Promise<readonly PortInfo[]> = listPorts,
  behind: (path: string) => Promise<string> = deviceBehind,
): PortFinder {
  return {
    async remember(ref) {
      if (ref.kind !== "serial") return () => Promise.resolve(ref);
      const mark = markAdapter(await behind(ref.path), await list());
      return async () => {
        // A link by id or place leads to the adapter itself: it is the better name as long as it leads anywhere. To what is
        // in no list it is the only name.
        const now = mark.info === undefined ? ref.path : await behind(ref.path);
        const found = findAdapter({ ...mark, path: now }, await list());
        if (found === undefined) return undefined;
        return found === now ? ref : ({ kind: "serial", path: found } satisfies PortRef);
      };
    },
  };
}

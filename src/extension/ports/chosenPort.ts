/** Which port the person has chosen in the browser's chooser, of which only the ids are told. Pure: compares what there was and what there is. */
import type { PortEntry } from "./portEntry";

/** Looks, a tenth of a second apart, before a port that was there already counts as the chosen one: a new twin of it may yet be heard of. */
export const SURE_AFTER_LOOKS = 20;

/** `waiting`: it may yet be heard of; `unclear`: of several nothing tells which one was meant, and another may hold another device. */
export type Choice = PortEntry | "waiting" | "unclear";

/**
 * @param before ids of the ports that the page had before @param now the ports that it has
 * @param chosen USB ids as `VID:PID`, four hex digits each; undefined: not on USB @param looks how often was looked already
 */
export function chosenPort(
  before: ReadonlySet<string>,
  now: readonly PortEntry[],
  chosen: string | undefined,
  looks: number,
): Choice {
  const adapters = now.filter(({ kind }) => kind === "adapter");
  const added = adapters.filter(({ id }) => !before.has(id));
  if (added.length > 0) return only(added);
  const alike = adapters.filter(({ isUsb, facts }) => (chosen === undefined ? !isUsb : facts.includes(chosen)));
  return alike.length > 0 && looks >= SURE_AFTER_LOOKS ? only(alike) : "waiting";
}

function only([found, ...others]: readonly PortEntry[]): Choice {
  return found !== undefined && others.length === 0 ? found : "unclear";
}

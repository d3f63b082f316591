/**
 * Which of the ports there are is the adapter that was pulled out. Pure: knows port lists, opens nothing. Another device
 * must never be taken for it, so where there is a choice there is no answer.
 */
import type { PortInfo } from "./transport";

/** An adapter as it was while it was plugged in. */
export interface AdapterMark {
  /** The name it was opened by, as the system lists it. */
  readonly path: string;
  /** What was listed under that name; undefined for a port that is not listed, which only its name tells. */
  readonly info: PortInfo | undefined;
  /** Others of the same kind that were plugged in with it: same ids, maker and serial number (or none). */
  readonly twins: number;
}

/** These never come back: the next one of that number is another program's. */
const PSEUDO_TERMINAL = /^\/dev\/(?:pts\/|ttys)\d/;

export function markAdapter(path: string, ports: readonly PortInfo[]): AdapterMark {
  const info = ports.find((port) => port.path === path);
  return { path, info, twins: info ? ports.filter((port) => port !== info && isLike(port, info)).length : 0 };
}

/**
 * The name under which the adapter is there again; undefined while it is away, and where several could be it.
 * Under its old name it counts unless something else is known to be there; under another name only with the same ids and
 * maker, and only where no second one like it is or was there (an adapter with a serial number has no second one, but
 * several ports of one adapter share it).
 */
export function findAdapter({ path, info, twins }: AdapterMark, ports: readonly PortInfo[]): string | undefined {
  const there = ports.find((port) => port.path === path);
  if (info === undefined) return there?.vendorId === undefined && !PSEUDO_TERMINAL.test(path) ? path : undefined;
  if (there && isLike(there, info)) return path;
  // A port of the machine itself has nothing but its name.
  if (info.vendorId === undefined) return there ? undefined : path;
  const alike = ports.filter((port) => isLike(port, info));
  const [only] = alike;
  return only && alike.length === 1 && twins === 0 ? only.path : undefined;
}

function isLike(a: PortInfo, b: PortInfo): boolean {
  return (
    a.vendorId === b.vendorId &&
    a.productId === b.productId &&
    a.manufacturer === b.manufacturer &&
    a.serialNumber === b.serialNumber
  );
}

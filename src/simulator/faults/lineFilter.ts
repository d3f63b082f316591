/** Line faults on their way through a transmitter or receiver: what becomes of a stretch of bytes. Knows no fault. */
import type { PauseFate } from "./behaviours";

export interface Filtered {
  readonly bytes: Uint8Array;
  /** From this byte on nothing passes for so long. */
  readonly pause?: { readonly at: number; readonly us: number; readonly fate: PauseFate } | undefined;
}

export type LineFilter = (bytes: Uint8Array) => Filtered;

/** Asks about one byte; returns what takes its place, undefined for the byte itself. */
export type ByteHook = (byte: number, count: number) => readonly number[] | undefined;

/**
 * Sends each byte through every hook in turn; what no hook changes is passed on in one piece.
 * @param pauseAsked what a hook has asked for since it was last looked at
 */
export function byteFilter(
  hooks: readonly ByteHook[],
  pauseAsked: () => { readonly us: number; readonly fate: PauseFate } | undefined,
): LineFilter | undefined {
  if (hooks.length === 0) return undefined;
  let count = 0;
  return (bytes) => {
    let changed: number[] | undefined;
    let pause: Filtered["pause"];
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      const at = changed?.length ?? i;
      count++;
      let now: readonly number[] | undefined;
      for (const hook of hooks)
        now = now === undefined ? hook(byte, count) : now.flatMap((each) => [...(hook(each, count) ?? [each])]);
      if (now !== undefined) changed ??= [...bytes.subarray(0, i)];
      if (changed) changed.push(...(now ?? [byte]));
      const asked = pauseAsked();
      if (asked) pause ??= { ...asked, at };
    }
    return { bytes: changed ? Uint8Array.from(changed) : bytes, pause };
  };
}

/**
 * Faults and oddities that can be put on a simulated chip: hooks on bytes, commands and flash operations, and a
 * handful of ready-made ones. Knows nothing of how the chip works inside. All counts begin at 1.
 */
import type { FlashOperation } from "../flash/flashArray";
import { mix } from "../prng";

export type Direction = "from-host" | "from-chip";

/** What becomes of bytes during a pause of the line. */
export type PauseFate = "held" | "lost";

/** What a behaviour can do to the chip and its cable. */
export interface Surroundings {
  powerOff(): void;
  powerCycle(): void;
  /** The cable is out for good: nothing passes in either direction, and carriers are told. */
  disconnect(): void;
  /** Puts bytes on the chip's transmit line, whatever the chip does. */
  say(bytes: Uint8Array): void;
  /**
   * From now on, or from the byte that a hook is asked about, nothing passes in this direction for `ms`, while the chip goes on.
   * `held`: it comes afterwards, all at once from the chip; `lost`: it never does.
   */
  pause(direction: Direction, ms: number, fate: PauseFate): void;
}

export interface CommandSeen {
  readonly code: number;
  readonly long: boolean;
  /** Bytes after the code. */
  readonly payload: Uint8Array;
  /** How many commands the chip has executed, this one included. */
  readonly count: number;
}

export interface CommandVerdict {
  /** Answers with this status byte instead of its own (long commands). */
  readonly status?: number;
  /** Does nothing and says nothing. */
  readonly ignore?: boolean;
  /** Takes this much longer. */
  readonly delayUs?: number;
  /** Does nothing any more until it is reset. */
  readonly hang?: boolean;
}

export interface Behaviour {
  /** A byte from the host; returns what arrives in its place, undefined for the byte itself. */
  onHostByte?(byte: number, count: number, around: Surroundings): readonly number[] | undefined;
  /** A byte from the chip; returns what leaves in its place, undefined for the byte itself. */
  onChipByte?(byte: number, count: number, around: Surroundings): readonly number[] | undefined;
  onCommand?(command: CommandSeen, around: Surroundings): CommandVerdict | undefined;
  /** `ignore`: the flash does nothing; `power-loss`: power fails half way through. */
  onFlashOperation?(
    operation: FlashOperation,
    count: number,
    around: Surroundings,
  ): "ignore" | "power-loss" | undefined;
  onPowerUp?(around: Surroundings): void;
}

function onByte(direction: Direction, change: NonNullable<Behaviour["onHostByte"]>): Behaviour {
  return direction === "from-host" ? { onHostByte: change } : { onChipByte: change };
}

/** Loses the `nth` byte, or a run of them. */
export function dropBytes(direction: Direction, nth: number, length = 1): Behaviour {
  return onByte(direction, (byte, count) => (count >= nth && count < nth + length ? [] : [byte]));
}

/** XORs the `nth` byte with `mask`. */
export function flipBits(direction: Direction, nth: number, mask = 0x10): Behaviour {
  return onByte(direction, (byte, count) => [count === nth ? byte ^ mask : byte]);
}

/** Sends the `nth` byte twice. */
export function duplicateByte(direction: Direction, nth: number): Behaviour {
  return onByte(direction, (byte, count) => (count === nth ? [byte, byte] : [byte]));
}

/** Slips foreign bytes in before the `nth`. */
export function insertNoise(direction: Direction, nth: number, noise: readonly number[]): Behaviour {
  return onByte(direction, (byte, count) => (count === nth ? [...noise, byte] : [byte]));
}

/** Loses so many of all bytes (1e-4: one in ten thousand), the same ones for the same seed, from the `first` on. */
export function loseBytes(direction: Direction, share: number, seed = 1, first = 1): Behaviour {
  const isLost = (count: number): boolean => mix(Math.imul(seed, 0x9e3779b1) + count) < share * 2 ** 32;
  return onByte(direction, (byte, count) => (count >= first && isLost(count) ? [] : [byte]));
}

/** From the `nth` byte on nothing passes for `ms`: a bridge, a hub or a machine that stands still for a while. */
export function pauseAtByte(direction: Direction, nth: number, ms: number, fate: PauseFate = "held"): Behaviour {
  return onByte(direction, (byte, count, around) => {
    if (count === nth) around.pause(direction, ms, fate);
    return [byte];
  });
}

/** The same from the `nth` command on, which is carried out. */
export function pauseAtCommand(direction: Direction, nth: number, ms: number, fate: PauseFate = "held"): Behaviour {
  return {
    onCommand: ({ count }, around) => {
      if (count === nth) around.pause(direction, ms, fate);
      return undefined;
    },
  };
}

/** Pulls the cable at the `nth` byte. */
export function disconnectAt(direction: Direction, nth: number): Behaviour {
  return onByte(direction, (byte, count, around) => {
    if (count < nth) return [byte];
    if (count === nth) around.disconnect();
    return [];
  });
}

/** Power fails at the `nth` byte and stays off. */
export function powerLossAtByte(direction: Direction, nth: number): Behaviour {
  return onByte(direction, (byte, count, around) => {
    if (count === nth) around.powerOff();
    return [byte];
  });
}

/** Power fails in the middle of the `nth` flash operation and stays off. */
export function powerLossAtFlashOperation(nth: number): Behaviour {
  return { onFlashOperation: (_operation, count) => (count === nth ? "power-loss" : undefined) };
}

/** Says nothing to the `nth` command and does not do it. */
export function ignoreCommand(nth: number): Behaviour {
  return { onCommand: ({ count }) => (count === nth ? { ignore: true } : undefined) };
}

/** Answers the `nth` command with another status. */
export function wrongStatus(nth: number, status: number): Behaviour {
  return { onCommand: ({ count }) => (count === nth ? { status } : undefined) };
}

/** Takes `ms` longer over the `nth` command. */
export function stall(nth: number, ms: number): Behaviour {
  return { onCommand: ({ count }) => (count === nth ? { delayUs: ms * 1000 } : undefined) };
}

/** Erases are answered and not done: all of them, or the `nth` only. */
export function ignoreErases(nth?: number): Behaviour {
  let seen = 0;
  return {
    onFlashOperation: ({ kind }) => (kind === "erase" && (++seen === nth || nth === undefined) ? "ignore" : undefined),
  };
}

/** The status register cannot be changed: what is protected stays protected. */
export function stuckProtection(): Behaviour {
  return { onFlashOperation: ({ kind }) => (kind === "status" ? "ignore" : undefined) };
}

/** Text on the line at power-up, before anybody is linked. */
export function bootLog(text: string): Behaviour {
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff);
  return { onPowerUp: (around) => around.say(bytes) };
}

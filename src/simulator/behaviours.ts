/**
 * Faults and oddities that can be put on a simulated chip: hooks on bytes, commands and flash operations, and a
 * handful of ready-made ones. Knows nothing of how the chip works inside. All counts begin at 1.
 */
import type { FlashOperation } from "./flashArray";

/** What a behaviour can do to the chip and its cable. */
export interface Surroundings {
  powerOff(): void;
  powerCycle(): void;
  /** The cable is out for good: nothing passes in either direction, and carriers are told. */
  disconnect(): void;
  /** Puts bytes on the chip's transmit line, whatever the chip does. */
  say(bytes: Uint8Array): void;
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

export type Direction = "from-host" | "from-chip";

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

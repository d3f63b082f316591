/**
 * What can go wrong, one kind a row: how it is put on a chip and its line, somewhere in what the undisturbed job does.
 * Every fault can be switched off, so that the next attempt meets a sound line.
 */
import type { Behaviour, Surroundings } from "../../src/simulator/index";
import { bootLog } from "../../src/simulator/index";
import type { Random } from "./random";
import type { LineFaults, World } from "./world";

/** How much of everything the undisturbed job needs: where a fault can strike. */
export interface Extent {
  readonly hostBytes: number;
  readonly hostWrites: number;
  readonly chipBytes: number;
  readonly commands: number;
  readonly flashOperations: number;
  readonly events: number;
}

export interface Fault {
  readonly behaviour?: Behaviour;
  readonly line?: LineFaults;
  /** The process is killed at this event of the job. */
  readonly killAtEvent?: number;
  /** What the journals lose at their end with the kill, in bytes. */
  readonly tornJournal?: number;
  readonly describe: string;
}

export interface FaultSettings {
  readonly extent: Extent;
  readonly random: Random;
  readonly world: World;
  /** False from the moment at which the line is to be sound again. */
  readonly active: () => boolean;
  /** The chip is switched on again after so many ms. */
  readonly powerOnIn: (ms: number) => void;
}

export const FAULTS = {
  none: () => ({ describe: "" }),
  "dropped bytes": (at) => bytes(at, "drop", () => []),
  "flipped bits": (at) => {
    const mask = 1 << at.random.below(8);
    return bytes(at, `flip ${mask}`, (byte) => [byte ^ mask]);
  },
  "duplicated bytes": (at) => bytes(at, "double", (byte) => [byte, byte]),
  "foreign bytes": (at) => {
    const foreign = Array.from({ length: at.random.between(1, 40) }, () => at.random.below(256));
    return bytes(at, `insert ${foreign.length} before`, (byte, index) => (index === 0 ? [...foreign, byte] : [byte]));
  },
  "damage all along": ({ random, active }) => {
    const every = random.between(3_000, 40_000);
    const how = random.below(3);
    const harm = (byte: number, count: number): readonly number[] =>
      !active() || count % every !== 0 ? [byte] : how === 0 ? [] : how === 1 ? [byte ^ 0x40] : [byte, byte];
    const fromHost = random.chance(50);
    return {
      behaviour: fromHost ? { onHostByte: harm } : { onChipByte: harm },
      describe: `${["drop", "flip", "double"][how]} every ${every} ${fromHost ? "from host" : "from chip"}`,
    };
  },
  "delayed bytes": ({ random, extent, active }) => {
    const from = random.below(extent.chipBytes);
    const length = random.between(1, 20_000);
    const ms = random.pick([5, 20, 120, 450, 1_600]);
    return {
      line: { delay: (received) => (active() && received >= from && received < from + length ? ms : 0) },
      describe: `${ms} ms from byte ${from}, ${length} bytes`,
    };
  },
  stall: ({ random, extent, active }) => {
    const nth = random.between(1, extent.commands);
    const ms = random.pick([30, 300, 2_000, 9_000]);
    return {
      behaviour: { onCommand: ({ count }) => (active() && count === nth ? { delayUs: ms * 1000 } : undefined) },
      describe: `${ms} ms at command ${nth}`,
    };
  },
  "truncated reply": (at) => {
    const nth = at.random.between(1, at.extent.chipBytes);
    const length = at.random.between(1, 4_000);
    return {
      behaviour: { onChipByte: (byte, count) => (at.active() && count >= nth && count < nth + length ? [] : [byte]) },
      describe: `${length} bytes from ${nth}`,
    };
  },
  "silent command": ({ random, extent, active }) => {
    const nth = random.between(1, extent.commands);
    const hang = random.chance(20);
    return {
      behaviour: {
        onCommand: ({ count }) => (active() && count === nth ? (hang ? { hang } : { ignore: true }) : undefined),
      },
      describe: `${hang ? "hang at" : "ignore"} command ${nth}`,
    };
  },
  "wrong status": ({ random, extent, active }) => {
    const nth = random.between(1, extent.commands);
    const status = random.between(1, 9);
    return {
      behaviour: { onCommand: ({ count }) => (active() && count === nth ? { status } : undefined) },
      describe: `${status} at command ${nth}`,
    };
  },
  "stuck protection": ({ active }) => ({
    behaviour: { onFlashOperation: ({ kind }) => (active() && kind === "status" ? "ignore" : undefined) },
    describe: "",
  }),
  "ignored erases": ({ random, active }) => {
    const nth = random.below(8);
    let seen = 0;
    return {
      behaviour: {
        onFlashOperation: ({ kind }) =>
          active() && kind === "erase" && (++seen === nth || nth === 0) ? "ignore" : undefined,
      },
      describe: nth === 0 ? "all" : `number ${nth}`,
    };
  },
  "ignored programs": ({ random, extent, active }) => {
    const nth = random.between(1, extent.flashOperations);
    const length = random.pick([1, 128, 1_000_000]);
    return {
      behaviour: {
        onFlashOperation: ({ kind }, count) =>
          active() && kind === "program" && count >= nth && count < nth + length ? "ignore" : undefined,
      },
      describe: `${length} from ${nth}`,
    };
  },
  "boot log": ({ random, active }) => {
    const log = bootLog(`\r\nV:BK7231S_1.0.3\r\nCPSR:000000D3 ${"x".repeat(random.below(400))}\r\n`);
    return {
      behaviour: { onPowerUp: (around: Surroundings) => (active() ? log.onPowerUp?.(around) : undefined) },
      describe: "",
    };
  },
  "speed mismatch": ({ random, active }) => {
    const above = random.pick([115_200, 230_400, 460_800]);
    const error = random.pick([0.9, 0.93, 1.06, 1.1]);
    return {
      line: { realBaud: (baud) => (active() && baud > above ? Math.round(baud * error) : baud) },
      describe: `${error} above ${above}`,
    };
  },
  "port lost": ({ random, extent, active }) => {
    const nth = random.between(1, extent.hostWrites);
    let writes = 0;
    return {
      line: {
        onWrite: (bytes, line) => {
          if (!active() || ++writes !== nth) return bytes;
          const part = bytes.subarray(0, random.below(bytes.length + 1));
          line.unplug();
          return part;
        },
      },
      describe: `at write ${nth}`,
    };
  },
  "power lost at a byte": ({ random, extent, active, powerOnIn }) => {
    const fromHost = random.chance(60);
    const nth = random.between(1, fromHost ? extent.hostBytes : extent.chipBytes);
    const back = random.pick([undefined, 50, 700]);
    const cut = (byte: number, count: number, around: Surroundings): readonly number[] => {
      if (active() && count === nth) {
        around.powerOff();
        if (back !== undefined) powerOnIn(back);
      }
      return [byte];
    };
    return {
      behaviour: fromHost ? { onHostByte: cut } : { onChipByte: cut },
      describe: `${fromHost ? "host" : "chip"} byte ${nth}, ${back === undefined ? "stays off" : `back after ${back} ms`}`,
    };
  },
  "power lost in the flash": ({ random, extent, active, powerOnIn }) => {
    const nth = random.between(1, extent.flashOperations);
    const back = random.pick([undefined, 50, 700]);
    return {
      behaviour: {
        onFlashOperation: (_operation, count) => {
          if (!active() || count !== nth) return undefined;
          if (back !== undefined) powerOnIn(back + 300);
          return "power-loss";
        },
      },
      describe: `operation ${nth}, ${back === undefined ? "stays off" : `back after ${back} ms`}`,
    };
  },
  "killed at a step": ({ random, extent }) => {
    const at = random.below(extent.events);
    return { killAtEvent: at, tornJournal: random.chance(50) ? random.below(60) : 0, describe: `event ${at}` };
  },
  "killed in a frame": ({ random, extent, active }) => {
    const nth = random.between(1, extent.hostWrites);
    let writes = 0;
    return {
      line: {
        onWrite: (bytes, line) => {
          if (!active() || ++writes !== nth) return bytes;
          const part = bytes.subarray(0, random.below(bytes.length + 1));
          line.kill();
          return part;
        },
      },
      tornJournal: random.chance(50) ? random.below(60) : 0,
      describe: `write ${nth}`,
    };
  },
} as const satisfies Record<string, (settings: FaultSettings) => Fault>;

export type FaultName = keyof typeof FAULTS;

function bytes(
  { random, extent, active }: FaultSettings,
  what: string,
  change: (byte: number, index: number) => readonly number[],
): Fault {
  const fromHost = random.chance(50);
  const nth = random.between(1, fromHost ? extent.hostBytes : extent.chipBytes);
  const length = random.pick([1, 1, 1, 2, 5, 60]);
  const harm = (byte: number, count: number): readonly number[] =>
    active() && count >= nth && count < nth + length ? change(byte, count - nth) : [byte];
  return {
    behaviour: fromHost ? { onHostByte: harm } : { onChipByte: harm },
    describe: `${what} ${length} from ${fromHost ? "host" : "chip"} byte ${nth}`,
  };
}

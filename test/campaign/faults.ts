/**
 * What can go wrong, one kind a row: how it is put on a chip and its line, somewhere in what the undisturbed job does.
 * Every fault can be switched off, so that the next attempt meets a sound line. Those of the host have a file of their own.
 */
import { bootLog, type Surroundings } from "../../src/simulator/index";
import type { Fault, FaultSettings, MakeFault } from "./fault";
import * as host from "./hostFaults";
import * as line from "./lineFaults";

/** What no job may end by: a chip or a host that stands still for so long. */
const SURVIVED_MS = 3_000;

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
    const harm = (byte: number, count: number): readonly number[] | undefined =>
      count % every !== 0 || !active() ? undefined : how === 0 ? [] : how === 1 ? [byte ^ 0x40] : [byte, byte];
    const fromHost = random.chance(50);
    return {
      behaviour: fromHost ? { onHostByte: harm } : { onChipByte: harm },
      damagesFrames: fromHost,
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
  /** Nothing comes from the chip for a while: what comes afterwards comes at once, or never does. */
  pause: ({ random, extent, active }) => {
    const nth = random.between(1, extent.chipBytes);
    const ms = random.pick([200, 1_000, 3_000, 3_000, 9_000, 30_000]);
    const fate = random.pick(["held", "held", "lost"] as const);
    return {
      behaviour: {
        onChipByte(_byte, count, around) {
          if (count === nth && active()) around.pause("from-chip", ms, fate);
          return undefined;
        },
      },
      lastsMs: ms,
      isSurvived: ms <= SURVIVED_MS,
      describe: `from byte ${nth}, ${ms} ms, ${fate}`,
    };
  },
  "lossy line": ({ random, active }) => {
    const every = random.between(8_000, 30_000);
    const first = random.below(every);
    return {
      behaviour: { onChipByte: (_byte, count) => ((count + first) % every === 0 && active() ? [] : undefined) },
      describe: `every ${every} from chip`,
    };
  },
  stall: ({ random, extent, active }) => {
    const nth = random.between(1, extent.commands);
    const ms = random.pick([30, 300, 2_000, 9_000]);
    return {
      behaviour: { onCommand: ({ count }) => (active() && count === nth ? { delayUs: ms * 1000 } : undefined) },
      isSurvived: ms <= SURVIVED_MS,
      describe: `${ms} ms at command ${nth}`,
    };
  },
  "truncated reply": (at) => {
    const nth = at.random.between(1, at.extent.chipBytes);
    const length = at.random.between(1, 4_000);
    return {
      behaviour: {
        onChipByte: (_byte, count) => (count >= nth && count < nth + length && at.active() ? [] : undefined),
      },
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
  "locked status register": ({ active }) => ({ lockedStatus: active(), describe: "" }),
  "host stands still": (at) => host.standsStill(at, SURVIVED_MS),
  "port lost": host.portLost,
  "power lost at a byte": host.powerLostAtAByte,
  "power lost in the flash": host.powerLostInTheFlash,
  "killed at a step": host.killedAtAStep,
  "killed in a frame": host.killedInAFrame,
  "killed at the disk": host.killedAtTheDisk,
  "machine loses power": host.machineLosesPower,
  "disk refuses": host.diskRefuses,
  "option storm": line.optionStorm,
  "split escapes": line.splitEscapes,
  "lost echoes": line.lostEchoes,
  "closed in the middle": line.closedInTheMiddle,
  "rate change resets": line.rateChangeResets,
} as const satisfies Record<string, MakeFault>;

export type FaultName = keyof typeof FAULTS;

function bytes(
  { random, extent, active }: FaultSettings,
  what: string,
  change: (byte: number, index: number) => readonly number[],
): Fault {
  const fromHost = random.chance(50);
  const nth = random.between(1, fromHost ? extent.hostBytes : extent.chipBytes);
  const length = random.pick([1, 1, 1, 2, 5, 60]);
  const harm = (byte: number, count: number): readonly number[] | undefined =>
    count >= nth && count < nth + length && active() ? change(byte, count - nth) : undefined;
  return {
    behaviour: fromHost ? { onHostByte: harm } : { onChipByte: harm },
    damagesFrames: fromHost,
    describe: `${what} ${length} from ${fromHost ? "host" : "chip"} byte ${nth}`,
  };
}

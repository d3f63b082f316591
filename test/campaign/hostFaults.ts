/** What can go wrong on the host's side: its process, its port, its disk, its power supply. */
import type { Surroundings } from "../../src/simulator/index";
import type { Fault, FaultSettings } from "./fault";
import type { Random } from "./random";

/** Bytes of a full-speed USB packet. */
const PACKET = 64;
/** How long whatever went away stays away, in ms; undefined: until the next attempt. */
const AWAY = [undefined, 50, 700, 3_000] as const;

/** Asleep, swapped out or stopped, in the middle of a packet or of an answer. */
export function standsStill({ random, extent, active, standStill }: FaultSettings, survivedMs: number): Fault {
  const fromHost = random.chance(50);
  const nth = random.between(1, fromHost ? extent.hostWrites : extent.chipBytes);
  const ms = random.pick([500, 2_000, 3_000, 3_000, 10_000, 60_000]);
  const isSurvived = ms <= survivedMs;
  const describe = `${ms} ms at ${fromHost ? "write" : "chip byte"} ${nth}`;
  if (!fromHost)
    return {
      behaviour: {
        onChipByte(_byte, count) {
          if (count === nth && active()) standStill(ms);
          return undefined;
        },
      },
      isSurvived,
      describe,
    };
  let writes = 0;
  return {
    line: {
      onWrite: (bytes) => {
        if (active() && ++writes === nth) standStill(ms);
        return bytes;
      },
    },
    isSurvived,
    describe,
  };
}

export function portLost({ random, extent, active, unplug }: FaultSettings): Fault {
  const nth = random.between(1, extent.hostWrites);
  const away = random.pick([0, 300, 2_500, 20_000]);
  let writes = 0;
  return {
    line: {
      onWrite: (bytes, line) => {
        if (!active() || ++writes !== nth) return bytes;
        unplug(line, away);
        return whatLeft(bytes, random);
      },
    },
    describe: `at write ${nth}, back after ${away} ms`,
  };
}

export function powerLostAtAByte({ random, extent, active, powerOnIn }: FaultSettings): Fault {
  const fromHost = random.chance(60);
  const nth = random.between(1, fromHost ? extent.hostBytes : extent.chipBytes);
  const back = random.pick(AWAY);
  const cut = (_byte: number, count: number, around: Surroundings): undefined => {
    if (count !== nth || !active()) return;
    around.powerOff();
    if (back !== undefined) powerOnIn(back);
  };
  return {
    behaviour: fromHost ? { onHostByte: cut } : { onChipByte: cut },
    describe: `${fromHost ? "host" : "chip"} byte ${nth}, ${back === undefined ? "stays off" : `back after ${back} ms`}`,
  };
}

export function powerLostInTheFlash({ random, extent, active, powerOnIn }: FaultSettings): Fault {
  const nth = random.between(1, extent.flashOperations);
  const back = random.pick(AWAY);
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
}

export function killedAtAStep({ random, extent }: FaultSettings): Fault {
  const at = kills(random, extent.events);
  return { killAtEvent: at, ...afterwards(random, at), describe: `event ${at.join(", then ")}` };
}

export function killedInAFrame({ random, extent, active }: FaultSettings): Fault {
  const at = kills(random, extent.hostWrites);
  const due = new Set(sums(at));
  let writes = 0;
  return {
    line: {
      onWrite: (bytes, line) => {
        if (!active() || !due.has(++writes)) return bytes;
        line.kill();
        return whatLeft(bytes, random);
      },
    },
    ...afterwards(random, at),
    describe: `write ${at.join(", then ")}`,
  };
}

export function killedAtTheDisk({ random, extent, active }: FaultSettings): Fault {
  const at = kills(random, Math.max(1, extent.diskSteps));
  const due = new Set(sums(at));
  return {
    disk: {
      onStep: (step) => (active() && due.has(step) ? "die" : undefined),
      torn: (length) => random.below(length + 1),
    },
    ...afterwards(random, at),
    describe: `disk step ${at.join(", then ")}`,
  };
}

/** The machine goes off at a step of the job or of the disk, and the disk forgets what it was not made to keep. */
export function machineLosesPower({ random, extent, active }: FaultSettings): Fault {
  const forgets = { names: random.chance(50), unsynced: random.pick(["nothing", "zeros", "all"] as const) };
  const words = `${forgets.names ? "names and " : ""}contents forgotten, ${forgets.unsynced} left`;
  if (random.chance(50)) {
    const at = random.between(1, extent.events);
    return { killAtEvent: [at], disk: { forgets }, describe: `event ${at}, ${words}` };
  }
  const at = random.between(1, Math.max(1, extent.diskSteps));
  return {
    disk: {
      forgets,
      onStep: (step) => (active() && step === at ? "die" : undefined),
      torn: (length) => random.below(length + 1),
    },
    describe: `disk step ${at}, ${words}`,
  };
}

export function diskRefuses({ random, extent, active }: FaultSettings): Fault {
  const nth = random.between(1, Math.max(1, extent.diskSteps));
  const length = random.pick([1, 1, 1_000_000]);
  return {
    disk: {
      onStep: (step) => (active() && step >= nth && step < nth + length ? "refuse" : undefined),
      torn: (bytes) => random.below(bytes + 1),
    },
    describe: `${length} from disk step ${nth}`,
  };
}

/**
 * An adapter takes whole packets, and sends what it has taken also when nobody is there any more; packets begin anywhere in a
 * frame. One that loses its power stops at any byte.
 */
function whatLeft(bytes: Uint8Array, random: Random): Uint8Array {
  if (random.chance(50)) return bytes.subarray(0, random.between(0, Math.min(bytes.length, PACKET)));
  const packets = Math.ceil(bytes.length / PACKET);
  return bytes.subarray(0, PACKET * random.between(0, packets));
}

/** One kill, or another of the run that goes on after it. */
function kills(random: Random, most: number): readonly number[] {
  return Array.from({ length: random.chance(25) ? 2 : 1 }, () => random.between(1, most));
}

function sums(numbers: readonly number[]): number[] {
  return numbers.map((_, i) => numbers.slice(0, i + 1).reduce((sum, each) => sum + each, 0));
}

function afterwards(random: Random, at: readonly number[]): Pick<Fault, "attempts" | "meddled"> {
  return { attempts: at.length, meddled: random.chance(15) };
}

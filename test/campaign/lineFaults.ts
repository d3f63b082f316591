/**
 * What can go wrong between host and adapter where more than a cable is there: a Telnet server of the network (RFC 2217), and a browser
 * that opens its port anew for every rate (Web Serial). What is received goes through the very client that people use.
 */
import { concat } from "../../src/core/base/bytes";
import { ComPortStream, comPortCommand, escaped } from "../../src/core/transport/comPortStream";
import type { Fault, FaultSettings } from "./fault";
import type { Random } from "./random";

const [IAC, WILL, WONT, DO, DONT] = [0xff, 0xfb, 0xfc, 0xfd, 0xfe];
/** An RFC 2217 client gives a server that long for an echo. */
const ECHO_MS = 3_000;
/** Telnet's answers to commands bear the number plus this. */
const ANSWER = 100;

/** What a server says besides: options on and on, known and unknown, and answers that nobody asked for. */
function chatter(random: Random): Uint8Array {
  const said = Array.from({ length: random.between(1, 200) }, () =>
    random.chance(85)
      ? Uint8Array.of(IAC, random.pick([WILL, WONT, DO, DONT]), random.pick([0, 1, 3, 24, 34, 44, random.below(256)]))
      : comPortCommand(
          ANSWER + random.between(0, 12),
          Uint8Array.from({ length: 4 }, () => random.below(256)),
        ),
  );
  return concat(...said);
}

/** Chip to host as a server of the network sends it. @param cut in pieces of so many bytes at most @param interrupts with options, in that share of all pieces */
function overTelnet(
  { random, active }: FaultSettings,
  cut: number,
  interrupts: number,
): (bytes: Uint8Array) => Uint8Array[] {
  let out: Uint8Array[] = [];
  const stream = new ComPortStream({
    send: () => undefined,
    data: (bytes) => void out.push(Uint8Array.from(bytes)),
    answer: () => undefined,
    agreed: () => undefined,
    refused: () => undefined,
    echo: () => undefined,
  });
  stream.start();
  return (bytes) => {
    out = [];
    const wire = concat(active() && random.chance(interrupts) ? chatter(random) : new Uint8Array(0), escaped(bytes));
    for (let at = 0; at < wire.length;) {
      const length = active() ? random.between(1, cut) : wire.length;
      stream.push(wire.subarray(at, at + length));
      at += length;
    }
    return out;
  };
}

export function optionStorm(at: FaultSettings): Fault {
  const share = at.random.pick([2, 20, 100]);
  return {
    line: { received: overTelnet(at, 4_096, share) },
    isSurvived: true,
    describe: `before ${share} % of all that arrives`,
  };
}

export function splitEscapes(at: FaultSettings): Fault {
  const cut = at.random.pick([1, 2, 3, 7]);
  return { line: { received: overTelnet(at, cut, 0) }, isSurvived: true, describe: `pieces of up to ${cut}` };
}

/** The server is silent about the rate, which costs its deadline; it may have set it all the same. */
export function lostEchoes({ random, active }: FaultSettings): Fault {
  const from = random.between(1, 3);
  const isSet = random.chance(50);
  let changes = 0;
  return {
    line: {
      onRate: (baud) =>
        active() && ++changes >= from ? { waitMs: ECHO_MS, ...(isSet && { baud }) } : { waitMs: 0, baud },
    },
    describe: `from change ${from}, ${isSet ? "set all the same" : "not set"}`,
  };
}

/** The lines are raised with each opening, and one of them is wired to CEN: the chip starts anew with every change of the rate. */
export function rateChangeResets({ active, powerCycle }: FaultSettings): Fault {
  return {
    line: {
      onRate: (baud) => {
        if (active()) powerCycle();
        return { waitMs: 0, baud };
      },
    },
    isSurvived: true,
    describe: "at every one",
  };
}

/** The server ends the connection while the chip sends; it is there again after a while. */
export function closedInTheMiddle({ random, extent, active, unplug }: FaultSettings): Fault {
  const nth = random.between(1, extent.chipBytes);
  const away = random.pick([0, 300, 2_500, 20_000]);
  let heard = 0;
  let isClosed = false;
  return {
    line: {
      received: (bytes, line) => {
        heard += bytes.length;
        if (isClosed || !active() || heard < nth) return [bytes];
        isClosed = true;
        unplug(line, away);
        return [];
      },
    },
    describe: `at byte ${nth} from the chip, back after ${away} ms`,
  };
}

/**
 * How soon a person who waits for a chip is told what is on the wire: whole jobs over lines in the states that the link coach tells
 * apart, in simulated time. The picture and its sentence follow from the event that is timed here.
 */
import { runJob, silentLog, type ControlLines, type JobEvent, type WireState } from "../../src/core/index";
import { createChip, type ChipUart } from "../../src/simulator/index";
import { noise } from "../../src/simulator/prng";
import { SelfRunningWorld, VirtualLine } from "../campaign/world";

/** Most that half of all may take, in ms. */
export const COACH_LIMIT_MS = 2_000;

export interface CoachRow {
  readonly state: string;
  /** From the opened port until it is told, in ms; undefined where it is not, or not for good. */
  readonly times: readonly (number | undefined)[];
}

const LINK_TIMEOUT_MS = 8_000;
/** Each at another moment of what the far end does by itself. */
const RUNS = 12;
const EVERY_MS = 150;

const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
const BOOT = ascii("\r\r\nV:BK7231S_1.0.5\r\r\nCPSR:000000D3\r\r\nR0:FE5BEEFF\r\r\nR1:DFFFBFFF\r\r\nJ 0x10000\r\r\n");
const ESPHOME = ascii("[I][app:158]: ESPHome version 2026.8.0 compiled on 2026-08-20 10:00:00 +0000\r\n");
const OPENBEKEN = ascii("OpenBK7231T, version 1.18.300\r\nInfo:MAIN:Main_Init_Before_Delay\r\n");

/** What hangs on the adapter instead of a chip that answers. */
class FarEnd implements ChipUart {
  private transmit: (bytes: Uint8Array, baud: number) => void = () => undefined;

  constructor(
    private readonly does: {
      readonly sent?: (bytes: Uint8Array, say: (bytes: Uint8Array) => void) => void;
      readonly lines?: (lines: ControlLines, say: (bytes: Uint8Array) => void) => void;
    },
    private readonly baud: number,
  ) {}

  say(bytes: Uint8Array): void {
    this.transmit(bytes, this.baud);
  }

  hostSends(bytes: Uint8Array): void {
    this.does.sent?.(bytes, (answer) => this.say(answer));
  }

  onTransmit(listener: (bytes: Uint8Array, baud: number) => void): void {
    this.transmit = listener;
  }

  setControlLines(lines: ControlLines): void {
    this.does.lines?.(lines, (bytes) => this.say(bytes));
  }

  hostPresent(): void {
    // It is there whoever listens.
  }
}

/** Says the same again and again, and hears nothing. */
function prints(world: SelfRunningWorld, text: Uint8Array, baud: number, firstMs: number): FarEnd {
  const end = new FarEnd({}, baud);
  const again = (): void => {
    end.say(text);
    world.schedule(EVERY_MS * 1000, "idle", again);
  };
  world.schedule(firstMs * 1000, "idle", again);
  return end;
}

interface State {
  readonly wire: WireState | "linked";
  /** @param phaseMs how far its own doings are when the port is opened */
  readonly make: (world: SelfRunningWorld, phaseMs: number) => ChipUart;
}

const STATES: Readonly<Record<string, State>> = {
  silence: { wire: "silence", make: () => new FarEnd({}, 115_200) },
  "own echo": {
    wire: "echo",
    make: () => new FarEnd({ sent: (bytes, say) => say(bytes) }, 115_200),
  },
  "crossed wires": {
    wire: "crossed",
    make: (_world, phase) => {
      let count = Math.floor(phase);
      return new FarEnd({ sent: (_, say) => ++count % 3 === 0 && say(noise(count, 2)) }, 115_200);
    },
  },
  "firmware's log": { wire: "log-text", make: (world, phase) => prints(world, ESPHOME, 115_200, phase) },
  "another speed": { wire: "other-speed", make: (world, phase) => prints(world, OPENBEKEN, 38_400, phase) },
  "held in reset": {
    wire: "held",
    make: (world, phase) =>
      new FarEnd(
        { lines: ({ rts }, say) => rts && world.schedule((5 + phase / 10) * 1000, "idle", () => say(BOOT)) },
        115_200,
      ),
  },
  link: {
    wire: "linked",
    make: (time, phase) => {
      const chip = createChip("bk7231t", {
        time,
        pace: "none",
        person: "manual",
        firmware: "none",
        wiring: { reset: "rts" },
      });
      time.schedule(phase * 1000, "idle", () => chip.powerCycle());
      return chip;
    },
  },
};

export async function timeCoach(): Promise<readonly CoachRow[]> {
  const rows: CoachRow[] = [];
  for (const [state, how] of Object.entries(STATES)) {
    const times: (number | undefined)[] = [];
    for (let run = 0; run < RUNS; run++) times.push(await toldAfter(how, (EVERY_MS * run) / RUNS));
    rows.push({ state, times });
  }
  return rows;
}

/** When it was told for good, in ms; undefined where it was not. */
async function toldAfter({ wire, make }: State, phaseMs: number): Promise<number | undefined> {
  const world = new SelfRunningWorld();
  const end = make(world, phaseMs);
  const open = (_: unknown, { baudRate }: { readonly baudRate: number }): Promise<VirtualLine> =>
    Promise.resolve(new VirtualLine(world, end, baudRate, { controlLines: true }));
  const session = {
    port: { kind: "serial", path: "coach" },
    baudRate: "auto",
    linkTimeoutMs: LINK_TIMEOUT_MS,
  } as const;
  const deps = { open, clock: world.hostClock, log: silentLog };
  let since: number | undefined;
  const started = world.hostClock.now();
  const heard = (event: JobEvent): void => {
    const now = event.type === "linking" ? event.wire : event.type === "linked" ? "linked" : undefined;
    if (now === undefined) return;
    if (now === wire) since ??= world.hostClock.now() - started;
    else since = undefined;
  };
  try {
    for await (const event of runJob({ kind: "info" }, {}, { session, deps, signal: new AbortController().signal })) {
      heard(event);
      if (event.type === "linked") break;
    }
  } catch {
    // Nobody answers: what was told until then is all there is.
  }
  world.dispose();
  return since;
}

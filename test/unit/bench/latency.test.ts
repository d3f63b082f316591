/** The simulated adapter: full packets at once, the rest at the next tick of its timer. Time is moved by the test. */
import assert from "node:assert/strict";
import { withLatency, type ChipUart } from "../../../src/simulator/index";

class Rig {
  now = 1_000;
  readonly host: { readonly at: number; readonly bytes: readonly number[]; readonly baud: number }[] = [];
  readonly sent: number[] = [];
  private timers: { readonly at: number; readonly run: () => void }[] = [];
  private transmit: (bytes: Uint8Array, baud: number) => void = () => undefined;

  constructor(ms: number) {
    const chip: ChipUart = {
      hostSends: (bytes) => void this.sent.push(...bytes),
      onTransmit: (listener) => {
        this.transmit = listener;
      },
      setControlLines: () => undefined,
      hostPresent: () => undefined,
    };
    const adapter = withLatency(chip, ms, {
      now: () => this.now,
      after: (delay, run) => {
        const timer = { at: this.now + delay, run };
        this.timers.push(timer);
        return () => {
          this.timers = this.timers.filter((each) => each !== timer);
        };
      },
    });
    adapter.onTransmit((bytes, baud) => this.host.push({ at: this.now, bytes: [...bytes], baud }));
    adapter.hostSends(Uint8Array.of(7), undefined);
  }

  chipSends(length: number, baud = 115_200): void {
    this.transmit(
      Uint8Array.from({ length }, (_, i) => i & 0xff),
      baud,
    );
  }

  pass(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const due = this.timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.now = due.at;
      this.timers = this.timers.filter((timer) => timer !== due);
      due.run();
    }
    this.now = until;
  }

  get arrivals(): (readonly [number, number])[] {
    return this.host.map(({ at, bytes }) => [at - 1_000, bytes.length] as const);
  }
}

describe("adapter latency", () => {
  it("holds a short answer until the timer's next tick, which does not wait for bytes to start", () => {
    const rig = new Rig(16);
    rig.pass(10);
    rig.chipSends(8);
    rig.pass(20);
    assert.deepEqual(rig.arrivals, [[16, 8]]);
    rig.pass(33);
    rig.chipSends(8);
    rig.pass(20);
    assert.deepEqual(rig.arrivals, [
      [16, 8],
      [64, 8],
    ]);
  });

  it("passes full packets on at once and starts the timer over", () => {
    const rig = new Rig(16);
    rig.pass(10);
    rig.chipSends(4111);
    assert.deepEqual(rig.arrivals, [[10, 66 * 62]]);
    rig.pass(15);
    assert.equal(rig.host.length, 1);
    rig.pass(1);
    assert.deepEqual(rig.arrivals, [
      [10, 66 * 62],
      [26, 19],
    ]);
  });

  it("completes a packet from what it held", () => {
    const rig = new Rig(16);
    rig.chipSends(60);
    rig.pass(1);
    rig.chipSends(60);
    assert.deepEqual(rig.arrivals, [[1, 62]]);
    rig.pass(16);
    assert.deepEqual(rig.arrivals, [
      [1, 62],
      [17, 58],
    ]);
    assert.deepEqual(
      rig.host.flatMap(({ bytes }) => bytes),
      [...Array(60).keys(), ...Array(60).keys()],
    );
  });

  it("keeps bytes of two rates apart and does not delay the host's", () => {
    const rig = new Rig(16);
    assert.deepEqual(rig.sent, [7]);
    rig.chipSends(8, 115_200);
    rig.chipSends(8, 921_600);
    rig.pass(16);
    assert.deepEqual(
      rig.host.map(({ baud, bytes }) => [baud, bytes.length]),
      [
        [115_200, 8],
        [921_600, 8],
      ],
    );
  });
});

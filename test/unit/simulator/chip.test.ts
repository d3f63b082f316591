// The chip around its programs: power, reset, link window, firmware, the person at the switch, faults, and both paces.
import assert from "node:assert/strict";
import { ascii, concat, equalBytes, isFilledWith, toHex, u32 } from "../../../src/core/base/bytes";
import {
  application,
  bootLog,
  createChip,
  disconnectAt,
  dropBytes,
  duplicateByte,
  findPreset,
  flipBits,
  garble,
  ignoreCommand,
  ignoreErases,
  insertNoise,
  powerLossAtByte,
  powerLossAtFlashOperation,
  PRESETS,
  ratesMatch,
  stall,
  stuckProtection,
  wrongStatus,
  type Behaviour,
  type SimulatedChip,
} from "../../../src/simulator/index";
import { TUYA_KEY, ZERO_KEY } from "../../../src/core/beken/chips/keys";
import { noise } from "../../../src/simulator/prng";
import { Bench, frames, LINK, LINK_ANSWER, long, short } from "./bench";

const REBOOT = short(0x0e, [0xa5]);

describe("simulated chip", () => {
  it("boots into its application when nobody is there, and says so", () => {
    for (const id of Object.keys(PRESETS)) {
      const bench = new Bench(id);
      bench.time.advance(200_000);
      assert.equal(bench.chip.state, "app", id);
      assert.equal(bench.askHex(LINK, 1000), "", id);
    }
  });

  it("is lost without an application of its own key", () => {
    for (const [key, state] of [
      [ZERO_KEY, "crashed"],
      [TUYA_KEY, "app"],
    ] as const) {
      const bench = new Bench("bk7231t");
      bench.chip.flash.set(application(key, 99), 0x11000);
      bench.time.advance(200_000);
      assert.equal(bench.chip.state, state);
    }
    const blank = new Bench("bk7231s", { flash: new Uint8Array(0x200000).fill(0xff) });
    blank.time.advance(200_000);
    assert.equal(blank.chip.state, "crashed");
  });

  it("loses what comes before its UART is up, then frames cut by it", () => {
    const bench = new Bench("bk7231s");
    bench.send(concat(...Array.from({ length: 40 }, () => LINK)));
    bench.time.advance(40_000);
    const answers = toHex(bench.take()).length / LINK_ANSWER.length;
    assert.ok(answers > 10 && answers < 40, `${answers}`);
    assert.equal(bench.chip.state, "linked");
  });

  it("hears nothing but rubbish at another rate", () => {
    const bench = new Bench("bk7231t");
    bench.time.advance(5_000);
    bench.send(LINK, 230_400);
    bench.time.advance(20_000);
    assert.equal(bench.take().length, 0);
    bench.send(LINK, 115_200);
    bench.send(LINK, 112_000);
    bench.time.advance(20_000);
    assert.equal(toHex(bench.take()), LINK_ANSWER.repeat(2));
    assert.ok(ratesMatch(115_200, 114_537) && !ratesMatch(921_600, 866_667));
    assert.deepEqual(garble(LINK, 115_200, 921_600), garble(LINK, 115_200, 921_600));
    assert.ok(!equalBytes(garble(LINK, 115_200, 120_500), LINK));
  });

  it("answers at the rate it was told, and keeps it until reset", () => {
    const bench = Bench.linked("bk7231s");
    bench.ask(frames.baud(475_000, 20));
    assert.equal(Math.round(bench.chip.baudRate), 464_286);
    bench.send(LINK, 115_200);
    bench.time.advance(10_000);
    assert.equal(bench.take().length, 0);
    bench.chip.powerCycle();
    bench.time.advance(20_000);
    bench.send(LINK, 115_200);
    bench.time.advance(10_000);
    assert.equal(toHex(bench.take()), LINK_ANSWER);
  });

  it("restarts a linked loader that hears nothing, and any byte puts that off", () => {
    const bench = new Bench("bk7231t", { idleRebootMs: 300 });
    bench.boot();
    for (let i = 0; i < 20; i++) assert.equal(bench.askHex(LINK, 100_000), LINK_ANSWER);
    bench.time.advance(150_000);
    assert.equal(bench.chip.state, "linked");
    bench.time.advance(200_000);
    assert.equal(bench.chip.state, "app");
  });

  it("goes to the application or back to the link window on reboot, as its family does", () => {
    for (const [id, state] of [
      ["bk7231t", "window"],
      ["bk7231s", "window"],
      ["bk7231q", "app"],
      ["bk7231n", "window"],
      ["bk7252", "window"],
    ] as const) {
      const bench = Bench.linked(id);
      bench.ask(REBOOT, 40_000);
      assert.equal(bench.chip.state, state, id);
    }
  });

  it("is locked by its CRC until reset in the seed case, and only there", () => {
    for (const [id, locked] of [
      ["bk7231s", true],
      ["bk7231t", false],
      ["bk7252", false],
      ["bk7231u", false],
    ] as const) {
      const bench = Bench.linked(id);
      bench.ask(frames.crc(0, 0xff));
      bench.ask(LINK);
      assert.equal(bench.askHex(frames.erase(0x20, 0x12000)), "040eff01e0fcf407000f002000200100");
      if (id === "bk7231s") assert.equal(bench.chip.statusRegister, 0x7c);
      assert.equal(isFilledWith(bench.chip.flash, 0xff, 0x12000, 0x13000), !locked, id);
      bench.chip.powerCycle();
      bench.time.advance(10_000);
      bench.boot();
      bench.ask(frames.erase(0x20, 0x12000));
      assert.ok(isFilledWith(bench.chip.flash, 0xff, 0x12000, 0x13000), id);
    }
  });

  it("turns a write address from 0x01000000 into an erase on the loaders that do", () => {
    const data = new Uint8Array(32).fill(0x55);
    for (const [high, erased] of [
      [0x01, 0x1000],
      [0x02, 0x8000],
      [0x03, 0x10000],
      [0x10, 0],
    ] as const) {
      const bench = Bench.linked("t105", { statusRegister: 0 });
      bench.chip.flash.fill(0x00, 0x150000, 0x160000);
      assert.equal(
        bench.askHex(frames.write(high * 0x1000000 + 0x150000, data)),
        `040eff01e0fcf407000600000015${toHex([high])}20`,
      );
      assert.ok(isFilledWith(bench.chip.flash, 0xff, 0x150000, 0x150000 + erased));
      assert.ok(isFilledWith(bench.chip.flash, 0x00, 0x150000 + erased, 0x160000));
    }
  });

  it("erases boot code when an erase frame loses an address byte and link checks follow", () => {
    const bench = Bench.linked("t105", { statusRegister: 0 });
    // Erase of 0x155000 without its first address byte: a link check's 01 becomes the top byte.
    const frame = frames.erase(0x20, 0x155000);
    bench.ask(concat(frame.subarray(0, 9), frame.subarray(10), LINK));
    assert.ok(bench.operations().includes("SE 4K 001550 (phys 001000)"));
    // FF filler instead is refused.
    const harmless = Bench.linked("t105", { statusRegister: 0 });
    harmless.ask(concat(frame.subarray(0, 9), frame.subarray(10), new Uint8Array(16).fill(0xff)));
    assert.deepEqual(harmless.operations(), []);
    assert.equal(harmless.askHex(LINK), LINK_ANSWER);
  });

  it("finds presets by the names people use", () => {
    for (const [name, id] of [
      ["BK7231T", "bk7231t"],
      ["bk7231n zero", "bk7231n-zero"],
      ["7252", "bk7252"],
      ["Alios", "alios"],
      ["q-moes", "q_moes"],
    ])
      assert.equal(findPreset(name as string)?.id, id);
    assert.equal(findPreset("esp32"), undefined);
    assert.throws(() => createChip("esp32"), RangeError);
  });
});

describe("control lines of a simulated module", () => {
  it("reset the chip when wired to CEN, hold it there, and do nothing otherwise", () => {
    for (const reset of ["rts", "dtr", undefined] as const) {
      const bench = new Bench("bk7231t", { wiring: reset === undefined ? {} : { reset } });
      bench.time.advance(200_000);
      bench.chip.setControlLines({ rts: true, dtr: true });
      assert.equal(bench.chip.state, reset === undefined ? "app" : "off");
      bench.time.advance(100_000);
      bench.chip.setControlLines({ rts: false, dtr: false });
      bench.time.advance(5_000);
      assert.equal(bench.chip.state, reset === undefined ? "app" : "window");
      bench.chip.powerOff();
      bench.chip.setControlLines({ rts: true, dtr: true });
      bench.chip.setControlLines({ rts: false, dtr: false });
      assert.equal(bench.chip.state, "off");
    }
  });
});

describe("firmware on a simulated chip", () => {
  const running = (firmware: "libretiny" | "openbeken" | "tuya" | "none"): Bench => {
    const bench = new Bench("bk7231t", { firmware });
    bench.time.advance(200_000);
    assert.equal(bench.chip.state, "app");
    return bench;
  };
  const flood = (bench: Bench): string => {
    for (let i = 0; i < 100; i++) {
      bench.send(LINK);
      bench.time.advance(2_000);
    }
    return toHex(bench.take());
  };

  it("LibreTiny restarts into the loader on link checks", () => {
    assert.ok(flood(running("libretiny")).includes(LINK_ANSWER));
  });

  it("OpenBeken does on its reboot command, Tuya's and others on nothing", () => {
    const openBeken = running("openbeken");
    assert.equal(flood(openBeken), "");
    openBeken.send(ascii("\r\nreboot\r\n"));
    openBeken.time.advance(150_000);
    assert.ok(flood(openBeken).endsWith(LINK_ANSWER));
    for (const kind of ["tuya", "none"] as const) {
      const other = running(kind);
      other.send(ascii("\r\nreboot\r\n"));
      assert.equal(flood(other), "");
      assert.equal(other.chip.state, "app");
    }
  });
});

describe("the person at the switch", () => {
  it("switches a silent chip off and on after a while of being asked, not a chip that answers", () => {
    const bench = new Bench("bk7231s", { person: "auto", personWaitMs: 1200 });
    bench.time.advance(500_000);
    const floodFor = (ms: number): string => {
      for (let i = 0; i < ms; i += 4) {
        bench.send(LINK);
        bench.time.advance(4_000);
      }
      return toHex(bench.take());
    };
    assert.equal(floodFor(1100), "");
    assert.ok(floodFor(300).includes(LINK_ANSWER));
    const off = bench.events.filter((event) => event.type === "state" && event.state === "off").length;
    floodFor(3000);
    assert.equal(bench.events.filter((event) => event.type === "state" && event.state === "off").length, off);
  });

  it("does nothing when there is none", () => {
    const bench = new Bench("bk7231s");
    bench.time.advance(500_000);
    for (let i = 0; i < 2000; i++) assert.equal(bench.askHex(LINK, 4_000), "");
    assert.equal(bench.chip.state, "app");
  });
});

describe("power failing", () => {
  it("leaves an erase half done, and the chip comes back", () => {
    const bench = Bench.linked("bk7231t", { statusRegister: 0 });
    bench.chip.flash.fill(0x00, 0x150000, 0x160000);
    bench.send(frames.erase(0xd8, 0x150000));
    bench.time.advance(120_000);
    bench.chip.powerOff();
    assert.equal(bench.chip.state, "off");
    assert.ok(isFilledWith(bench.chip.flash, 0xff, 0x150000, 0x154000));
    assert.ok(isFilledWith(bench.chip.flash, 0x00, 0x15c000, 0x160000));
    assert.equal(bench.askHex(LINK), "");
    bench.chip.powerOn();
    bench.boot();
    assert.equal(bench.askHex(frames.erase(0xd8, 0x150000)), "040eff01e0fcf407000f00d800001500");
    assert.ok(isFilledWith(bench.chip.flash, 0xff, 0x150000, 0x160000));
  });

  it("in the middle of boot code leaves a flash loader dead and a ROM reachable", () => {
    for (const [id, answer] of [
      ["bk7231t", ""],
      ["bk7231n", LINK_ANSWER],
    ] as const) {
      const bench = Bench.linked(id, { statusRegister: 0 });
      bench.send(frames.erase(0x20, 0x200000));
      bench.time.advance(30_000);
      bench.chip.powerCycle();
      bench.time.advance(30_000);
      assert.equal(bench.askHex(LINK), answer, id);
    }
  });
});

describe("behaviours", () => {
  const with_ = (...behaviours: readonly Behaviour[]): Bench => Bench.linked("t105", { behaviours, statusRegister: 0 });
  const ERASED = "040eff01e0fcf407000f002000001500";
  const ERASE = frames.erase(0x20, 0x150000);

  it("drop, flip, duplicate and insert bytes in either direction", () => {
    // When the bench is linked, five bytes have come from the host and eight from the chip.
    assert.equal(with_(dropBytes("from-chip", 10, 2)).askHex(LINK), "0401e0fc0100");
    assert.equal(with_(flipBits("from-chip", 9)).askHex(LINK), "140e0501e0fc0100");
    assert.equal(with_(duplicateByte("from-chip", 9)).askHex(LINK), `04${LINK_ANSWER}`);
    assert.equal(with_(insertNoise("from-chip", 9, [0xaa, 0xbb])).askHex(LINK), `aabb${LINK_ANSWER}`);
    assert.equal(with_(dropBytes("from-host", 6)).askHex(LINK), "");
    assert.equal(with_(flipBits("from-host", 7, 0x01)).askHex(LINK), "");
    assert.equal(with_(duplicateByte("from-host", 6)).askHex(LINK), "");
    assert.equal(with_(insertNoise("from-host", 6, [0x00])).askHex(LINK), LINK_ANSWER);
  });

  it("change what commands do and say", () => {
    assert.equal(with_(ignoreCommand(2)).askHex(ERASE), "");
    assert.equal(with_(wrongStatus(2, 0x01)).askHex(ERASE), ERASED.replace("0f00", "0f01"));
    const slow = with_(stall(2, 700));
    assert.equal(slow.askHex(LINK, 600_000), "");
    assert.equal(slow.askHex(new Uint8Array(0), 200_000), LINK_ANSWER);
    const hung = with_({ onCommand: ({ code }) => (code === 0x11 ? { hang: true } : undefined) });
    assert.equal(hung.askHex(short(0x11)), "");
    assert.equal(hung.chip.state, "hung");
    const streamed = with_(ignoreCommand(2));
    assert.equal(streamed.askHex(frames.write4k(0x150000, new Uint8Array(4096))), "");
    assert.equal(streamed.askHex(LINK), LINK_ANSWER);
  });

  it("change what the flash does", () => {
    const deaf = with_(ignoreErases(1));
    deaf.chip.flash.fill(0, 0x150000, 0x151000);
    assert.equal(deaf.askHex(ERASE), ERASED);
    assert.ok(isFilledWith(deaf.chip.flash, 0, 0x150000, 0x151000));
    assert.equal(deaf.askHex(ERASE), ERASED);
    assert.ok(isFilledWith(deaf.chip.flash, 0xff, 0x150000, 0x151000));
    const stuck = Bench.linked("t105", { behaviours: [stuckProtection()], statusRegister: 0x7c });
    assert.equal(stuck.askHex(ERASE), ERASED);
    assert.equal(stuck.chip.statusRegister, 0x7c);
    const failing = with_(powerLossAtFlashOperation(1));
    failing.chip.flash.fill(0, 0x150000, 0x151000);
    assert.equal(failing.askHex(ERASE), "");
    assert.equal(failing.chip.state, "off");
    assert.ok(isFilledWith(failing.chip.flash, 0xff, 0x150000, 0x150800));
    assert.ok(isFilledWith(failing.chip.flash, 0, 0x150c00, 0x151000));
  });

  it("pull the cable, cut the power, and talk before anybody is linked", () => {
    const unplugged = with_(disconnectAt("from-chip", 12));
    assert.equal(unplugged.askHex(LINK), "");
    assert.equal(unplugged.askHex(LINK), "");
    assert.ok(unplugged.events.some((event) => event.type === "disconnected"));
    const dark = with_(powerLossAtByte("from-host", 9));
    assert.equal(dark.askHex(LINK), "");
    assert.equal(dark.chip.state, "off");
    const chatty = new Bench("bk7231n", { behaviours: [bootLog("prvHeapInit\r\n")] });
    chatty.time.advance(5_000);
    assert.equal(toHex(chatty.take()), toHex(ascii("prvHeapInit\r\n")));
  });
});

describe("pace", () => {
  /** Sends and waits for so many bytes. */
  const exchange = (chip: SimulatedChip, request: Uint8Array, length: number): Promise<Uint8Array> =>
    new Promise((resolve) => {
      const parts: Uint8Array[] = [];
      let got = 0;
      chip.onTransmit((bytes) => {
        parts.push(bytes);
        got += bytes.length;
        if (got >= length) resolve(concat(...parts));
      });
      chip.hostSends(request, undefined);
    });
  /** Link checks until one is answered. */
  const link = async (chip: SimulatedChip): Promise<void> => {
    const timer = setInterval(() => chip.hostSends(LINK, undefined), 4);
    await exchange(chip, LINK, 8);
    clearInterval(timer);
    // Answers to checks still under way.
    await new Promise((resolve) => setTimeout(resolve, 30));
  };

  it("none: a whole flash goes through without waiting, both ways", async () => {
    const content = noise(5, 0x200000);
    const chip = createChip("bk7231n", { pace: "none", person: "auto", flash: content, statusRegister: 0 });
    try {
      await link(chip);
      const read: Uint8Array[] = [];
      for (let at = 0; at < 0x200000; at += 0x1000)
        read.push((await exchange(chip, frames.read(at), 4111)).subarray(15));
      assert.ok(equalBytes(concat(...read), content));
      for (let at = 0x11000; at < 0x111000; at += 0x1000) {
        await exchange(chip, frames.erase(0x20, at), 16);
        await exchange(chip, frames.write4k(at, content.subarray(at + 0x1000, at + 0x2000)), 15);
      }
      assert.ok(equalBytes(chip.flash.subarray(0x11000, 0x111000), content.subarray(0x12000, 0x112000)));
      assert.equal(chip.counters.overruns + chip.counters.ringOverflows, 0);
    } finally {
      chip.dispose();
    }
  });

  it("none: a flash loader still cannot do two things at once", async () => {
    const chip = createChip("bk7231t", { pace: "none", person: "auto" });
    try {
      await link(chip);
      chip.hostSends(concat(frames.erase(0x20, 0x150000), frames.write4k(0x150000, new Uint8Array(4096))), undefined);
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.ok(chip.counters.overruns > 0);
    } finally {
      chip.dispose();
    }
  });

  it("real: bytes come as they leave the wire, and a power cycle by hand brings the loader", async () => {
    const chip = createChip("bk7231s", { person: "auto", personWaitMs: 100 });
    try {
      const states: string[] = [];
      chip.onEvent((event) => {
        if (event.type === "state") states.push(event.state);
      });
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(chip.state, "app");
      await link(chip);
      assert.ok(states.includes("off") && states.includes("window"));
      let pieces = 0;
      const answer = await new Promise<Uint8Array>((resolve) => {
        const parts: Uint8Array[] = [];
        chip.onTransmit((bytes) => {
          pieces++;
          parts.push(bytes);
          if (concat(...parts).length === 4111) resolve(concat(...parts));
        });
        chip.hostSends(long(0x09, u32(0x11000)), 115_200);
      });
      assert.ok(equalBytes(answer.subarray(15), chip.flash.subarray(0x11000, 0x12000)));
      assert.ok(pieces > 50);
    } finally {
      chip.dispose();
    }
  });
});

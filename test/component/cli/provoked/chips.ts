/** Failures that a chip or its wires bring about: simulated chips with faults, behind a port that the command line opens. */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  PRESETS,
  createChip,
  type Behaviour,
  type ChipUart,
  type PresetId,
  type SimulatedChip,
} from "../../../../src/simulator/index";
import type { Ended, Line } from "../cli";
import { BEDROOM_RBL, shortBuildFor } from "../../flash/builds";
import { cli, onChip, putFile, served, type Provocation, type Rows } from "./stage";

const READ = 0x09;
const ERASE = 0x0f;
const FLASH_SIZE = 0x200000;

/** Until the chip is known everything is well; afterwards the fault is there. */
class Later {
  armed = false;
  readonly onLine = (line: Line): void => {
    this.armed ||= line.type === "identified";
  };
}

const unansweredReads: Provocation = (folder) => {
  const later = new Later();
  const behaviour: Behaviour = {
    onCommand: ({ code, long }) => (later.armed && long && code === READ ? { ignore: true } : undefined),
  };
  return onChip("bk7231t", { behaviours: [behaviour] }, ["read", join(folder, "r.bin")], later.onLine);
};

/** Every erase is answered with this status. */
function erases(status: number): Provocation {
  const behaviour: Behaviour = { onCommand: ({ code, long }) => (long && code === ERASE ? { status } : undefined) };
  return async () => {
    const ended = await onChip("bk7231t", { behaviours: [behaviour] }, range(0x25000, 0x1000));
    assert.equal((ended.last?.context as { readonly status?: number }).status, status);
    return ended;
  };
}

/** Replaces bytes of every frame that begins with `head`: `at` bytes behind it comes `change`. */
function changing(head: readonly number[], at: number, change: (byte: number, seen: readonly number[]) => number) {
  let recent: number[] = [];
  let behind = -1;
  let seen: number[] = [];
  return (byte: number): readonly number[] => {
    if (behind >= 0) {
      seen.push(byte);
      const now = behind === at ? change(byte, seen) : byte;
      behind = behind === at ? -1 : behind + 1;
      return [now];
    }
    recent = [...recent, byte].slice(-head.length);
    if (recent.length === head.length && recent.every((each, i) => each === head[i])) {
      behind = 0;
      seen = [];
      recent = [];
    }
    return [byte];
  };
}

/** The chip's answers to reads repeat another address than was asked for. */
const damagedAnswers: Provocation = (folder) => {
  const later = new Later();
  const damage = changing([0xf4, 0x06, 0x10, READ, 0x00], 2, (byte) => byte ^ 0x20);
  const behaviour: Behaviour = { onChipByte: (byte) => (later.armed ? damage(byte) : [byte]) };
  return onChip("bk7231t", { behaviours: [behaviour] }, ["read", join(folder, "r.bin")], later.onLine);
};

/** Every CRC of the chip's is damaged on its way. */
const damagedCrcs: Provocation = (folder) => {
  const behaviour: Behaviour = {
    onChipByte: changing([0x04, 0x0e, 0x08, 0x01, 0xe0, 0xfc, 0x10], 0, (byte) => byte ^ 1),
  };
  return onChip("bk7231n", { behaviours: [behaviour] }, ["backup", join(folder, "dump.bin")]);
};

/** A short build for the preset, on a chip with this behaviour. */
function flashing(id: PresetId, options: Parameters<typeof onChip>[1]): Provocation {
  return (folder) =>
    onChip(id, options, ["flash", putFile(folder, shortBuildFor(PRESETS[id]).crc), "--full", "--no-reboot"]);
}

const ignoring = (kind: "erase" | "program"): Behaviour => ({
  onFlashOperation: (operation) => (operation.kind === kind ? "ignore" : undefined),
});

/** A cell that does not come up again. */
const wornCell: Provocation = async (folder) => {
  const chip = createChip("bk7231n-zero", { pace: "none", person: "auto", personWaitMs: 400 });
  chip.onEvent((event) => {
    if (event.type !== "flash" || event.operation.kind !== "erase") return;
    const { physical } = event.result;
    chip.flash[physical + 5] = 0xfe;
  });
  const file = putFile(folder, shortBuildFor(PRESETS["bk7231n-zero"]).crc);
  try {
    return await served(chip, (port) => cli(["flash", file, "--full", "--port", port]));
  } finally {
    chip.dispose();
  }
};

/** Two chips on one wire, of which one is connected. */
class Swapped implements ChipUart {
  private current: SimulatedChip;

  constructor(
    private readonly first: SimulatedChip,
    private readonly second: SimulatedChip,
  ) {
    this.current = first;
  }

  swap(): void {
    this.current = this.second;
  }

  hostSends(bytes: Uint8Array, baud: number | undefined): void {
    this.current.hostSends(bytes, baud);
  }

  onTransmit(listener: (bytes: Uint8Array, baud: number) => void): void {
    for (const chip of [this.first, this.second])
      chip.onTransmit((bytes, baud) => {
        if (chip === this.current) listener(bytes, baud);
      });
  }

  setControlLines(lines: Parameters<ChipUart["setControlLines"]>[0]): void {
    this.current.setControlLines(lines);
  }

  hostPresent(present: boolean): void {
    this.current.hostPresent(present);
  }
}

/** In the middle of the erases somebody takes the module out and puts another one in. */
const anotherModule: Provocation = async (folder) => {
  let swap = (): void => undefined;
  const taken: Behaviour = {
    onFlashOperation: (operation, count, around) => {
      if (operation.kind !== "erase" || count < 3) return undefined;
      around.powerOff();
      swap();
      return "ignore";
    },
  };
  const common = { pace: "none", person: "auto", personWaitMs: 400 } as const;
  const first = createChip("bk7231t", { ...common, behaviours: [taken] });
  const second = createChip("bk7231s", common);
  const both = new Swapped(first, second);
  swap = () => both.swap();
  const file = putFile(folder, shortBuildFor(PRESETS.bk7231t).crc);
  try {
    return await served(both, (port) => cli(["flash", file, "--full", "--port", port]));
  } finally {
    first.dispose();
    second.dispose();
  }
};

/** One byte of the address of one write is damaged on its way: what was for 0x013000 goes to 0x123000. */
const astray: Provocation = (folder) => {
  let once = false;
  const damage = changing([0xf4, 0x05, 0x10, 0x07], 2, (byte, [low, middle]) => {
    if (once || low !== 0x00 || middle !== 0x30 || byte !== 0x01) return byte;
    once = true;
    return 0x12;
  });
  return flashing("bk7231n-zero", { behaviours: [{ onHostByte: damage }] })(folder);
};

const stopped = (preset: string, args: readonly string[], when: (line: Line) => boolean): Provocation => {
  return (folder) => {
    const chip = createChip(preset, { pace: "real", person: args[0] === "info" ? "manual" : "auto" });
    return served(chip, (port) =>
      cli([...args.map((arg) => arg.replace("FOLDER", folder)), "--port", port], (line, child) => {
        if (when(line)) child.kill("SIGINT");
      }),
    ).finally(() => chip.dispose());
  };
};

const range = (start: number, length: number): readonly (string | number)[] => [
  "erase",
  "--start",
  start,
  "--length",
  length,
];
const eraseOf =
  (start: number, length: number): Provocation =>
  () =>
    onChip("bk7231t", {}, range(start, length));
/** A change of the boot code where it can be changed, with what was given as the chip's name. */
const bootCodeOf =
  (...name: readonly string[]): Provocation =>
  async (folder) => {
    const data = putFile(folder, { name: "data.bin", bytes: new Uint8Array(10).fill(0x30) });
    const ended = await onChip("bk7231n", {}, ["flash", data, "--at", 0x2000, "--allow-bootloader", ...name]);
    assert.match(String(ended.last?.message), /"BK7231N" to be typed/);
    return ended;
  };

/** An ordinary flash of a chip whose flash was changed before. */
const ontoBrokenChip =
  (breaks: (flash: Uint8Array) => void): Provocation =>
  async (folder) => {
    const fresh = createChip("bk7231n", { pace: "none" });
    const flash = fresh.flash.slice();
    fresh.dispose();
    breaks(flash);
    const file = putFile(folder, shortBuildFor(PRESETS.bk7231n).crc);
    const ended = await onChip("bk7231n", { flash }, ["flash", file]);
    assert.match((ended.last?.remedy as readonly string[]).join(" "), /--only-bootloader/);
    return ended;
  };

const dataAt =
  (at: number, ...more: readonly string[]): Provocation =>
  (folder) =>
    onChip("bk7231t", {}, [
      "flash",
      putFile(folder, { name: "data.bin", bytes: new Uint8Array(10).fill(0x30) }),
      "--at",
      at,
      ...more,
    ]);

export const CHIP_ROWS: Rows<
  | "reply-timeout"
  | "reply-invalid"
  | "chip-status"
  | "command-unsupported"
  | "chip-changed"
  | "flash-unknown"
  | "flash-dead"
  | "flash-protected"
  | "plan-out-of-range"
  | "plan-touches-bootloader"
  | "bootloader-not-confirmed"
  | "plan-touches-calibration"
  | "plan-would-not-start"
  | "plan-misaligned"
  | "plan-empty"
  | "read-crc-mismatch"
  | "erase-failed"
  | "write-failed"
  | "verify-failed"
  | "stray-write"
  | "cancelled"
> = {
  "reply-timeout": { "reads that are not answered": unansweredReads },
  "reply-invalid": { "answers that repeat another address": damagedAnswers },
  "chip-status": Object.fromEntries(
    [1, 2, 3, 4, 5, 6, 42].map((status) => [`status ${status}`, erases(status)] as const),
  ),
  "command-unsupported": { "status 7": erases(7) },
  "chip-changed": { "another module in the middle": anotherModule },
  "flash-unknown": { "an id in no table": flashing("bk7231n-zero", { jedecId: "AB1215" }) },
  "flash-dead": {
    "zeros wherever it is read": () => onChip("bk7231s", { flash: new Uint8Array(FLASH_SIZE) }, range(0x20000, 0x3000)),
  },
  "flash-protected": { "erases that do nothing": flashing("bk7231t", { behaviours: [ignoring("erase")] }) },
  "plan-out-of-range": {
    "an erase": eraseOf(FLASH_SIZE, 0x1000),
    "a read": (folder) =>
      onChip("bk7231t", {}, ["read", join(folder, "r.bin"), "--start", FLASH_SIZE - 1, "--length", 2]),
  },
  "plan-touches-bootloader": {
    "an erase": eraseOf(0, 0x1000),
    "a flash": dataAt(0x2000),
    "a flash with the option, where only the boot code answers": dataAt(0x2000, "--allow-bootloader"),
  },
  "bootloader-not-confirmed": {
    "another chip's name": bootCodeOf("BK7231T"),
    "the name in small letters": bootCodeOf("bk7231n"),
    "no name, and no terminal to ask at": bootCodeOf(),
  },
  "plan-touches-calibration": { "a flash": dataAt(0x1e0100) },
  "plan-would-not-start": {
    "no boot code": ontoBrokenChip((flash) => flash.fill(0xff, 0, 0x11000)),
    "boot code that was cut off": ontoBrokenChip((flash) => flash.fill(0xff, 0x1000, 0x11000)),
  },
  "plan-misaligned": { "an erase": eraseOf(0x11001, 0x1000) },
  "plan-empty": { "an erase": eraseOf(0x11000, 0) },
  "read-crc-mismatch": { "CRCs that are damaged on their way": damagedCrcs },
  "erase-failed": { "a cell that stays low": wornCell },
  "write-failed": { "writes that do nothing": flashing("bk7231n-zero", { behaviours: [ignoring("program")] }) },
  "verify-failed": {
    "other firmware": () => onChip("bk7231t", {}, ["verify", BEDROOM_RBL]),
    "blank flash, which is told": async () => {
      const boot = createChip("bk7231t", { pace: "none" });
      const flash = new Uint8Array(FLASH_SIZE).fill(0xff);
      flash.set(boot.flash.subarray(0, 0x11000));
      boot.dispose();
      const ended: Ended = await onChip("bk7231t", { flash }, ["verify", BEDROOM_RBL]);
      assert.match(String((ended.last?.remedy as readonly string[])[0]), /blank there/);
      return ended;
    },
  },
  "stray-write": { "one byte of an address": astray },
  cancelled: {
    "while it waits for the chip": stopped("bk7231s", ["info"], ({ type }) => type === "linking"),
    "while it reads": stopped(
      "bk7231t",
      ["read", join("FOLDER", "r.bin")],
      ({ type, phase }) => type === "progress" && phase === "read",
    ),
  },
};

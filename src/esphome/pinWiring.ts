/**
 * What hangs on the pins of a device, out of the pin text of Tuya's settings: plain data that both kinds of configuration are made of.
 * Source of the names: docs/formats.md ("Pin texts"), from LibreTiny's documentation, upk2esphome and BK7231GUIFlashTool.
 */

import { words, type Text } from "../core/index";
import { PinReader, type Line, type NamedPin, type Numbered, type PinText, type PinsOfDevice } from "./pinReader";

export type Relay =
  | ({ readonly kind: "plain" } & Numbered)
  | {
      readonly kind: "latching";
      readonly n: number;
      readonly on: Line;
      readonly off: Line;
      /** Length of a pulse, ms. */
      readonly pulse: number;
    };

export const COLOURS = ["red", "green", "blue", "cold", "warm"] as const;
export type Colour = (typeof COLOURS)[number];

export type DriverChip = "sm2135" | "sm2235" | "bp5758d" | "bp1658cj" | "kp18058";

export type Light =
  | {
      readonly kind: "pwm";
      readonly channels: Readonly<Partial<Record<Colour, Line>>>;
      /** Hz. */
      readonly frequency: number | undefined;
      /** Cold is the brightness of both whites, warm their temperature. */
      readonly isTemperature: boolean;
    }
  | {
      readonly kind: "driver";
      readonly chip: DriverChip;
      readonly clock: number;
      readonly data: number;
      /** Output of the chip for each colour, from 0. */
      readonly order: Readonly<Partial<Record<Colour, number>>>;
      /** As the settings have them: mA for SM2135 and BP5758D, steps else. */
      readonly currents: {
        readonly colour: number | undefined;
        readonly white: number | undefined;
        readonly cold?: number | undefined;
        readonly warm?: number | undefined;
      };
    };

export type MeterChip = "BL0937" | "HLW8012" | "HLW8032" | "BL0942";

export interface Meter {
  readonly chip: MeterChip;
  readonly cf: number | undefined;
  readonly cf1: number | undefined;
  readonly select: Line | undefined;
  readonly rx: number | undefined;
  readonly tx: number | undefined;
  /** Shunt, milliohm. */
  readonly resistor: number | undefined;
}

export interface Wiring {
  readonly relays: readonly Relay[];
  readonly buttons: readonly Numbered[];
  readonly allButton: Line | undefined;
  readonly wallSwitches: readonly Numbered[];
  readonly keys: readonly Numbered[];
  readonly resetButton: Line | undefined;
  readonly networkLed: Line | undefined;
  /** The network LED shows the relays as well. */
  readonly isLedShared: boolean;
  readonly relayLeds: readonly Numbered[];
  readonly light: Light | undefined;
  readonly meter: Meter | undefined;
  readonly irReceiver: number | undefined;
  readonly irTransmitter: number | undefined;
  readonly rfReceiver: number | undefined;
  readonly doorContacts: readonly Numbered[];
  readonly inputs: readonly Line[];
  readonly strip: { readonly pin: number; readonly pixels: number } | undefined;
  readonly battery: { readonly adc: number | undefined; readonly relay: Line | undefined };
  /** Pins that neither configuration can use: name of the setting and pin. */
  readonly unused: readonly NamedPin[];
  /** Pins that an earlier setting has, too: nothing but that one is made of them. */
  readonly twice: readonly NamedPin[];
  /** What a person should check. */
  readonly remarks: readonly Text[];
}

const METERS: Readonly<Record<number, MeterChip>> = {
  0: "BL0937",
  1: "HLW8012",
  2: "HLW8032",
  3: "BL0942",
  4: "BL0942",
};

/** @param pins the pin text, old or new; values that are no numbers are no pins */
export function wiringOf(pins: PinText, { there, taken = [] }: PinsOfDevice = {}): Wiring {
  const reader = new PinReader(pins, there, taken);
  const remarks: Text[] = [];
  const relays = relaysOf(reader);
  const light = lightOf(reader, remarks);
  const buttons = firstOfEach([...reader.numbered((n) => `bt${n}`, "low"), ...single(reader.line("bt", "low"))]);
  const networkLed = reader.line("netled", "high", "netled1", "wfst", "netled0", "netled2", "status_led");
  const irReceiver = reader.pin("infrr", "irpin", "ir");
  const wiring = {
    relays,
    buttons,
    allButton: reader.line("total_bt", "low"),
    wallSwitches: reader.numbered((n) => `onoff${n}`, "low"),
    keys: firstOfEach([...single(reader.line("key", "low")), ...reader.numbered((n) => `k${n}pin`, "low")]),
    resetButton: reader.line("reset", "low"),
    networkLed,
    isLedShared: reader.number("netled_reuse") === 1,
    relayLeds: reader.numbered((n) => `led${n}`, "high"),
    light,
    meter: meterOf(reader),
    irReceiver,
    irTransmitter: reader.pin("infre"),
    rfReceiver: reader.pin("remote_io"),
    doorContacts: reader.numbered((n) => `door${n}_magt`, "high"),
    inputs: ["gate_sensor_pin", "basic_pin"].flatMap((name) => single(reader.line(name, "high"))),
    strip: stripOf(reader),
    battery: { adc: reader.pin("samp_pin"), relay: reader.line("samp_sw", "high") },
    remarks,
  };
  if (pins.rl1_dr_type !== undefined && wiring.doorContacts.length > 0)
    remarks.push(
      words`The relay probably gives a pulse, as gate openers need one (rl1_dr_type, trl1_time): a plain switch holds the contact.`,
    );
  return { ...wiring, unused: reader.unused(), twice: reader.twice };
}

/** Names are made of the numbers: of two with the same one the later gets a number of its own. */
function firstOfEach(lines: readonly Numbered[]): Numbered[] {
  const taken = new Set<number>();
  return lines.map((line) => {
    let { n } = line;
    if (taken.has(n)) n = 1 + Math.max(...taken, ...lines.map((each) => each.n));
    taken.add(n);
    return { ...line, n };
  });
}

function single(line: Line | undefined): Numbered[] {
  return line === undefined ? [] : [{ n: 1, ...line }];
}

function relaysOf(reader: PinReader): Relay[] {
  const plain = reader.numbered((n) => `rl${n}`, "high").map((line): Relay => ({ kind: "plain", ...line }));
  const latching = Array.from({ length: 10 }, (_, n) => n).flatMap((n): Relay[] => {
    const on = reader.line(`rl_on${n}`, "high");
    const off = reader.line(`rl_off${n}`, "high");
    if (!on || !off) return [];
    return [{ kind: "latching", n, on, off, pulse: Math.round(reader.amount(`rl${n}_drvtime`) ?? 100) }];
  });
  const numbers = new Set(plain.map(({ n }) => n));
  return [...plain, ...latching.filter(({ n }) => !numbers.has(n))].sort((a, b) => a.n - b.n);
}

const SHORT: Readonly<Record<Colour, string>> = { red: "r", green: "g", blue: "b", cold: "c", warm: "w" };

function lightOf(reader: PinReader, remarks: Text[]): Light | undefined {
  const isTemperature = reader.number("cwtype") === 1;
  const driver = driverOf(reader, remarks);
  if (driver) return driver;
  const channels: Partial<Record<Colour, Line>> = {};
  for (const colour of COLOURS) {
    const short = SHORT[colour];
    const pin = reader.pin(`${short}_pin`);
    if (pin !== undefined) channels[colour] = { pin, active: reader.level(short, "high") };
  }
  if (Object.keys(channels).length === 0) return undefined;
  return { kind: "pwm", channels, frequency: reader.amount("pwmhz"), isTemperature };
}

/** The chip is told by the names of its currents. */
function driverOf(reader: PinReader, remarks: Text[]): Light | undefined {
  const [clock, data] = [reader.pin("iicscl"), reader.pin("iicsda")];
  const of = (name: string): number | undefined => reader.number(name);
  const found:
    | {
        chip: DriverChip;
        colour?: number | undefined;
        white?: number | undefined;
        cold?: number | undefined;
        warm?: number | undefined;
      }
    | undefined =
    of("2235ccur") !== undefined || of("2235wcur") !== undefined || of("2335ccur") !== undefined
      ? { chip: "sm2235", colour: of("2235ccur") ?? of("2335ccur"), white: of("2235wcur") ?? of("2335wcur") }
      : of("dccur") !== undefined || of("drgbcur") !== undefined
        ? { chip: "bp5758d", colour: of("drgbcur"), cold: of("dccur"), warm: of("dwcur") }
        : of("cjccur") !== undefined || of("cjwcur") !== undefined
          ? { chip: "bp1658cj", colour: of("cjccur"), white: of("cjwcur") }
          : of("kp58ccur") !== undefined || of("kp58wcur") !== undefined
            ? { chip: "kp18058", colour: of("kp58ccur"), white: of("kp58wcur") }
            : sm2135(of);
  if (found === undefined && clock === undefined) return undefined;
  // Zero twice is how a text says that there are none.
  if (clock === undefined || data === undefined || clock === data) {
    if (found) remarks.push(words`The settings have an LED driver chip, but not both of its pins.`);
    return undefined;
  }
  const order: Partial<Record<Colour, number>> = {};
  for (const colour of COLOURS) {
    const output = of(`iic${SHORT[colour]}`);
    if (output !== undefined && output >= 0 && output <= 4) order[colour] = output;
  }
  if (order.cold !== undefined && order.cold === order.warm) delete order.warm;
  if (Object.keys(order).length === 0) {
    remarks.push(words`Two pins go to an LED driver chip whose outputs the settings do not name.`);
    return undefined;
  }
  if (found === undefined) {
    remarks.push(words`The LED driver chip could not be told: the settings have no currents of a known one.`);
    return undefined;
  }
  const { chip, colour, white, cold, warm } = found;
  return { kind: "driver", chip, clock, data, order, currents: { colour, white, cold, warm } };
}

/** Either mA, or a step c that stands for 10 + 5c mA. */
function sm2135(
  of: (name: string) => number | undefined,
): { chip: DriverChip; colour: number | undefined; white: number | undefined } | undefined {
  const steps = (...names: readonly string[]): number | undefined => {
    const step = names.map(of).find((value) => value !== undefined);
    return step === undefined ? undefined : 10 + 5 * step;
  };
  const colour = steps("ehccur", "iicccur") ?? of("campere");
  const white = steps("ehwcur", "iicwcur") ?? of("wampere");
  return colour === undefined && white === undefined ? undefined : { chip: "sm2135", colour, white };
}

function meterOf(reader: PinReader): Meter | undefined {
  const chip = METERS[reader.number("chip_type") ?? -1];
  if (chip === undefined) return undefined;
  const select = reader.pin("sel_pin_pin", "ivcpin");
  return {
    chip,
    cf: reader.pin("ele_pin", "epin"),
    cf1: reader.pin("vi_pin", "ivpin"),
    select: select === undefined ? undefined : { pin: select, active: reader.level("sel_pin", "high") },
    rx: reader.pin("ele_rx"),
    tx: reader.pin("ele_tx"),
    resistor: reader.amount("resistor") ?? reader.amount("sample_resistor"),
  };
}

function stripOf(reader: PinReader): Wiring["strip"] {
  const pin = reader.pin("mosi");
  return pin === undefined ? undefined : { pin, pixels: Math.round(reader.amount("LedNum") ?? 30) };
}

/** Every pin in the wiring, by its name in it. */
export function pinsIn(value: unknown): number[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(pinsIn);
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === "number"
      ? /^(?:pin|clock|data|cf1?|rx|tx|adc|irReceiver|irTransmitter|rfReceiver)$/.test(name)
        ? [inner]
        : []
      : name === "unused" || name === "twice"
        ? []
        : pinsIn(inner),
  );
}

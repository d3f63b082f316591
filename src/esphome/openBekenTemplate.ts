/**
 * A device's template for OpenBeken: an entry of its `devices.json`, which its web page takes too, and the start command.
 * Source of roles and commands: docs/formats.md ("OpenBeken templates").
 */
import { OPENBEKEN_ROLES, type Passport } from "../core/index";
import type { DeviceConfig } from "./deviceConfig";
import type { Active } from "./pinReader";
import { COLOURS, type Colour, type Light, type Meter, type Wiring } from "./pinWiring";

export interface OpenBekenTemplate {
  readonly vendor: string;
  readonly bDetailed: "0";
  readonly name: string;
  readonly model: string;
  readonly chip: string;
  readonly board: string;
  /** Bits as a decimal number. */
  readonly flags: string;
  readonly keywords: readonly string[];
  /** Pin to `role;channel`. */
  readonly pins: Readonly<Record<string, string>>;
  readonly command: string;
  readonly image: string;
  readonly wiki: string;
}

export interface OpenBekenConfig {
  readonly template: OpenBekenTemplate;
  readonly commands: readonly string[];
  /** Numbers of the bits besides the usual one. */
  readonly flags: readonly number[];
}

/** Tell MQTT the state when it connects: what templates usually set. */
const USUAL_FLAG = 10;
/** The second white channel is the temperature of both. */
const ALTERNATE_WHITES = 8;

export function openBekenTemplate(config: DeviceConfig): OpenBekenConfig {
  const { passport, wiring, link, from } = config;
  const { openBeken } = passport.settings;
  if (from === "openbeken" && openBeken) return asItIs(passport, openBeken);
  const pins: Record<string, string> = {};
  const commands: string[] = [];
  const flags: number[] = [];
  addSwitches(wiring, pins);
  if (wiring.light) addLight(wiring.light, pins, commands, flags);
  if (wiring.meter) addMeter(wiring.meter, pins, commands);
  addRest(wiring, pins);
  if (link) commands.push("startDriver TuyaMCU", `tuyaMcu_setBaudRate ${link.baud ?? 9600}`);
  const bits = [USUAL_FLAG, ...flags].reduce((sum, bit) => sum + 2 ** bit, 0);
  const sorted = Object.fromEntries(Object.entries(pins).sort(([a], [b]) => Number(a) - Number(b)));
  return {
    template: {
      ...described(passport),
      flags: String(bits),
      keywords: [],
      pins: sorted,
      command: commandOf(commands),
      image: "",
      wiki: "",
    },
    commands,
    flags,
  };
}

type OwnSettings = NonNullable<Passport["settings"]["openBeken"]>;

/** Roles that are nothing without the channel they switch or tell. */
const WITH_CHANNEL = /^(?:Rel|LED|PWM|dInput|TglChan|Bridge|Btn(?!_(?:Tgl_All|Next|SmartLED)))/;

/** OpenBeken's own settings, with every role, also of those that no Tuya device has. */
function asItIs(passport: Passport, { pins, flags, command }: OwnSettings): OpenBekenConfig {
  const commands = typeof command === "string" && command !== "" ? [command] : [];
  const named = pins.filter(({ role }) => OPENBEKEN_ROLES.includes(role));
  return {
    template: {
      ...described(passport),
      vendor: "",
      flags: String(flags.reduce((sum, flag) => sum | (1n << BigInt(flag)), 0n)),
      keywords: [],
      pins: Object.fromEntries(named.map((pin) => [pin.pin, valueOf(pin)])),
      command: commands.join(""),
      image: "",
      wiki: "",
    },
    commands,
    flags: flags.filter((flag) => flag !== USUAL_FLAG),
  };
}

function valueOf({ role, channel, channel2 }: OwnSettings["pins"][number]): string {
  if (channel2 > 0) return `${role};${channel};${channel2}`;
  return channel > 0 || WITH_CHANNEL.test(role) ? `${role};${channel}` : role;
}

function described({
  chip,
  module,
  firmware,
}: Passport): Pick<OpenBekenTemplate, "vendor" | "bDetailed" | "name" | "model" | "chip" | "board"> {
  return {
    vendor: "Tuya",
    bDetailed: "0",
    name: firmware.name ?? `Device with ${module ?? "unknown module"}`,
    model: firmware.name ?? "",
    chip: chip?.toUpperCase() ?? "",
    board: module?.toUpperCase() ?? "",
  };
}

function commandOf(commands: readonly string[]): string {
  return commands.length === 0 ? "" : `backlog ${commands.join("; ")}`;
}

/** Roles are for one level; the other one has an `_n`. */
const outputRole = (role: string, active: Active): string => (active === "high" ? role : `${role}_n`);
const inputRole = (role: string, active: Active): string => (active === "low" ? role : `${role}_n`);

function addSwitches(wiring: Wiring, pins: Record<string, string>): void {
  for (const relay of wiring.relays) {
    if (relay.kind === "plain") pins[relay.pin] = `${outputRole("Rel", relay.active)};${relay.n}`;
    else {
      pins[relay.on.pin] = `BridgeFWD;${relay.n}`;
      pins[relay.off.pin] = `BridgeREV;${relay.n}`;
    }
  }
  for (const { pin, active, n } of [...wiring.buttons, ...wiring.keys]) pins[pin] = `${inputRole("Btn", active)};${n}`;
  for (const { pin, n } of wiring.wallSwitches) pins[pin] = `TglChanOnTgl;${n}`;
  for (const { pin, active, n } of wiring.relayLeds) pins[pin] = `${outputRole("LED", active)};${n}`;
  if (wiring.allButton) pins[wiring.allButton.pin] = inputRole("Btn_Tgl_All", wiring.allButton.active);
  if (wiring.networkLed) pins[wiring.networkLed.pin] = outputRole("WifiLED", wiring.networkLed.active);
  let channel = Math.max(0, ...wiring.relays.map(({ n }) => n));
  // A contact on a relay's channel would switch the relay.
  for (const { pin } of [...wiring.doorContacts, ...wiring.inputs]) pins[pin] = `dInput;${++channel}`;
}

function addLight(light: Light, pins: Record<string, string>, commands: string[], flags: number[]): void {
  if (light.kind === "driver") {
    addDriver(light, pins, commands);
    return;
  }
  const { channels, frequency, isTemperature } = light;
  const there = COLOURS.filter((colour) => channels[colour] !== undefined);
  const onlyWhites = there.every((colour) => colour === "cold" || colour === "warm");
  const swapped = isTemperature && channels.cold !== undefined && channels.warm !== undefined;
  for (const colour of there) {
    const line = channels[colour];
    if (!line) continue;
    const place = COLOURS.indexOf(swapped ? (SWAPPED[colour] ?? colour) : colour);
    pins[line.pin] = `${outputRole("PWM", line.active)};${place + 1 - (onlyWhites ? 3 : 0)}`;
  }
  if (swapped) flags.push(ALTERNATE_WHITES);
  if (frequency !== undefined) commands.push(`PWMFrequency ${frequency}`);
}

/** Temperature comes before brightness. */
const SWAPPED: Partial<Record<Colour, Colour>> = { cold: "warm", warm: "cold" };

const DRIVERS = {
  sm2135: ["SM2135CLK", "SM2135DAT", "SM2135_Current"],
  sm2235: ["SM2235CLK", "SM2235DAT", "SM2235_Current"],
  bp5758d: ["BP5758D_CLK", "BP5758D_DAT", "BP5758D_Current"],
  bp1658cj: ["BP1658CJ_CLK", "BP1658CJ_DAT", "BP1658CJ_Current"],
  kp18058: ["KP18058_CLK", "KP18058_DAT", "KP18058_Current"],
} as const;

function addDriver(light: Light & { kind: "driver" }, pins: Record<string, string>, commands: string[]): void {
  const { chip, clock, data, order, currents } = light;
  const [clockRole, dataRole, command] = DRIVERS[chip];
  pins[clock] = clockRole;
  pins[data] = dataRole;
  const white = currents.white ?? Math.max(currents.cold ?? 0, currents.warm ?? 0);
  // SM2135's command takes the chip's own steps, which begin at 10 mA and are 5 mA wide.
  const steps = (value: number | undefined): number =>
    chip === "sm2135" ? Math.max(0, Math.round(((value ?? 10) - 10) / 5)) : (value ?? 0);
  commands.push(`${command} ${steps(currents.colour)} ${steps(white)}`, `LED_Map ${ledMap(order).join(" ")}`);
}

/** For each output of the chip the colour on it; outputs that nothing is said of take what is left. */
function ledMap(order: Readonly<Partial<Record<Colour, number>>>): number[] {
  const map: (number | undefined)[] = COLOURS.map(() => undefined);
  COLOURS.forEach((colour, index) => {
    const output = order[colour];
    if (output !== undefined) map[output] ??= index;
  });
  const left = COLOURS.map((_, index) => index).filter((index) => !map.includes(index));
  return map.map((colour) => colour ?? (left.shift() as number));
}

function addMeter({ chip, cf, cf1, select }: Meter, pins: Record<string, string>, commands: string[]): void {
  if (chip === "BL0942") commands.push("startDriver BL0942");
  if (cf !== undefined) pins[cf] = "BL0937CF";
  if (cf1 !== undefined) pins[cf1] = "BL0937CF1";
  // High selects the voltage in OpenBeken and the current in Tuya's firmware.
  if (select) pins[select.pin] = select.active === "high" ? "BL0937SEL" : "BL0937SEL_n";
}

function addRest(wiring: Wiring, pins: Record<string, string>): void {
  const { irReceiver, irTransmitter, rfReceiver, strip, battery, resetButton } = wiring;
  if (irReceiver !== undefined) pins[irReceiver] = "IRRecv";
  if (irTransmitter !== undefined) pins[irTransmitter] = "IRSend";
  if (rfReceiver !== undefined) pins[rfReceiver] = "RCRecv";
  if (strip) pins[strip.pin] = "SM16703P_DIN";
  if (battery.adc !== undefined) pins[battery.adc] = "BAT_ADC";
  if (battery.relay) pins[battery.relay.pin] = "BAT_Relay";
  if (resetButton) pins[resetButton.pin] = inputRole("Btn", resetButton.active);
}

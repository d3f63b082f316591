/**
 * The YAML for ESPHome of a device whose dump there is: board and what of the chip it does not know, components for what hangs on
 * the pins, and a head that says what was not translated and what to check. Keys are always in the same order.
 */
import {
  boardOverrides,
  english,
  listed,
  patchForBoard,
  words,
  type BoardProfile,
  type Passport,
  type Say,
  type Text,
} from "../core/index";
import { hasComponents, type DeviceConfig } from "./deviceConfig";
import { lightParts, pinOf } from "./lightParts";
import { tuyaMcuParts, type EntityKey } from "./tuyaMcuParts";
import type { Line, Numbered } from "./pinReader";
import { pinsIn, type Meter, type Relay, type Wiring } from "./pinWiring";
import { EMPTY, Raw, yamlDocument, type YamlMap, type YamlValue } from "./yamlText";

export interface EspHomeConfig {
  readonly yaml: string;
  /** The device's, which is a file's too. */
  readonly name: string;
  /** The head's sentences about what to check, without the comment signs. */
  readonly remarks: readonly string[];
}

const UART1_PINS: readonly number[] = [10, 11];
const UART2_PINS: readonly number[] = [0, 1];
const STRIP_PIN = 16;
/** What ESPHome's memory for them holds. */
const MOST_PIXELS = 165;

/** @param say puts the comments into the reader's language */
export function espHomeYaml(config: DeviceConfig, say: Say = english): EspHomeConfig {
  const { passport, wiring, link } = config;
  const remarks: Text[] = [...damage(config), ...wiring.remarks];
  const lists: Record<EntityKey | "output" | "light", YamlMap[]> = {
    switch: wiring.relays.map((relay) => relaySwitch(relay, wiring)),
    binary_sensor: binarySensors(wiring),
    sensor: [],
    number: [],
    select: [],
    text_sensor: [],
    output: [],
    light: [],
  };
  const document: Record<string, YamlValue | undefined> = { ...headKeys(config, remarks) };
  const light = wiring.light && lightParts(wiring.light);
  if (light) {
    if (light.driver) document[light.driver.key] = light.driver.settings;
    lists.output.push(...light.outputs);
    lists.light.push(...light.lights);
    remarks.push(...light.remarks);
  }
  addLeds(wiring, lists);
  addStrip(wiring, lists, remarks);
  const meter =
    wiring.meter && meterParts(wiring.meter, new Set([...pinsIn(wiring), ...(link ? UART1_PINS : [])]), remarks);
  if (meter?.sensor) lists.sensor.push(meter.sensor);
  const mcu = link && tuyaMcuParts(link.baud, passport.settings.tuya?.datapoints);
  if (mcu) {
    remarks.push(...mcu.remarks);
    for (const [key, entities] of Object.entries(mcu.entities)) lists[key as EntityKey].push(...entities);
  }
  document.uart = mcu?.uart ?? meter?.uart;
  document.tuya = mcu && EMPTY;
  for (const key of [
    "output",
    "light",
    "switch",
    "binary_sensor",
    "sensor",
    "number",
    "select",
    "text_sensor",
  ] as const)
    document[key] = lists[key].length > 0 ? lists[key] : undefined;
  Object.assign(document, remotes(wiring));
  if (wiring.networkLed && !isShared(wiring)) document.status_led = { pin: pinOf(wiring.networkLed) };
  remarkPins(wiring, remarks);
  if (!hasComponents(config)) remarks.push(words`Nothing was found that hangs on the pins.`);
  const said = remarks.map(say);
  return { yaml: yamlDocument(head(config, said, say), document), name: deviceName(passport), remarks: said };
}

/** Settings that do not stand as they were written. */
function damage({ passport: { settings }, from }: DeviceConfig): Text[] {
  const { tuya, openBeken } = settings;
  const pins = tuya?.values.find(({ name }) => name === "user_param_key");
  const isDamaged = from === "openbeken" ? openBeken?.sound === false : from === "tuya" && pins?.sound === false;
  return isDamaged
    ? [words`The settings with the pins are damaged: their checksum does not hold, and pins may be wrong.`]
    : [];
}

function head(
  { passport, board, isBoardOfModule, from, link }: DeviceConfig,
  remarks: readonly string[],
  say: Say,
): string[] {
  const { module, key, firmware } = passport;
  const why = isBoardOfModule
    ? words`Board: ${board?.board ?? "?"}, made for module ${module ?? ""}.`
    : board
      ? passport.isBoardOfModule
        ? words`Board: ${board.board}, the general one for this chip: the device uses pins that ${passport.board?.board ?? ""} does not lead out.`
        : words`Board: ${board.board}, the general one for this chip; no board is made for this very module.`
      : words`Board: not known; fill in the board of your module.`;
  const had = firmware.version === undefined ? (firmware.name ?? "") : `${firmware.name ?? ""} ${firmware.version}`;
  return [
    ...[
      SOURCES[from],
      why,
      KEYS[key],
      ...(firmware.name === undefined ? [] : [words`Firmware it had: ${had}.`]),
      link
        ? words`The device has a processor of its own on the UART (TuyaMCU).`
        : words`No other processor on the UART (no TuyaMCU).`,
    ].map(say),
    ...(remarks.length === 0 ? [] : ["", say(words`To check:`), ...remarks.map((remark) => `- ${remark}`)]),
    "",
    say(words`secrets.yaml needs wifi_ssid, wifi_password, api_encryption_key and ota_password.`),
  ];
}

const SOURCES: Readonly<Record<DeviceConfig["from"], Text>> = {
  tuya: words`Made from a backup, out of Tuya's settings. Check it against the device before you rely on it.`,
  openbeken: words`Made from a backup, out of OpenBeken's settings. Check it against the device before you rely on it.`,
  nothing: words`Made from a backup, out of no settings. Check it against the device before you rely on it.`,
};

const KEYS: Readonly<Record<Passport["key"], Text>> = {
  tuya: words`Key of the chip: Tuya's.`,
  zero: words`Key of the chip: none.`,
  other: words`Key of the chip: another vendor's.`,
  unknown: words`Key of the chip: not in the backup; the board's is used.`,
};

function headKeys({ passport, board }: DeviceConfig, remarks: Text[]): Record<string, YamlValue | undefined> {
  const { module } = passport;
  const overrides = board ? overridesOf(passport, board, remarks) : {};
  const name = deviceName(passport);
  if (!board) remarks.push(words`The board is not known: replace BOARD.`);
  return {
    esphome: {
      name,
      friendly_name: module === undefined ? "Device" : `Device ${module.toUpperCase()}`,
      platformio_options: Object.keys(overrides).length > 0 ? overrides : undefined,
    },
    bk72xx: { board: board?.board ?? "BOARD" },
    logger: EMPTY,
    api: { encryption: { key: new Raw("!secret api_encryption_key") } },
    ota: [{ platform: "esphome", password: new Raw("!secret ota_password") }],
    wifi: { ssid: new Raw("!secret wifi_ssid"), password: new Raw("!secret wifi_password"), ap: {} },
    captive_portal: EMPTY,
  };
}

/** Options that the chip and its boot code need and the board does not bring, written as core writes them. */
function overridesOf(passport: Passport, board: BoardProfile, remarks: Text[]): YamlMap {
  const { key, coefficients, calibrationAt, updates } = passport;
  const chip = { key: { kind: key, ...(coefficients && { coefficients }) }, calibrationAt };
  const options = [...new Set([...boardOverrides(chip, [board]), ...patchForBoard(passport, board)])];
  const isMended = options.some((option) => option.startsWith("board_flash.download: "));
  for (const { firmware, works, words: why } of updates)
    if (firmware === "LibreTiny" && works === "no" && !isMended)
      remarks.push(words`Updates over the air will not work: ${why}.`);
  return Object.fromEntries(
    options.map((option) => {
      const at = option.indexOf(": ");
      return [option.slice(0, at), new Raw(option.slice(at + 2))];
    }),
  );
}

function deviceName({ module, chip }: Passport): string {
  return nameOf(module ?? chip ?? "device");
}

/** A host name: lower case letters, digits and hyphens. */
function nameOf(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return `tuya-${name === "" ? "device" : name}`.slice(0, 31).replace(/-+$/, "");
}

function isShared({ isLedShared, networkLed, relays }: Wiring): boolean {
  return isLedShared && networkLed !== undefined && relays.length > 0;
}

function relaySwitch(relay: Relay, wiring: Wiring): YamlMap {
  const own = wiring.relayLeds.some(({ n }) => n === relay.n);
  const led = isShared(wiring) ? "light_status" : own ? `light_switch_${relay.n}` : undefined;
  const id = `switch_${relay.n}`;
  const name = `Relay ${relay.n}`;
  const follow = led && {
    on_turn_on: [{ "light.turn_on": led }],
    on_turn_off: [{ "light.turn_off": led }],
  };
  if (relay.kind === "plain") return { platform: "gpio", id, name, pin: pinOf(relay), ...follow };
  return {
    platform: "hbridge",
    id,
    name,
    on_pin: pinOf(relay.on),
    off_pin: pinOf(relay.off),
    pulse_length: new Raw(`${relay.pulse}ms`),
    wait_time: new Raw(`${Math.round(relay.pulse / 2)}ms`),
    ...follow,
  };
}

/** Whatever connects a pin to ground needs a pull-up, and the other way round. */
function inputPin({ pin, active }: Line): YamlMap {
  return active === "low"
    ? { number: `P${pin}`, inverted: true, mode: "INPUT_PULLUP" }
    : { number: `P${pin}`, mode: "INPUT_PULLDOWN" };
}

function binarySensors(wiring: Wiring): YamlMap[] {
  const { buttons, wallSwitches, allButton, keys, doorContacts, inputs, relays } = wiring;
  const input = (id: string, line: Line, name?: string): Record<string, YamlValue | undefined> => ({
    platform: "gpio",
    id,
    name,
    pin: inputPin(line),
  });
  const toggle = (n: number): YamlMap[] =>
    relays.some((relay) => relay.n === n) ? [{ "switch.toggle": `switch_${n}` }] : [];
  const pressed = (then: YamlMap[]): YamlMap => ({ on_press: { then } });
  const named = (line: Numbered, id: string, name: string): YamlMap => ({ ...input(`${id}_${line.n}`, line, name) });
  return [
    ...buttons.map((line) => ({ ...named(line, "button", `Button ${line.n}`), ...pressed(toggle(line.n)) })),
    ...(allButton
      ? [{ ...input("button_all", allButton, "Button all"), ...pressed(relays.flatMap(({ n }) => toggle(n))) }]
      : []),
    ...wallSwitches.map((line) => ({
      ...named(line, "wall_switch", `Wall switch ${line.n}`),
      on_state: { then: toggle(line.n) },
    })),
    ...keys.map((line) => ({ ...named(line, "key", `Key ${line.n}`), on_press: { then: [] } })),
    ...doorContacts.map((line) => named(line, "door_contact", `Door contact ${line.n}`)),
    ...inputs.map((line, index) => input(`input_${index + 1}`, line, `Input ${index + 1}`)),
    ...(wiring.resetButton ? [input("button_reset", wiring.resetButton, "Reset button")] : []),
  ];
}

function addLeds(wiring: Wiring, lists: Record<"output" | "light", YamlMap[]>): void {
  if (isShared(wiring) && wiring.networkLed) {
    lists.light.push({ platform: "status_led", id: "light_status", pin: pinOf(wiring.networkLed) });
    return;
  }
  for (const led of wiring.relayLeds) {
    const platform = [6, 7, 8, 9, 24, 26].includes(led.pin) ? "libretiny_pwm" : "gpio";
    lists.output.push({ platform, id: `output_led_${led.n}`, pin: pinOf(led) });
    lists.light.push({
      platform: platform === "gpio" ? "binary" : "monochromatic",
      id: `light_switch_${led.n}`,
      output: `output_led_${led.n}`,
    });
  }
}

function addStrip({ strip }: Wiring, lists: Record<"light", YamlMap[]>, remarks: Text[]): void {
  if (!strip) return;
  if (strip.pin !== STRIP_PIN) {
    remarks.push(words`Pixels hang on P${strip.pin}; ESPHome drives them on P${STRIP_PIN} only.`);
    return;
  }
  lists.light.push({
    platform: "beken_spi_led_strip",
    id: "light_strip",
    name: "Strip",
    pin: `P${strip.pin}`,
    num_leds: Math.min(MOST_PIXELS, strip.pixels),
    chipset: "WS2812",
    rgb_order: "GRB",
  });
  if (strip.pixels > MOST_PIXELS)
    remarks.push(words`The settings count ${strip.pixels} pixels; ESPHome drives ${MOST_PIXELS} at most.`);
  remarks.push(words`Kind and colour order of the pixels are not in the settings: WS2812 and GRB are assumed.`);
}

/** @param taken pins of everything on the device */
function meterParts(
  meter: Meter,
  taken: ReadonlySet<number>,
  remarks: Text[],
): { readonly sensor: YamlMap | undefined; readonly uart: YamlMap | undefined } {
  const { chip, cf, cf1, select, rx, tx, resistor } = meter;
  remarks.push(
    words`The power meter (${chip}) is not calibrated: compare with a known load, and correct voltage and current.`,
  );
  const values = (...names: readonly string[]): YamlMap =>
    Object.fromEntries(names.map((name) => [name.toLowerCase(), { name }]));
  if (chip === "HLW8032") {
    remarks.push(words`The settings name a HLW8032, which ESPHome has no component for.`);
    return { sensor: undefined, uart: undefined };
  }
  if (chip === "BL0942") {
    const isNamed = rx !== undefined && tx !== undefined;
    if (!isNamed && UART1_PINS.some((pin) => taken.has(pin))) {
      remarks.push(words`The settings name a ${chip} without all of its pins.`);
      return { sensor: undefined, uart: undefined };
    }
    const pins = isNamed ? { tx_pin: `P${tx}`, rx_pin: `P${rx}` } : { tx_pin: "TX1", rx_pin: "RX1" };
    return {
      uart: { id: "uart_meter", ...pins, baud_rate: 4800, stop_bits: 1 },
      sensor: {
        platform: "bl0942",
        uart_id: "uart_meter",
        ...values("Current", "Voltage", "Power", "Energy", "Frequency"),
      },
    };
  }
  if (cf === undefined || cf1 === undefined || select === undefined) {
    remarks.push(words`The settings name a ${chip} without all of its pins.`);
    return { sensor: undefined, uart: undefined };
  }
  // BL0937 pulses low.
  const active = chip === "BL0937" ? "low" : "high";
  return {
    uart: undefined,
    sensor: {
      platform: "hlw8012",
      model: chip,
      cf_pin: pinOf({ pin: cf, active }),
      cf1_pin: pinOf({ pin: cf1, active }),
      // What selects the current in Tuya's firmware selects the voltage in ESPHome.
      sel_pin: pinOf({ pin: select.pin, active: select.active === "high" ? "low" : "high" }),
      ...values("Current", "Voltage", "Power", "Energy"),
      voltage_divider: 1600,
      current_resistor: resistor === undefined ? undefined : new Raw(`${(resistor / 1000).toFixed(3)} ohm`),
    },
  };
}

function remotes({ irReceiver, irTransmitter }: Wiring): Record<string, YamlValue | undefined> {
  return {
    remote_receiver:
      irReceiver === undefined ? undefined : { pin: inputPin({ pin: irReceiver, active: "low" }), dump: "all" },
    remote_transmitter:
      irTransmitter === undefined ? undefined : { pin: `P${irTransmitter}`, carrier_duty_percent: new Raw("50%") },
  };
}

/** What else is on pins, and pins that flashing or the log needs. */
function remarkPins(wiring: Wiring, remarks: Text[]): void {
  const { unused, twice, rfReceiver, battery } = wiring;
  if (rfReceiver !== undefined)
    remarks.push(words`A radio receiver hangs on P${rfReceiver}; its protocol is not in the settings.`);
  if (battery.adc !== undefined || battery.relay !== undefined)
    remarks.push(words`The device measures its battery, which was not translated.`);
  if (unused.length > 0)
    remarks.push(words`Not translated: ${unused.map(({ key, pin }) => `${key} (P${pin})`).join(", ")}.`);
  if (twice.length > 0)
    remarks.push(
      words`Left out, as an earlier setting has the same pin: ${twice.map(({ key, pin }) => `${key} (P${pin})`).join(", ")}.`,
    );
  const pins = new Set(pinsIn(wiring));
  const on = (some: readonly number[]): Text => listed(some.filter((pin) => pins.has(pin)).map((pin) => `P${pin}`));
  const uses = (some: readonly number[]): boolean => some.some((pin) => pins.has(pin));
  if (uses(UART1_PINS))
    remarks.push(words`${on(UART1_PINS)} is used by the device and for flashing: free it while you flash.`);
  if (uses(UART2_PINS))
    remarks.push(
      words`${on(UART2_PINS)} belongs to the log's UART: set "baud_rate: 0" below "logger:" if it does not work.`,
    );
}

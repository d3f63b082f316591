/** The light of a device as ESPHome has it: outputs, the chip that drives them, and the platform that fits the colours there are. */
import { words, type Text } from "../core/index";
import { Raw, type YamlMap, type YamlValue } from "./yamlText";
import type { Line } from "./pinReader";
import { COLOURS, type Colour, type Light } from "./pinWiring";

export interface LightParts {
  /** The driver chip's own key and its settings. */
  readonly driver: { readonly key: string; readonly settings: YamlMap } | undefined;
  readonly outputs: readonly YamlMap[];
  readonly lights: readonly YamlMap[];
  readonly remarks: readonly Text[];
}

type Role = Colour | "brightness" | "temperature";

const WHITES = {
  cold_white_color_temperature: new Raw("6500 K"),
  warm_white_color_temperature: new Raw("2700 K"),
};

type Bounds = readonly [least: number, most: number, step: number];

/** What ESPHome's components take. Source: their schemas (sm2135, sm_10bit_base, bp1658cj, bp5758d). */
const SM2135_COLOUR: Bounds = [10, 45, 5];
const SM2135_WHITE: Bounds = [10, 60, 5];
const STEPS: Bounds = [0, 15, 1];
const BP5758D: Bounds = [0, 90, 1];

/** A pin as ESPHome takes it. */
export function pinOf({ pin, active }: Line): YamlValue {
  return active === "high" ? `P${pin}` : { number: `P${pin}`, inverted: true };
}

export function lightParts(light: Light): LightParts {
  return light.kind === "pwm" ? pwmParts(light) : driverParts(light);
}

function roleOf(colour: Colour, isTemperature: boolean): Role {
  if (!isTemperature || (colour !== "cold" && colour !== "warm")) return colour;
  return colour === "cold" ? "brightness" : "temperature";
}

function pwmParts({ channels, frequency, isTemperature }: Light & { kind: "pwm" }): LightParts {
  const colours = COLOURS.filter((colour) => channels[colour] !== undefined);
  const roles = colours.map((colour) =>
    roleOf(colour, isTemperature && channels.cold !== undefined && channels.warm !== undefined),
  );
  const outputs = colours.map((colour, index) => ({
    platform: "libretiny_pwm",
    id: `output_${roles[index] ?? colour}`,
    pin: pinOf(channels[colour] as Line),
    frequency: frequency === undefined ? undefined : new Raw(`${frequency} Hz`),
  }));
  return { driver: undefined, outputs, ...platformFor(roles) };
}

function driverParts(light: Light & { kind: "driver" }): LightParts {
  const { chip, clock, data, order, currents } = light;
  const colours = COLOURS.filter((colour) => order[colour] !== undefined);
  if (chip === "kp18058")
    return {
      driver: undefined,
      outputs: [],
      lights: [],
      remarks: [
        words`The LED driver chip is a KP18058 (clock P${clock}, data P${data}), which ESPHome has no component for.`,
      ],
    };
  const pins = { clock_pin: `P${clock}`, data_pin: `P${data}` };
  const remarks: Text[] = [];
  const within = (value: number | undefined, [least, most, step]: Bounds): number | undefined => {
    if (value === undefined) return undefined;
    const taken = Math.min(most, Math.max(least, least + step * Math.floor((value - least) / step)));
    if (taken !== value)
      remarks.push(
        words`A current of ${value} is none that a ${chip.toUpperCase()} has in ESPHome: ${taken} was taken.`,
      );
    return taken;
  };
  const amperes = (value: number | undefined, bounds: Bounds): Raw | undefined => {
    const taken = within(value, bounds);
    return taken === undefined ? undefined : new Raw(`${taken}mA`);
  };
  const settings: YamlMap =
    chip === "sm2135"
      ? {
          ...pins,
          rgb_current: amperes(currents.colour, SM2135_COLOUR),
          cw_current: amperes(currents.white, SM2135_WHITE),
        }
      : chip === "bp5758d"
        ? pins
        : {
            ...pins,
            max_power_color_channels: within(currents.colour, STEPS),
            max_power_white_channels: within(currents.white, STEPS),
          };
  const own = {
    cold: chip === "bp5758d" ? within(currents.cold, BP5758D) : undefined,
    warm: chip === "bp5758d" ? within(currents.warm, BP5758D) : undefined,
    colour: chip === "bp5758d" ? within(currents.colour, BP5758D) : undefined,
  };
  const outputs = colours.map((colour) => ({
    platform: chip,
    id: `output_${colour}`,
    // BP5758D counts its outputs from one.
    channel: (order[colour] ?? 0) + (chip === "bp5758d" ? 1 : 0),
    current: colour === "cold" || colour === "warm" ? own[colour] : own.colour,
  }));
  const { lights, remarks: more } = platformFor(colours);
  return { driver: { key: chip, settings }, outputs, lights, remarks: [...remarks, ...more] };
}

const key = (roles: readonly Role[]): string => roles.join("+");

/** Platform and the names of its outputs, by the roles there are. */
const PLATFORMS: Readonly<
  Record<string, readonly [platform: string, extra: YamlMap, names: Readonly<Record<string, string>>]>
> = {
  [key(["red", "green", "blue"])]: ["rgb", {}, {}],
  [key(["red", "green", "blue", "cold"])]: ["rgbw", {}, { cold: "white" }],
  [key(["red", "green", "blue", "warm"])]: ["rgbw", {}, { warm: "white" }],
  [key(["red", "green", "blue", "cold", "warm"])]: [
    "rgbww",
    { color_interlock: true, ...WHITES },
    { cold: "cold_white", warm: "warm_white" },
  ],
  [key(["red", "green", "blue", "brightness", "temperature"])]: [
    "rgbct",
    { color_interlock: true, ...WHITES },
    { brightness: "white_brightness", temperature: "color_temperature" },
  ],
  [key(["cold", "warm"])]: ["cwww", WHITES, { cold: "cold_white", warm: "warm_white" }],
  [key(["brightness", "temperature"])]: ["color_temperature", WHITES, { temperature: "color_temperature" }],
};

function platformFor(roles: readonly Role[]): Pick<LightParts, "lights" | "remarks"> {
  const known = PLATFORMS[key(roles)];
  if (known) {
    const [platform, extra, names] = known;
    const outputs = Object.fromEntries(roles.map((role) => [names[role] ?? role, `output_${role}`]));
    return { lights: [{ platform, id: `light_${platform}`, name: "Light", ...extra, ...outputs }], remarks: [] };
  }
  const single = roles.length === 1;
  return {
    lights: roles.map((role) => ({
      platform: "monochromatic",
      id: `light_${role}`,
      name: single ? "Light" : `Light ${role}`,
      output: `output_${role}`,
    })),
    remarks: single
      ? []
      : [words`No light platform of ESPHome has exactly ${roles.join(", ")}: each is a light of its own.`],
  };
}

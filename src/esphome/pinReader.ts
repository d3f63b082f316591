/** Reads pins, levels and numbers out of a pin text by their names, each pin once. Knows nothing of what hangs on them. */

/** `low`: on, or pressed, when the pin is at ground. */
export type Active = "high" | "low";

export interface Line {
  readonly pin: number;
  readonly active: Active;
}

export interface Numbered extends Line {
  readonly n: number;
}

export interface NamedPin {
  readonly key: string;
  readonly pin: number;
}

export interface PinsOfDevice {
  /** Pins that are led out; all where left out. */
  readonly there?: ReadonlySet<number> | undefined;
  /** Pins that something else is on. */
  readonly taken?: readonly number[];
}

export type PinText = Readonly<Record<string, unknown>>;

const HIGHEST_PIN = 39;

/** Names, besides those ending in `_pin`, whose value is a pin. */
const BARE_PINS =
  /^(?:onoff\d|bt|wfst|netled|ir|irpin|infrr|infre|remote_io|mosi|miso|SCL|CS|micpin|ctrl_pin|iicscl|iicsda|ele_rx|ele_tx|epin|ivpin|ivcpin|buzzer_io|buzzer_pwm|rl_(?:on|off)\d_pin)$/;

export class PinReader {
  private readonly used = new Set<string>();
  private readonly pins: Set<number>;
  readonly twice: NamedPin[] = [];

  private readonly text: PinText;

  /** @param text old or new */
  constructor(
    text: PinText,
    private readonly there: PinsOfDevice["there"],
    taken: readonly number[],
  ) {
    this.text = flattened(text);
    this.pins = new Set(taken);
  }

  has(key: string): boolean {
    return key in this.text;
  }

  number(key: string): number | undefined {
    const value = this.text[key];
    return typeof value === "number" && Number.isFinite(value) ? value : undefined;
  }

  /** The first of these that is a pin. */
  pin(...keys: readonly string[]): number | undefined {
    for (const key of keys) {
      const pin = this.pinAt(key);
      if (pin === undefined || this.there?.has(pin) === false) continue;
      this.used.add(key);
      if (!this.pins.has(pin)) {
        this.pins.add(pin);
        return pin;
      }
      this.twice.push({ key, pin });
    }
    return undefined;
  }

  private pinAt(key: string): number | undefined {
    const value = this.number(key);
    return value === undefined || !Number.isInteger(value) || value < 0 || value > HIGHEST_PIN ? undefined : value;
  }

  /** Above zero. */
  amount(key: string): number | undefined {
    const value = this.number(key);
    return value !== undefined && value > 0 ? value : undefined;
  }

  /** A pin with its level: `NAME_pin` or `NAME`, and `NAME_lv`. */
  line(name: string, missing: Active, ...otherNames: readonly string[]): Line | undefined {
    for (const each of [name, ...otherNames]) {
      const pin = this.pin(`${each}_pin`, each);
      if (pin !== undefined) return { pin, active: this.level(each, missing) };
    }
    return undefined;
  }

  level(name: string, missing: Active): Active {
    const level = this.number(`${name}_lv`);
    return level === undefined ? missing : level === 0 ? "low" : "high";
  }

  numbered(name: (n: number) => string, missing: Active): Numbered[] {
    return Array.from({ length: 10 }, (_, n) => n).flatMap((n) => {
      const line = this.line(name(n), missing);
      return line === undefined ? [] : [{ n, ...line }];
    });
  }

  /** Pins of names that nothing asked for. */
  unused(): NamedPin[] {
    return Object.keys(this.text)
      .filter((key) => !this.used.has(key) && (/_pin$/.test(key) || BARE_PINS.test(key)))
      .flatMap((key) => {
        const pin = this.pinAt(key);
        return pin === undefined ? [] : [{ key, pin }];
      });
  }
}

/** Old pin texts are objects in objects under `sw`; the names they amount to. */
function flattened(pins: PinText): PinText {
  if (typeof pins.sw !== "object" || pins.sw === null) return pins;
  const flat: Record<string, unknown> = {};
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === "object" && value !== null)
      for (const [name, inner] of Object.entries(value)) walk(inner, [...path, name]);
    else flat[modernName(path)] = typeof value === "boolean" ? Number(value) : value;
  };
  walk(pins.sw, []);
  return { ...pins, ...flat };
}

function modernName(path: readonly string[]): string {
  return path
    .join("_")
    .replace(/_value$/, "")
    .replace(/^ch_(\d+)_(bt|rl)/, (_, index: string, kind: string) => `${kind}${Number(index) + 1}`)
    .replace(/^net_wfst/, "netled")
    .replace(/^dltj_ct$/, "chip_type")
    .replace(/^dltj_ivcpin_(pin|lv)$/, "sel_pin_$1")
    .replace(/^dltj_ivpin_pin$/, "vi_pin")
    .replace(/^dltj_epin_pin$/, "ele_pin")
    .replace(/^dltj_ri$/, "resistor");
}

/** Another processor on the module's UART, with the datapoints that the settings have a schema of. Names are in no backup: they are numbers. */
import { words, type Passport, type Text } from "../core/index";
import { Raw, type YamlMap } from "./yamlText";

type Datapoint = NonNullable<NonNullable<Passport["settings"]["tuya"]>["datapoints"]>[number];

export interface McuParts {
  readonly uart: YamlMap;
  /** Entity lists by ESPHome's key. */
  readonly entities: Readonly<Record<EntityKey, readonly YamlMap[]>>;
  readonly remarks: readonly Text[];
}

export type EntityKey = "switch" | "binary_sensor" | "sensor" | "number" | "select" | "text_sensor";

const USUAL_BAUD = 9600;

export function tuyaMcuParts(baud: number | undefined, datapoints: readonly Datapoint[] | undefined): McuParts {
  const entities: Record<EntityKey, YamlMap[]> = {
    switch: [],
    binary_sensor: [],
    sensor: [],
    number: [],
    select: [],
    text_sensor: [],
  };
  const remarks: Text[] = [];
  if (baud === undefined)
    remarks.push(words`The speed of the link is not in the settings; ${USUAL_BAUD} is usual, else 115200.`);
  if (datapoints === undefined)
    remarks.push(words`The settings have no schema of datapoints: start it once and take them from the log of tuya.`);
  const left: number[] = [];
  for (const point of datapoints ?? []) {
    const entity = isAddressable(point) ? entityOf(point) : undefined;
    if (entity) entities[entity.key].push(entity.settings);
    else left.push(point.id);
  }
  if (left.length > 0)
    remarks.push(words`Datapoints that no entity fits (raw, bitmap, text to write): ${left.join(", ")}.`);
  return { uart: { rx_pin: "RX1", tx_pin: "TX1", baud_rate: baud ?? USUAL_BAUD }, entities, remarks };
}

/** ESPHome counts datapoints in a byte, and takes a choice of so many. */
const isAddressable = ({ id, range = [] }: Datapoint): boolean =>
  Number.isInteger(id) && id > 0 && id <= 255 && range.length <= 256;

/** The name of the entity for a datapoint, and its settings; undefined for kinds that ESPHome has none for. */
export function entityOf(point: Datapoint): { readonly key: EntityKey; readonly settings: YamlMap } | undefined {
  const { id, mode, type, range = [] } = point;
  const name = `Datapoint ${id}`;
  const isReadOnly = mode === "ro";
  const platform = "tuya";
  switch (type) {
    case "bool":
      return isReadOnly
        ? { key: "binary_sensor", settings: { platform, name, sensor_datapoint: id } }
        : { key: "switch", settings: { platform, name, switch_datapoint: id } };
    case "value":
      return isReadOnly ? sensorOf(point, name) : numberOf(point, name);
    case "enum": {
      // A choice among nothing is refused.
      if (!isReadOnly && range.length === 0) return undefined;
      const options = Object.fromEntries(range.map((option, index) => [String(index), option]));
      return isReadOnly
        ? {
            key: "text_sensor",
            settings: {
              platform,
              name,
              sensor_datapoint: id,
              ...(range.length > 0 && { filters: [{ map: range.map((option, index) => `${index} -> ${option}`) }] }),
            },
          }
        : { key: "select", settings: { platform, name, enum_datapoint: id, optimistic: true, options } };
    }
    case "string":
      return isReadOnly ? { key: "text_sensor", settings: { platform, name, sensor_datapoint: id } } : undefined;
    default:
      return undefined;
  }
}

/** A value arrives as a whole number: scale says how many of its digits are behind the point. */
function scaled(value: number, scale: number): Raw {
  return new Raw((value / 10 ** scale).toFixed(scale));
}

const scaleOf = ({ scale = 0 }: Datapoint): number => (Number.isInteger(scale) && scale > 0 && scale <= 6 ? scale : 0);

function sensorOf(point: Datapoint, name: string): { key: "sensor"; settings: YamlMap } {
  const scale = scaleOf(point);
  return {
    key: "sensor",
    settings: {
      platform: "tuya",
      name,
      sensor_datapoint: point.id,
      unit_of_measurement: point.unit,
      accuracy_decimals: scale,
      filters: scale === 0 ? undefined : [{ multiply: scaled(1, scale) }],
    },
  };
}

function numberOf(point: Datapoint, name: string): { key: "number"; settings: YamlMap } {
  const scale = scaleOf(point);
  const { min = 0, max = 100 } = point;
  const step = point.step !== undefined && point.step > 0 ? point.step : 1;
  return {
    key: "number",
    settings: {
      platform: "tuya",
      name,
      number_datapoint: point.id,
      unit_of_measurement: point.unit,
      min_value: scaled(min, scale),
      max_value: scaled(Math.max(max, min + step), scale),
      step: scaled(step, scale),
      multiply: scale === 0 ? undefined : 10 ** scale,
    },
  };
}

/** What the bench is asked to do, from its command line. */
import { parseArgs } from "node:util";
import { PRESETS } from "../../src/simulator/index";
import { MEASURES, type MeasureId } from "./measures";

export type Part = MeasureId | "peers" | "carriers" | "coach" | "cpu";

export interface BenchOptions {
  readonly chips: readonly string[];
  readonly bauds: readonly number[];
  readonly latencies: readonly number[];
  readonly parts: ReadonlySet<Part>;
  /** In simulated time instead of at real pace: the same figures on every machine, the host's own work not counted. */
  readonly simulated: boolean;
  /** Also tells every turn on the wire of every run; in simulated time only. */
  readonly trace: boolean;
  /** What the simulated chips take to hash a byte, in microseconds; undefined: what is assumed of each. */
  readonly hashUs: number | undefined;
  /** Folder for the results. */
  readonly out: string;
}

/** One chip of each kind of program: two loader families that a CRC locks differently, one with fast erases, and a ROM. */
const CHIPS = ["bk7231t", "bk7231n", "bk7231q", "bk7231u"];
const BAUDS = [921_600, 2_000_000];
const LATENCIES = [0, 1, 16];
const PARTS: readonly Part[] = [...MEASURES, "peers", "carriers", "coach", "cpu"];

export const USAGE = `npm run bench -- [--quick] [--simulated [--trace] [--hash-us 0.3]] [--chips a,b|all] [--bauds 921600,2000000] [--latency 0,1,16] [--only part,part] [--out folder]
  chips: ${Object.keys(PRESETS).join(", ")}
  parts: ${PARTS.join(", ")}`;

/** @throws Error with what is wrong */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      simulated: { type: "boolean", default: false },
      trace: { type: "boolean", default: false },
      "hash-us": { type: "string" },
      chips: { type: "string" },
      bauds: { type: "string" },
      latency: { type: "string" },
      only: { type: "string" },
      out: { type: "string", default: "bench-results" },
    },
  });
  const { quick } = values;
  if (values.trace && !values.simulated) throw new Error("--trace goes with --simulated");
  const hashUs = values["hash-us"] === undefined ? undefined : Number(values["hash-us"]);
  if (hashUs !== undefined && !(values.simulated && hashUs >= 0 && hashUs <= 10))
    throw new Error("--hash-us takes 0 to 10 microseconds a byte, and --simulated");
  return {
    chips:
      names(values.chips === "all" ? Object.keys(PRESETS).join(",") : values.chips, Object.keys(PRESETS)) ??
      (quick ? ["bk7231t"] : CHIPS),
    bauds: numbers(values.bauds, 9_600, 4_000_000) ?? (quick ? [921_600] : BAUDS),
    latencies: numbers(values.latency, 0, 255) ?? (quick ? [0] : LATENCIES),
    parts: new Set(names(values.only, PARTS) ?? PARTS),
    simulated: values.simulated,
    trace: values.trace,
    hashUs,
    out: values.out,
  };
}

function names<T extends string>(list: string | undefined, known: readonly T[]): readonly T[] | undefined {
  return list?.split(",").map((name) => {
    const found = known.find((each) => each === name.trim());
    if (found === undefined) throw new Error(`there is no "${name}"`);
    return found;
  });
}

function numbers(list: string | undefined, from: number, to: number): readonly number[] | undefined {
  return list?.split(",").map((text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < from || value > to)
      throw new Error(`"${text}" is not within ${from} to ${to}`);
    return value;
  });
}

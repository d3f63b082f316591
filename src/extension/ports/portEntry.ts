/** One port as the extension shows it, and how ports from several sources become one list. Pure. */
import {
  adapterKey,
  formatPort,
  isFlasherError,
  parsePort,
  type FlasherError,
  type PortInfo,
  type PortRef,
} from "../../core/index";
import { t } from "../text/l10n";

export type PortKind = "adapter" | "extra" | "practice";

export interface PortEntry {
  /** The port as people type it; unique. */
  readonly id: string;
  readonly ref: PortRef;
  readonly kind: PortKind;
  /** What people read first: `COM5`, `/dev/ttyUSB0`, "Practice device". */
  readonly label: string;
  /** Adapter name, `VID:PID`, maker and serial number as far as known; the chip of a practice device. */
  readonly facts: readonly string[];
  /** A USB adapter, and not a port of the machine itself. */
  readonly isUsb: boolean;
  /** What the adapter is known to do, in baud. */
  readonly maxBaud?: number;
  /** What is remembered of an adapter goes by this name, whichever port it is plugged into. */
  readonly adapterKey?: string;
  /** From the settings, and removed there: also a practice device that another program runs. */
  readonly isAdded?: boolean;
}

/** What stands for a port wherever one is shown, by the editor's name for the icon. */
export function portIcon({ kind, ref }: Pick<PortEntry, "kind" | "ref">): "beaker" | "remote" | "plug" {
  return kind === "practice" ? "beaker" : ref.kind === "serial" ? "plug" : "remote";
}

export function adapterEntry(info: PortInfo): PortEntry {
  const { path, adapter, manufacturer, vendorId, productId, serialNumber, maxBaud } = info;
  const ids = vendorId === undefined ? undefined : `${vendorId}:${productId ?? "????"}`;
  const facts = [adapter ?? manufacturer, ids, serialNumber].filter((fact) => fact !== undefined);
  const ref = { kind: "serial", path } as const;
  const entry = { id: path, ref, kind: "adapter", label: path, facts, adapterKey: adapterKey(ref, info) } as const;
  return { ...entry, isUsb: vendorId !== undefined, ...(maxBaud === undefined ? {} : { maxBaud }) };
}

/** Before the address of a simulated chip that another program runs, so that it is never taken for a real one. */
const PRACTICE = /^practice:/i;

/** A port from the settings; undefined for what is no port name at all. */
export function extraEntry(name: string): PortEntry | undefined {
  const entry = readExtra(name);
  return isFlasherError(entry) ? undefined : entry;
}

/** A port from the settings, or what is wrong with its name: TransportError `port-invalid`. */
export function readExtra(name: string): PortEntry | FlasherError {
  try {
    const ref = parsePort(name.replace(PRACTICE, ""));
    const id = formatPort(ref);
    const entry = { id, ref, isUsb: false, isAdded: true } as const;
    if (PRACTICE.test(name))
      return { ...entry, kind: "practice", label: t("Practice device"), facts: [t("simulated, not a real chip"), id] };
    const facts = [
      ref.kind === "serial" ? t("added by hand") : t("network port"),
      ref.kind === "tcp" && ref.reset !== undefined ? t("resets the chip by command") : undefined,
    ].filter((fact) => fact !== undefined);
    return { ...entry, kind: "extra", label: shortName(id), facts };
  } catch (error) {
    if (isFlasherError(error)) return error;
    throw error;
  }
}

/**
 * The added ports with one more, each once. It is written as it is read; a bridge's commands are left as they were typed, which reads better
 * than what an address makes of their spaces.
 */
export function withExtra(extras: readonly string[], typed: string): readonly string[] {
  const entry = extraEntry(typed);
  if (entry === undefined || extras.some((name) => extraEntry(name)?.id === entry.id)) return extras;
  return [...extras, entry.id.includes("?") ? typed.trim() : entry.id];
}

/** What was selected in an earlier window stands for itself until ports are listed; undefined for what is never listed. */
export function rememberedEntry(id: string): PortEntry | undefined {
  const ref = extraEntry(id)?.ref;
  return ref?.kind === "serial" ? { id, ref, kind: "adapter", label: id, facts: [], isUsb: false } : undefined;
}

export function practiceEntry(port: number, chipName: string): PortEntry {
  const ref: PortRef = { kind: "tcp", host: "127.0.0.1", port };
  return {
    id: formatPort(ref),
    ref,
    kind: "practice",
    label: t("Practice device"),
    facts: [t("simulated {0}, not a real chip", chipName)],
    isUsb: false,
  };
}

/** Links by id are long and say what they are at their end; a bridge's commands are no part of its name. */
function shortName(id: string): string {
  return /^\/dev\/serial\/by-(?:id|path)\/(.+)$/.exec(id)?.[1] ?? id.replace(/^(tcp:\/\/[^?]+)\?.*$/, "$1");
}

/** Practice devices first, then what was added by hand, then adapters and what stands for one, each once. */
export function mergePorts(
  adapters: readonly PortInfo[],
  extras: readonly string[],
  practice: readonly PortEntry[],
  remembered: readonly PortEntry[] = [],
): readonly PortEntry[] {
  const added = extras.flatMap((name) => extraEntry(name) ?? []).map((entry) => asListed(entry, adapters));
  const all = [...practice, ...added, ...adapters.map(adapterEntry), ...remembered];
  const seen = new Set<string>();
  return all.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** An adapter that was added by hand as well is still that adapter, with all that is known and remembered of it. */
function asListed(entry: PortEntry, adapters: readonly PortInfo[]): PortEntry {
  const info = entry.kind === "extra" ? adapters.find(({ path }) => path === entry.id) : undefined;
  if (info === undefined) return entry;
  const adapter = adapterEntry(info);
  return { ...adapter, kind: entry.kind, isAdded: true, facts: [...adapter.facts, ...entry.facts] };
}

export function samePorts(a: readonly PortEntry[], b: readonly PortEntry[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * The one port a person surely means when none is selected: the only practice device, added port or USB adapter there is.
 * Ports of the machine itself are never meant without being asked about.
 */
export function obviousPort(ports: readonly PortEntry[]): PortEntry | undefined {
  const likely = ports.filter(({ kind, isUsb }) => kind !== "adapter" || isUsb);
  return likely.length === 1 ? likely[0] : undefined;
}

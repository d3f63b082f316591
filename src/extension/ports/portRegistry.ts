/**
 * The port registry: which ports there are, and which one is selected. Lists them again every two seconds while a view
 * looks. Opens nothing and knows no chips.
 */
import { adapterNameKey, type DeviceNames } from "./deviceNames";
import type { Memory } from "../platform/memory";
import { isFlasherError, listPorts, type PortInfo } from "../../core/index";
import type { SetContext } from "../platform/contextKeys";
import { Owner, disposableFrom, type Disposable } from "../platform/disposables";
import { Emitter } from "../platform/emitter";
import type { OutputLog } from "../platform/outputLog";
import { mergePorts, obviousPort, readExtra, rememberedEntry, samePorts, type PortEntry } from "./portEntry";
import type { Settings } from "../platform/settings";
import { realTimers, type Timers } from "../platform/timers";

const LIST_EVERY_MS = 2_000;
/** Loading what lists ports must not hold up a window that is opening. */
const FIRST_LIST_MS = 250;
const RECENT_PORTS = 8;
const SELECTED = "beken.selectedPort";
const RECENT = "beken.recentPorts";

export interface Memories {
  /** Forgotten with the workspace. */
  readonly workspace: Memory;
  /** Kept for all windows of this machine. */
  readonly machine: Memory;
}

export interface PortRegistryParts {
  readonly settings: Pick<Settings, "extraPorts" | "onDidChange">;
  readonly memories: Memories;
  readonly log: Pick<OutputLog, "error">;
  readonly setContext: SetContext;
  /** What people call devices and adapters; without it, ports go by their own names. */
  readonly names?: Pick<DeviceNames, "of" | "onDidChange">;
  readonly list?: () => Promise<readonly PortInfo[]>;
  readonly timers?: Timers;
}

export class PortRegistry extends Owner {
  private readonly changed = this.register(
    new Emitter<void>((error) => this.parts.log.error("tell of the ports", error)),
  );
  /** Ports came, went, or another one is selected. */
  readonly onDidChange = this.changed.event;

  private adapters: readonly PortInfo[] = [];
  private readonly practice = new Map<string, PortEntry>();
  private known: readonly PortEntry[] = [];
  /** What is known of the device on a port, by the port: {@link deviceKey}. */
  private readonly met = new Map<string, string>();
  private listed = false;
  private watchers = 0;
  private stopTimer = (): void => undefined;
  private listing: Promise<void> | undefined;
  /** Of a port that may be unplugged. */
  selectedId: string | undefined;

  constructor(private readonly parts: PortRegistryParts) {
    super();
    const { settings, memories } = parts;
    this.selectedId = memories.workspace.get<string>(SELECTED);
    this.register(
      settings.onDidChange((names) => {
        if (names.has("extraPorts")) {
          this.tellUnreadable();
          this.update();
        }
      }),
    );
    if (parts.names !== undefined) this.register(parts.names.onDidChange(() => this.update()));
    this.register(disposableFrom(() => this.stopTimer()));
    this.tellUnreadable();
    this.update();
    if (this.selectedId !== undefined) this.tickAfter(FIRST_LIST_MS);
  }

  get ports(): readonly PortEntry[] {
    return this.known;
  }

  find(id: string): PortEntry | undefined {
    return this.known.find((port) => port.id === id);
  }

  /** The port jobs run on when nothing else is said; undefined also while it is unplugged. Until ports were listed it counts as there. */
  get selected(): PortEntry | undefined {
    return this.selectedId === undefined ? undefined : this.find(this.selectedId);
  }

  /** The selected port's name even while it is unplugged. */
  get selectedName(): string | undefined {
    return this.selected?.label ?? this.selectedId;
  }

  /** The selected port while it is not there. */
  get lost(): Pick<PortEntry, "id" | "label"> | undefined {
    const { selectedId: id } = this;
    return id === undefined || this.selected !== undefined ? undefined : { id, label: id };
  }

  /** The selected port, or the only one that can be meant; after a fresh look when there is none. */
  async resolve(): Promise<PortEntry | undefined> {
    const isCertain = this.listed || this.selected?.kind !== "adapter";
    if (this.selected === undefined || !isCertain) await this.refresh();
    return this.selected ?? (this.selectedId === undefined ? obviousPort(this.known) : undefined);
  }

  /** Ids of ports that were used, latest first. */
  get recent(): readonly string[] {
    const stored = this.parts.memories.machine.get<unknown>(RECENT);
    return Array.isArray(stored) ? stored.filter((id): id is string => typeof id === "string") : [];
  }

  async select(port: PortEntry): Promise<void> {
    this.selectedId = port.id;
    this.publish();
    if (!isPassing(port)) await this.parts.memories.workspace.update(SELECTED, port.id);
    await this.remember(port);
  }

  async remember(port: PortEntry): Promise<void> {
    const { id } = port;
    if (isPassing(port)) return;
    const recent = [id, ...this.recent.filter((other) => other !== id)].slice(0, RECENT_PORTS);
    await this.parts.memories.machine.update(RECENT, recent);
  }

  /**
   * A chip was seen on a port: until the port goes, it has that device's name.
   * @param key {@link deviceKey}; undefined for one that nothing tells from others
   */
  meet(portId: string, key: string | undefined): void {
    if (this.met.get(portId) === key) return;
    if (key === undefined) this.met.delete(portId);
    else this.met.set(portId, key);
    this.update();
  }

  addPractice(port: PortEntry): void {
    this.practice.set(port.id, port);
    this.update();
  }

  removePractice(id: string): void {
    this.practice.delete(id);
    this.update();
  }

  get isWatched(): boolean {
    return this.watchers > 0;
  }

  /** Looks for ports every two seconds until disposed. */
  watch(): Disposable {
    this.watchers++;
    if (this.watchers === 1) this.tick();
    let done = false;
    return disposableFrom(() => {
      if (done) return;
      done = true;
      this.watchers--;
      if (this.watchers === 0) this.stopTimer();
    });
  }

  refresh(): Promise<void> {
    this.listing ??= this.listNow().finally(() => {
      this.listing = undefined;
    });
    return this.listing;
  }

  private tick(): void {
    this.stopTimer();
    void this.refresh().finally(() => {
      if (this.watchers > 0 && !this.disposed) this.tickAfter(LIST_EVERY_MS);
    });
  }

  private tickAfter(ms: number): void {
    const { timers = realTimers } = this.parts;
    this.stopTimer();
    this.stopTimer = timers.after(ms, () => this.tick());
  }

  private async listNow(): Promise<void> {
    try {
      this.adapters = await (this.parts.list ?? listPorts)();
    } catch (error) {
      // Said once: the list is asked for every two seconds.
      if (!this.listed || this.adapters.length > 0) this.parts.log.error("list serial ports", error);
      this.adapters = [];
    }
    this.listed = true;
    this.update();
  }

  /** What cannot be read in the settings is not in the list; why is in the log. */
  private tellUnreadable(): void {
    for (const name of this.parts.settings.extraPorts) {
      const entry = readExtra(name);
      if (isFlasherError(entry)) this.parts.log.error("read the setting beken.extraPorts", entry);
    }
  }

  private update(): void {
    const { selected, selectedId } = this;
    const remembered = this.listed || selectedId === undefined ? undefined : rememberedEntry(selectedId);
    const practice = [...this.practice.values()];
    const merged = mergePorts(this.adapters, this.parts.settings.extraPorts, practice, remembered && [remembered]);
    for (const id of this.met.keys()) if (!merged.some((port) => port.id === id)) this.met.delete(id);
    const ports = merged.map((port) => named(port, this.parts.names, this.met.get(port.id)));
    const same = samePorts(ports, this.known);
    this.known = ports;
    if (selectedId !== undefined && this.selected === undefined && !isAwaited(selectedId, selected))
      this.selectedId = undefined;
    if (!same) this.publish();
    else this.setContexts();
  }

  private publish(): void {
    this.setContexts();
    this.changed.fire();
  }

  private setContexts(): void {
    if (this.disposed) return;
    const { setContext } = this.parts;
    setContext("beken.portsListed", this.listed);
    setContext("beken.hasPorts", this.known.length > 0);
    setContext("beken.portSelected", this.selected !== undefined);
    setContext("beken.practiceRunning", this.practice.size > 0);
  }
}

/** The device's name, or else the adapter's; then the port's own is one fact more. */
function named(port: PortEntry, names: Pick<DeviceNames, "of"> | undefined, device: string | undefined): PortEntry {
  const { id, label, facts, adapterKey = id } = port;
  const given = [names?.of(device), names?.of(adapterNameKey(adapterKey))].filter((name) => name !== undefined);
  const [first, ...others] = given;
  return first === undefined ? port : { ...port, label: first, facts: [...others, label, ...facts] };
}

/** Only an adapter can be plugged in again: what was stopped or removed is not waited for. */
function isAwaited(id: string, before: PortEntry | undefined): boolean {
  return before === undefined ? rememberedEntry(id) !== undefined : before.kind === "adapter";
}

/** A practice device of this window has another port number every time. */
function isPassing({ kind, isAdded }: PortEntry): boolean {
  return kind === "practice" && isAdded !== true;
}

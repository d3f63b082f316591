/**
 * The monitors of this window, one for each port: a terminal with the log, and the verdict for views. Which port carries a device's
 * log is remembered: its own, a practice device's second one, or another adapter that the person named.
 */
import * as vscode from "vscode";
import {
  PortLog,
  formatPort,
  openTransport,
  parsePort,
  portFinder,
  readUntilVerdict,
  systemClock,
  type BootVerdict,
  type ControlLines,
  type LogReading,
  type LogWire,
  type PortLeases,
  type PortLogDeps,
  type PortRef,
} from "../../core/index";
import { Owner } from "../platform/disposables";
import { Emitter } from "../platform/emitter";
import type { OutputLog } from "../platform/outputLog";
import type { Settings } from "../platform/settings";
import type { OtherMonitors } from "../ports/otherMonitors";
import type { PortEntry } from "../ports/portEntry";
import { warn } from "../platform/shownMessages";
import { say, t } from "../text/l10n";
import type { FoundLink } from "./terminalLinks";
import { DeviceMonitor, type DeviceMonitorParts, type MonitorView } from "./deviceMonitor";

export interface MonitorsParts {
  readonly settings: Pick<Settings, "monitorBaudRate" | "monitorTimestamps">;
  readonly leases: PortLeases;
  readonly log: Pick<OutputLog, "error">;
  /** Of this machine: which port has the log of which device. */
  readonly memory: vscode.Memento;
  /** A practice device's own log. */
  readonly practiceLog: (portId: string) => PortRef | undefined;
  /** Which wire carries the log of a device. */
  readonly logWire: (portId: string) => LogWire;
  /** What there is to say of a crash. */
  readonly nameCrash: DeviceMonitorParts["nameCrash"];
  /** Closes what a job has left open on a port. */
  readonly release: (portId: string) => Promise<void>;
  /** Monitors that are not ours. */
  readonly others: Pick<OtherMonitors, "letGo">;
  /** Who has a port open. */
  readonly describeHolder: (port: { readonly ref: PortRef }) => Promise<readonly string[]>;
  /** How the lines of a port let its chip run, as far as it was learnt. */
  readonly linesAtRest: (portId: string) => Promise<ControlLines>;
}

interface Open {
  readonly monitor: DeviceMonitor;
  /** None where a task's terminal has the log, which is the editor's to close. */
  readonly terminal: vscode.Terminal | undefined;
  /** Gives the port back to a monitor that is not ours. */
  readonly giveBack: () => void;
  verdict: BootVerdict | undefined;
}

const LOG_PORTS = "beken.logPorts";

export class Monitors extends Owner {
  private readonly open = new Map<string, Open>();
  private readonly deps: PortLogDeps = {
    open: openTransport,
    finder: portFinder(),
    clock: systemClock,
    linesAtRest: (ref) => this.parts.linesAtRest(formatPort(ref)),
  };
  private readonly changed: Emitter<string>;
  /** Told the device whose monitor or verdict is another one now. */
  readonly onDidChange;

  private readonly printed: Emitter<{ readonly portId: string; readonly line: string }>;
  /** Told each line of each log, its secrets masked. */
  readonly onDidPrint;

  constructor(private readonly parts: MonitorsParts) {
    super();
    const failed = (error: unknown): void => parts.log.error("tell of a log", error);
    this.printed = this.register(new Emitter<{ readonly portId: string; readonly line: string }>(failed));
    this.onDidPrint = this.printed.event;
    this.changed = this.register(new Emitter<string>((error) => parts.log.error("tell of a monitor", error)));
    this.onDidChange = this.changed.event;
    this.register(
      vscode.window.onDidCloseTerminal((terminal) => {
        for (const [portId, { terminal: own }] of this.open) if (own === terminal) this.forget(portId);
      }),
    );
    const links: vscode.TerminalLinkProvider<vscode.TerminalLink & FoundLink> = {
      provideTerminalLinks: ({ terminal, line }) => this.linksIn(terminal, line),
      handleTerminalLink: async ({ follow }) => {
        await follow();
      },
    };
    this.register(vscode.window.registerTerminalLinkProvider(links));
  }

  isOpen(portId: string): boolean {
    return this.open.has(portId);
  }

  /** What can be done with the log that is shown; undefined where none is. */
  viewOf(portId: string): MonitorView | undefined {
    return this.open.get(portId)?.monitor;
  }

  verdictOn(portId: string): BootVerdict | undefined {
    return this.open.get(portId)?.verdict;
  }

  /** What can be followed in a line of a monitor's terminal; a task's terminal is told by its line alone. */
  linksIn(terminal: vscode.Terminal, line: string): (vscode.TerminalLink & FoundLink)[] {
    const own = [...this.open.values()].filter((open) => open.terminal === terminal || open.terminal === undefined);
    return own.flatMap(({ monitor }) => [...monitor.links.in(line)]);
  }

  /** Shows the log of a device; a second time, the terminal that is there. */
  show(port: PortEntry): void {
    const there = this.open.get(port.id);
    if (there !== undefined) {
      there.terminal?.show();
      return;
    }
    const { pty, ...own } = this.listenTo(port, () => undefined);
    const terminal = vscode.window.createTerminal({
      name: t("Log of {0}", port.label),
      pty,
      iconPath: new vscode.ThemeIcon("output"),
      isTransient: true,
    });
    this.open.set(port.id, { ...own, terminal, verdict: undefined });
    terminal.show();
    this.changed.fire(port.id);
  }

  /**
   * The log of a device for another extension's terminal, instead of the one that is there.
   * @param judged told every settled verdict
   */
  async inTerminal(port: PortEntry, judged: (verdict: BootVerdict) => void): Promise<vscode.Pseudoterminal> {
    await this.close(port.id);
    const { pty, ...own } = this.listenTo(port, judged);
    this.open.set(port.id, { ...own, terminal: undefined, verdict: undefined });
    this.changed.fire(port.id);
    return pty;
  }

  private listenTo(
    port: PortEntry,
    judged: (verdict: BootVerdict) => void,
  ): { readonly pty: vscode.Pseudoterminal } & Pick<Open, "monitor" | "giveBack"> {
    const ref = this.logPortOf(port);
    const writes = new vscode.EventEmitter<string>();
    const { settings, leases, release, others, describeHolder } = this.parts;
    let giveBack: (() => void) | undefined;
    let isOffered = false;
    /** Once: the terminal, which says it each time, may be behind others. */
    const offerSpeed = ({ summary }: BootVerdict): void => {
      if (isOffered) return;
      isOffered = true;
      const find = t("Find the Speed");
      warn(`${port.label}: ${say(summary)}`, find).then(
        (answer) => (answer === find ? monitor.findSpeed() : undefined),
        (error: unknown) => this.parts.log.error("offer to find the speed", error),
      );
    };
    const monitor = new DeviceMonitor({
      portId: formatPort(ref),
      devicePortId: port.id,
      ref,
      baudRate: settings.monitorBaudRate,
      timestamps: settings.monitorTimestamps,
      leases,
      release: async (portId, signal) => {
        await release(portId);
        giveBack ??= await others.letGo(ref, signal);
      },
      describeHolder: () => describeHolder({ ref }),
      intro: port.kind === "practice" ? [] : this.parts.logWire(port.id).words,
      deps: this.deps,
      timeOfDay: () => new Date().toTimeString().slice(0, 8),
      nameCrash: this.parts.nameCrash,
      write: (text) => writes.fire(text),
      printed: (masked) => {
        if (this.printed.isHeard) this.printed.fire({ portId: port.id, line: masked() });
      },
      judged: (verdict) => {
        const open = this.open.get(port.id);
        if (open !== undefined) open.verdict = verdict;
        if (verdict.kind === "wrong-speed") offerSpeed(verdict);
        this.changed.fire(port.id);
        judged(verdict);
      },
    });
    const pty: vscode.Pseudoterminal = {
      onDidWrite: writes.event,
      open: () => monitor.start(),
      close: () => {
        if (this.open.get(port.id)?.monitor === monitor) this.forget(port.id);
      },
      handleInput: (keys) => monitor.type(keys),
    };
    return { pty, monitor, giveBack: () => giveBack?.() };
  }

  /**
   * Reads a device's log until it is clear whether it runs; a monitor that shows it lets go of it for as long.
   * @throws TransportError when the port cannot be opened; CancelledError on abort
   */
  async read(port: PortEntry, timeoutMs: number, signal: AbortSignal): Promise<LogReading> {
    const { settings, leases, release, others } = this.parts;
    const ref = this.logPortOf(port);
    const giveBack = await leases.borrow(formatPort(ref));
    let giveBackTheirs: (() => void) | undefined;
    try {
      await release(formatPort(ref));
      giveBackTheirs = await others.letGo(ref, signal);
      const log = new PortLog(ref, settings.monitorBaudRate, this.deps);
      return await readUntilVerdict(log, { timeoutMs, clock: systemClock }, signal);
    } finally {
      giveBack();
      giveBackTheirs?.();
    }
  }

  /** The log of this device is on another port from now on; undefined: on its own. */
  async useLogPort(port: PortEntry, logPort: string | undefined): Promise<void> {
    const ports = { ...this.logPorts };
    if (logPort === undefined || logPort === port.id) delete ports[port.id];
    else ports[port.id] = logPort;
    await this.parts.memory.update(LOG_PORTS, ports);
    if (!this.open.has(port.id)) return;
    await this.close(port.id);
    this.show(port);
  }

  async close(portId: string): Promise<void> {
    const open = this.open.get(portId);
    if (open === undefined) return;
    this.open.delete(portId);
    await open.monitor.close();
    open.giveBack();
    open.terminal?.dispose();
    this.changed.fire(portId);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.open.keys()].map((portId) => this.close(portId)));
  }

  logPortOf(port: PortEntry): PortRef {
    const named = this.logPorts[port.id];
    return named === undefined ? (this.parts.practiceLog(port.id) ?? port.ref) : parsePort(named);
  }

  private get logPorts(): Readonly<Record<string, string>> {
    return this.parts.memory.get<Readonly<Record<string, string>>>(LOG_PORTS, {});
  }

  private forget(portId: string): void {
    void this.close(portId).catch((error: unknown) => this.parts.log.error("close a monitor", error));
  }
}

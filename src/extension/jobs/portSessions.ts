/**
 * Sessions with the chips on this window's ports: opened as the settings and what is known of the adapter say, kept linked for the
 * next job where that is of use. Knows ports, settings and rates, nothing of jobs.
 */
import {
  FlasherSession,
  TransportError,
  chosenResets,
  openTransport,
  portFinder,
  systemClock,
  words,
  type PortLeases,
  type SessionDeps,
  type SessionOptions,
  type TransportFactory,
} from "../../core/index";
import type { AdapterRates } from "../ports/adapterRates";
import type { OtherMonitors } from "../ports/otherMonitors";
import { Owner } from "../platform/disposables";
import type { OutputLog } from "../platform/outputLog";
import type { PortEntry } from "../ports/portEntry";
import { SessionPool } from "./sessionPool";
import type { SettingName } from "../platform/contributions";
import type { Settings } from "../platform/settings";
import { realTimers, type Timers } from "../platform/timers";

export interface PortSessionsParts {
  readonly settings: Pick<
    Settings,
    "baudRate" | "linkTimeoutMs" | "autoReset" | "resetSequence" | "keepLinkedMs" | "onDidChange"
  >;
  readonly rates: Pick<AdapterRates, "hint" | "note" | "line" | "resets">;
  readonly log: Pick<OutputLog, "error" | "forCore">;
  /** Where a monitor may have the port a job needs. */
  readonly leases: Pick<PortLeases, "borrow" | "isHeld">;
  /** Monitors that are not ours. */
  readonly others?: Pick<OtherMonitors, "letGo">;
  readonly open?: TransportFactory;
  readonly openSession?: typeof FlasherSession.open;
  readonly timers?: Timers;
}

/** What is fixed when a session opens. */
const FIXED_WHEN_OPENED: readonly SettingName[] = ["baudRate", "linkTimeout", "autoReset", "resetSequence"];

export class PortSessions extends Owner {
  private readonly pool: SessionPool;
  /** How a job gives its port back to a monitor, and whether one waits that is not ours. */
  private readonly borrowed = new WeakMap<
    FlasherSession,
    { readonly giveBack: () => void; readonly isLent: boolean }
  >();

  constructor(private readonly parts: PortSessionsParts) {
    super();
    const { settings, log, timers = realTimers } = parts;
    this.pool = new SessionPool({
      open: parts.openSession ?? ((...args) => FlasherSession.open(...args)),
      after: (ms, run) => timers.after(ms, run),
      closeFailed: (error) => log.error("close the port", error),
    });
    this.register(
      settings.onDidChange((names) => {
        if (FIXED_WHEN_OPENED.some((name) => names.has(name))) void this.pool.releaseAll();
      }),
    );
  }

  /** The session that is still open on this port, or a new one. Throws what {@link FlasherSession.open} throws. */
  async take(port: PortEntry, signal: AbortSignal): Promise<FlasherSession> {
    const { leases, others } = this.parts;
    const giveBackOurs = await leases.borrow(port.id);
    const giveBackTheirs = await others?.letGo(port.ref, signal);
    const giveBack = (): void => {
      giveBackOurs();
      giveBackTheirs?.();
    };
    try {
      const session = await this.pool.take(port.id, this.options(port), this.deps(port), signal);
      this.borrowed.set(session, { giveBack, isLent: giveBackTheirs !== undefined });
      return session;
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** Keeps the link where the next job can use it; a port that no job needs is closed at once. Never rejects. */
  async putAway(port: PortEntry, session: FlasherSession, worthKeeping: boolean): Promise<void> {
    const borrowed = this.borrowed.get(session);
    const isWanted = this.parts.leases.isHeld(port.id) || borrowed?.isLent === true;
    if (worthKeeping && !isWanted && !this.disposed) this.pool.keep(port.id, session, this.parts.settings.keepLinkedMs);
    else await this.pool.close(port.id, session);
    this.borrowed.delete(session);
    borrowed?.giveBack();
  }

  /** Closes what is open on this port, unless a job has it. */
  async release(portId: string): Promise<void> {
    await this.pool.release(portId);
  }

  async releaseAll(): Promise<void> {
    await this.pool.releaseAll();
  }

  /** Ports that are open though no job runs. */
  get openPorts(): readonly string[] {
    return this.pool.openPorts;
  }

  private options(port: PortEntry): SessionOptions {
    const { settings, rates } = this.parts;
    return {
      port: port.ref,
      baudRate: settings.baudRate,
      linkTimeoutMs: settings.linkTimeoutMs,
      autoReset: settings.autoReset,
      ...resetsIn(settings.resetSequence),
      ...(port.maxBaud === undefined ? {} : { adapterMaxBaud: port.maxBaud }),
      ...rates.hint(port),
    };
  }

  private deps(port: PortEntry): SessionDeps {
    const { log, rates, open = openTransport } = this.parts;
    return {
      open,
      finder: portFinder(),
      clock: systemClock,
      log: log.forCore(port.label),
      rateProven: (rate) => rates.note(port, rate),
      line: rates.line(port),
      resets: rates.resets(port),
    };
  }
}

/** @throws TransportError `command-unsupported` where the setting cannot be read: nobody's steps are guessed at */
function resetsIn(setting: string): Pick<SessionOptions, "resets"> {
  const chosen = chosenResets(setting);
  if ("resets" in chosen) return chosen.resets === undefined ? {} : { resets: chosen.resets };
  throw new TransportError("command-unsupported", words`read the setting ${"beken.resetSequence"}`, {
    detail: words`at character ${chosen.at + 1}: ${chosen.problem}`,
  });
}

/**
 * Microsoft's Serial Monitor gives up a port when it is asked, and takes it again afterwards. Only where it runs already: no other
 * extension is started for this. Knows no job.
 * Source: its public API, version 0 (npm package @microsoft/vscode-serial-monitor-api 0.1.7).
 */
import type { OutputLog } from "../platform/outputLog";
import { realTimers, type Timers } from "../platform/timers";
import type { OtherMonitor } from "./otherMonitors";

/** What it takes to listen, in the words of that API. */
interface MonitorPortSettings {
  readonly port: string;
  /** In baud. */
  readonly baudRate: number;
  readonly lineEnding: "none";
  readonly dataBits: 8;
  readonly stopBits: "one";
  readonly parity: "none";
}

interface SerialMonitorApi {
  /** @returns true where it was listening on that port, and stopped */
  stopMonitoringPort(port: string): Promise<boolean>;
  startMonitoringPort(settings: MonitorPortSettings): Promise<unknown>;
}

/** No job waits longer for an answer of another extension. */
const ANSWERS_WITHIN_MS = 3_000;

export interface MicrosoftMonitorParts {
  /** That extension's interface of this version; undefined where it does not run. */
  readonly apiOf: (version: 0) => unknown;
  /** Its own speed is not told: it listens again at this one, in baud. */
  readonly baudRate: () => number;
  readonly log: Pick<OutputLog, "info" | "error">;
  readonly timers?: Timers;
}

export class MicrosoftMonitor implements OtherMonitor {
  constructor(private readonly parts: MicrosoftMonitorParts) {}

  /** Waits for 3 s at most. */
  async letGo(port: string): Promise<(() => void) | undefined> {
    const stopping = this.ask(port);
    const stopped = await this.inTime(stopping);
    if (stopped === undefined) return undefined;
    // One that answers too late may have let go all the same.
    return () => void stopping.then((api) => api && this.takeBack(api, port));
  }

  /** @returns whoever has let go; undefined where nobody had the port. Never rejects. */
  private async ask(path: string): Promise<SerialMonitorApi | undefined> {
    const { log, apiOf } = this.parts;
    try {
      const api: unknown = await apiOf(0);
      if (!isSerialMonitor(api) || !(await api.stopMonitoringPort(path))) return undefined;
      log.info(`another monitor let go of ${path}`);
      return api;
    } catch (error) {
      log.error("ask another monitor for its port", error);
      return undefined;
    }
  }

  private async inTime(answer: Promise<SerialMonitorApi | undefined>): Promise<SerialMonitorApi | "late" | undefined> {
    const { log, timers = realTimers } = this.parts;
    let stop = (): void => undefined;
    const late = new Promise<"late">((resolve) => {
      stop = timers.after(ANSWERS_WITHIN_MS, () => resolve("late"));
    });
    const first = await Promise.race([answer, late]);
    stop();
    if (first === "late") log.info("another monitor does not answer; the job goes on without it");
    return first;
  }

  private async takeBack(api: SerialMonitorApi, port: string): Promise<void> {
    const { log, baudRate } = this.parts;
    const asUsual = { lineEnding: "none", dataBits: 8, stopBits: "one", parity: "none" } as const;
    try {
      await api.startMonitoringPort({ port, baudRate: baudRate(), ...asUsual });
    } catch (error) {
      log.error("give another monitor its port back", error);
    }
  }
}

function isSerialMonitor(api: unknown): api is SerialMonitorApi {
  const { stopMonitoringPort, startMonitoringPort } = (api ?? {}) as Partial<SerialMonitorApi>;
  return typeof stopMonitoringPort === "function" && typeof startMonitoringPort === "function";
}

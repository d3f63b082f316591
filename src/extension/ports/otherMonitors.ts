/**
 * Microsoft's Serial Monitor gives up a port when it is asked, and takes it again afterwards. Only where it runs already: no other
 * extension is started for this. Knows no job.
 * Source: its public API, version 0 (npm package @microsoft/vscode-serial-monitor-api 0.1.7).
 */
import type { PortRef } from "../../core/index";
import type { OutputLog } from "../platform/outputLog";

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

export interface OtherMonitorsParts {
  /** That extension's interface of this version; undefined where it does not run. */
  readonly apiOf: (version: 0) => unknown;
  /** Its own speed is not told: it listens again at this one, in baud. */
  readonly baudRate: () => number;
  readonly log: Pick<OutputLog, "info" | "error">;
}

export class OtherMonitors {
  constructor(private readonly parts: OtherMonitorsParts) {}

  /**
   * Has it let go of a serial port.
   * @returns how it takes the port back; undefined where it did not have it. Never rejects: a port that is still open is told as busy
   */
  async letGo(port: PortRef): Promise<(() => void) | undefined> {
    if (port.kind !== "serial") return undefined;
    const { path } = port;
    const { log, apiOf } = this.parts;
    try {
      const api: unknown = await apiOf(0);
      if (!isSerialMonitor(api) || !(await api.stopMonitoringPort(path))) return undefined;
      log.info(`another monitor let go of ${path}`);
      return () => void this.takeBack(api, path);
    } catch (error) {
      log.error("ask another monitor for its port", error);
      return undefined;
    }
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

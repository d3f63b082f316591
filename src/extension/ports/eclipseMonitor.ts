/**
 * Eclipse's Serial Monitor: its log is a terminal of the editor, and the port is closed with that, after the person's yes. Its own
 * `pauseSerial` keeps the port open. Source: its public API, version 1 (npm package @eclipse-cdt-cloud/vscode-serial-monitor 1.0.2), and
 * its source code, which names the terminal after the port.
 */
import type { OutputLog } from "../platform/outputLog";
import { t } from "../text/l10n";
import type { AskToStop } from "./askToStop";
import type { OtherMonitor } from "./otherMonitors";
import { isSoon } from "./soon";

interface EclipseApi {
  openSerial(
    port: { readonly path: string },
    how: { readonly baudRate: number; readonly dataBits: 8; readonly parity: "none"; readonly stopBits: 1 },
    name: string,
  ): Promise<unknown>;
}

/** A terminal whose text comes from an extension. */
export interface ExtensionTerminal {
  readonly name: string;
  close(): void;
}

export interface EclipseMonitorParts {
  /** That extension's interface; undefined where it does not run. */
  readonly api: () => unknown;
  readonly terminals: () => readonly ExtensionTerminal[];
  /** An extension of this editor has the port open. */
  readonly isOpenHere: (port: string) => Promise<boolean>;
  /** Its own speed is not told: it listens again at this one, in baud. */
  readonly baudRate: () => number;
  readonly ask: AskToStop;
  readonly log: Pick<OutputLog, "info" | "error">;
}

const CLOSES_WITHIN_MS = 3_000;

export class EclipseMonitor implements OtherMonitor {
  /** Asked about once for each port. */
  private readonly allowed = new Set<string>();

  constructor(private readonly parts: EclipseMonitorParts) {}

  async letGo(port: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    const { log, ask, terminals, isOpenHere } = this.parts;
    try {
      const api = this.parts.api();
      const terminal = terminals().find(({ name }) => name === port || name.startsWith(`${port} (`));
      if (!isEclipse(api) || terminal === undefined) return undefined;
      const detail = t(
        'It is closed, and opened again afterwards. What is in the terminal "{0}" by then is lost.',
        terminal.name,
      );
      const title = t("Close Eclipse's Serial Monitor, which has {0} open?", port);
      if (!this.allowed.has(port) && !(await ask(title, detail, signal))) return undefined;
      this.allowed.add(port);
      terminal.close();
      await isSoon(
        async () => !terminals().some(({ name }) => name === terminal.name) && !(await isOpenHere(port)),
        CLOSES_WITHIN_MS,
        { signal },
      );
      log.info(`Eclipse's Serial Monitor let go of ${port}`);
      return () => void this.openAgain(api, port, terminal.name);
    } catch (error) {
      log.error("close Eclipse's Serial Monitor", error);
      return undefined;
    }
  }

  private async openAgain(api: EclipseApi, path: string, name: string): Promise<void> {
    const { baudRate, log } = this.parts;
    try {
      await api.openSerial({ path }, { baudRate: baudRate(), dataBits: 8, parity: "none", stopBits: 1 }, name);
    } catch (error) {
      log.error("give Eclipse's Serial Monitor its port back", error);
    }
  }
}

function isEclipse(api: unknown): api is EclipseApi {
  return typeof (api as Partial<EclipseApi> | undefined)?.openSerial === "function";
}

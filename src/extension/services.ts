/** What flows work with: the services of the extension, made once in main.ts. */
import type { AdapterRates } from "./ports/adapterRates";
import type { BuildFits } from "./builds/buildFits";
import type { Builds } from "./builds/workspaceBuilds";
import type { BackupShelf } from "./jobs/backupShelf";
import type { JobService } from "./jobs/jobService";
import type { JobJournal } from "./jobs/jobJournal";
import type { Monitors } from "./monitor/monitors";
import type { Memory } from "./platform/memory";
import type { OtherMonitors } from "./ports/otherMonitors";
import type { OutputLog } from "./platform/outputLog";
import type { DeviceNames } from "./ports/deviceNames";
import type { PortRegistry } from "./ports/portRegistry";
import type { PracticeDevices } from "./practice/practiceDevices";
import type { Rounds } from "./rounds/rounds";
import type { Settings } from "./platform/settings";

export interface Services {
  readonly settings: Settings;
  readonly ports: PortRegistry;
  readonly names: DeviceNames;
  readonly jobs: JobService;
  readonly monitors: Monitors;
  readonly others: OtherMonitors;
  readonly rounds: Rounds;
  readonly journal: JobJournal;
  /** Backups that are kept. */
  readonly shelf: BackupShelf;
  readonly rates: AdapterRates;
  readonly builds: Builds;
  readonly fits: BuildFits;
  readonly practice: PracticeDevices;
  readonly log: OutputLog;
  /** Of the workspace. */
  readonly memory: Memory;
  /** Of this extension. */
  readonly version: string;
}

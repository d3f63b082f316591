/** What flows work with: the services of the extension, made once in main.ts. */
import type { AdapterRates } from "../adapterRates";
import type { Builds } from "../builds/builds";
import type { JobService } from "../jobs";
import type { Keeping } from "../keeping";
import type { Log } from "../log";
import type { PortRegistry } from "../ports";
import type { PracticeDevices } from "../practice";
import type { Settings } from "../settings";

export interface Services {
  readonly settings: Settings;
  readonly ports: PortRegistry;
  readonly jobs: JobService;
  readonly keeping: Keeping;
  readonly rates: AdapterRates;
  readonly builds: Builds;
  readonly practice: PracticeDevices;
  readonly log: Log;
  /** Of this extension. */
  readonly version: string;
}

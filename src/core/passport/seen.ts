/** What was found in a dump before anything is said of it. */
import type { inferKey } from "../beken/images/appKey";
import type { BootCode } from "../beken/images/bootCode";
import type { AppVerdict } from "../beken/images/soundCode";
import type { FoundSettings } from "./deviceSettings";
import type { FirmwareTexts } from "./firmwareTexts";

export interface Application {
  readonly verdict: AppVerdict;
  readonly key: ReturnType<typeof inferKey>;
  readonly firmware: FirmwareTexts;
  readonly code: Uint8Array;
}

export interface Seen {
  readonly flash: Uint8Array;
  readonly settings: FoundSettings;
  readonly boot: BootCode | undefined;
  readonly app: Application | undefined;
  readonly wasShifted: boolean;
}

/** Doubts about a file, put to whoever runs the job before anything is touched. */
import { ImageError } from "../base/errors";
import { words } from "../base/words";
import type { Doubt, DoubtCode } from "../plan/doubt";
import type { JobContext } from "../driver/jobContext";
import type { DoubtConsent } from "./events";

const CONSENT: Readonly<Record<DoubtCode, keyof DoubtConsent>> = {
  "image-chip-unknown": "evenIfChipUnknown",
  "backup-unsound": "evenIfDamaged",
};

/** @throws ImageError with the code of the first doubt that nobody agreed to */
export async function settleDoubts(
  { device, identity: chip }: JobContext,
  fileName: string,
  doubts: readonly Doubt[],
  consent: DoubtConsent,
): Promise<void> {
  for (const doubt of doubts) {
    const agreed = consent[CONSENT[doubt.code]];
    if (agreed === true || (agreed && (await device.whileAwake(() => agreed(doubt, chip))))) continue;
    throw new ImageError(doubt.code, words`write ${fileName}`, { file: fileName, detail: doubt.detail });
  }
}

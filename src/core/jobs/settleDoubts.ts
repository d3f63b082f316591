/** Doubts about a file, which need the person's consent before anything is touched. */
import { ImageError } from "../base/errors";
import { words } from "../base/words";
import type { Doubt, DoubtCode } from "../plan/doubt";
import type { JobContext } from "../driver/jobContext";
import type { AskDoubt, FlashRequest, RestoreRequest } from "./events";

type Agreements = Pick<FlashRequest | RestoreRequest, "evenIfChipUnknown" | "evenIfDamaged">;

const AGREEMENT: Readonly<Record<DoubtCode, keyof Agreements>> = {
  "image-chip-unknown": "evenIfChipUnknown",
  "backup-unsound": "evenIfDamaged",
};

/** @throws ImageError with the code of the first doubt without consent */
export async function settleDoubts(
  { device, identity: chip }: JobContext,
  fileName: string,
  doubts: readonly Doubt[],
  request: Agreements,
  askDoubt: AskDoubt | undefined,
): Promise<void> {
  for (const doubt of doubts) {
    if (request[AGREEMENT[doubt.code]] === true) continue;
    if (askDoubt && (await device.whileAwake(() => askDoubt(doubt, chip)))) continue;
    throw new ImageError(doubt.code, words`write ${fileName}`, { file: fileName, detail: doubt.detail });
  }
}

/** Between a plan and its first erase: the person's yes, and the copy that comes first. Touches nothing. */
import { CancelledError } from "../base/errors";
import { throwIfAborted } from "../base/timing";
import { words } from "../base/words";
import type { StartReasonCode } from "../beken/chips/startVerdict";
import type { FirmwareImage } from "../beken/images/firmwareImage";
import type { FlashPlan } from "../plan/flashPlan";
import { agreeToStart } from "./agreeToStart";
import { backUpFirst, planBackup } from "./backupFirst";
import type { FlashRequest, JobHooks, Run } from "./events";
import type { JobContext } from "../driver/jobContext";

/** What was agreed to before. */
export interface Agreements extends Pick<FlashRequest, "evenIfItCannotStart"> {
  /** What speaks against starting and was agreed to already. */
  readonly settled?: readonly StartReasonCode[];
}

/**
 * The plan is approved, and the copy made that was to come first; nothing was touched yet.
 * @returns the copy
 * @throws PlanError `plan-would-not-start`
 * @throws CancelledError when the person says no
 */
export async function* approvePlan(
  context: JobContext,
  plan: FlashPlan,
  image: FirmwareImage | undefined,
  { approve, askStart, backUpFirst: first }: JobHooks,
  { evenIfItCannotStart: agreed = false, settled = [] }: Agreements,
): Run<Uint8Array | undefined> {
  const { device, identity, signal } = context;
  const copy = yield* planBackup(context, first);
  const toStart = (): Promise<void> => agreeToStart(context, plan, image, { agreed, askStart, settled });
  const isAsked = askStart !== undefined && !agreed;
  if (isAsked) await toStart();
  if (approve && !(await device.whileAwake(() => approve(plan, identity, image))))
    throw new CancelledError(words`carry out the plan`);
  throwIfAborted(signal, words`carry out the plan`);
  const backup = copy && (yield* backUpFirst(context, copy));
  // Where no person can be asked the copy is made all the same: it is needed to mend the chip later.
  if (!isAsked) await toStart();
  return backup;
}

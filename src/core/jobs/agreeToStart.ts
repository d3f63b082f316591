/** The question before a plan after which the device would not start. */
import { PlanError } from "../base/errors";
import { listed, words } from "../base/words";
import type { StartReasonCode } from "../beken/chips/startVerdict";
import type { FirmwareImage } from "../beken/images/firmwareImage";
import type { FlashPlan } from "../plan/flashPlan";
import { toBeAgreedTo, troubleOf } from "../plan/startability";
import type { AskStart } from "./events";
import { leavesOutBootCode } from "./flashPlanning";
import type { JobContext } from "../driver/jobContext";

export interface StartAgreement {
  /** Given beforehand. */
  readonly agreed: boolean;
  /** How the person who runs the job is asked. */
  readonly askStart: AskStart | undefined;
  /** What was agreed to in another way. */
  readonly settled: readonly StartReasonCode[];
}

/**
 * What would not start is written only with the person's consent. Nothing was touched yet.
 * @throws PlanError `plan-would-not-start`
 */
export async function agreeToStart(
  { device, identity: chip }: JobContext,
  plan: FlashPlan,
  image: FirmwareImage | undefined,
  { agreed, askStart, settled }: StartAgreement,
): Promise<void> {
  const against = toBeAgreedTo(plan, chip, image).filter(({ code }) => !settled.includes(code));
  if (against.length === 0 || agreed) return;
  if (askStart && (await device.whileAwake(() => askStart(plan, chip, image)))) return;
  const reasons = against.map(({ words: told }) => told);
  throw new PlanError("plan-would-not-start", words`carry out the plan`, {
    detail: listed(reasons, "; "),
    trouble: troubleOf(against, chip),
    ...(chip.protocol.bootloaderIsLifeline && { lifeline: true }),
    ...(leavesOutBootCode(image, plan, chip) && { holdsBootCode: true }),
  });
}

/**
 * From a file and a linked chip to the plan of a flash job: which part of the file, with or without its boot code, and the
 * person's word where boot code is among it. Touches nothing.
 */
import { CancelledError, ImageError, PlanError } from "../base/errors";
import { words, type Words } from "../base/words";
import { geometryOf } from "../beken/chips/strictGeometry";
import type { ChipIdentity } from "../beken/chips/types";
import type { BootCodePart, FirmwareImage } from "../beken/images/firmwareImage";
import { canRekey } from "../beken/images/rekey";
import { bootCodeMisfit, withBootCode } from "../plan/bootCodeOf";
import type { FlashPlan } from "../plan/flashPlan";
import { assertUnpacked } from "../plan/updatePackage";
import { misfitOf, planWrite, type PlanOptions } from "../plan/planWrite";
import { isAboutBootCode, withVerdict } from "../plan/startability";
import { confirmBootloader, type ConfirmedBootloader } from "./confirmBootloader";
import type { JobContext } from "../driver/jobContext";
import type { BootloaderConsent, FlashRequest, Run } from "./events";

export interface PlannedFlash {
  readonly image: FirmwareImage;
  readonly plan: FlashPlan;
  readonly bootloader: ConfirmedBootloader | undefined;
}

/**
 * @param consent how a person is asked about boot code
 * @param file as it is to be written, re-keyed where that was asked for
 * @param check looks at what a plan would erase, and throws where it must not
 * @throws ImageError, PlanError when the file or its boot code does not fit the chip, or must not be written
 * @throws CancelledError when the person would rather not have boot code changed, and nothing else was asked for
 */
export async function* planFlash(
  context: JobContext,
  request: FlashRequest,
  consent: BootloaderConsent | undefined,
  file: FirmwareImage,
  check: (plan: FlashPlan) => Run<void>,
): Run<PlannedFlash> {
  const { identity: chip } = context;
  const { bootloader: allowed, dryRun } = request;
  const offer = allowed && bootCodeToWrite(chip, request, file);
  const image = offer ? withBootCode(file, offer.part) : file;
  const plan = planFor(image, chip, allowed !== undefined);
  yield* check(plan);
  const isBelow = plan.sectors.some(({ start }) => start < context.geometry.bootCodeEnd);
  if (!allowed || !isBelow || dryRun) return { image, plan, bootloader: undefined };
  const bootloader = await confirmBootloader(context, allowed, consent, undefined, offer?.trouble);
  if (bootloader) return { image, plan, bootloader };
  if (offer?.isOffered !== true) throw new CancelledError(words`confirm the change of the boot code`);
  return { image: file, plan: planFor(file, chip, false), bootloader: undefined };
}

/** What was asked for and makes no difference with this file on this chip: told, since a person may rely on it otherwise. */
export function unusedOptions(
  { bootloader, rekey }: FlashRequest,
  file: FirmwareImage,
  chip: ChipIdentity,
): readonly Words[] {
  const unused: Words[] = [];
  if (bootloader === "wanted" && !file.bootCode && !reachesBelow(file, chip))
    unused.push(words`the file holds no boot code, so the chip keeps its own`);
  if (rekey === true) {
    const verdict = canRekey(file, chip.key);
    if (!verdict.possible) unused.push(words`the file is not re-encrypted: ${verdict.detail}`);
  }
  return unused;
}

export function planOptions(chip: ChipIdentity, allowBootloader: boolean): PlanOptions {
  return {
    allowBootloader: allowBootloader && !chip.protocol.bootloaderIsLifeline,
    lifeline: chip.protocol.bootloaderIsLifeline,
    calibrationAt: chip.calibration?.address,
    geometry: geometryOf(chip),
  };
}

/** Boot code that a file has and a plan leaves out, though the chip could do with it. */
export function leavesOutBootCode(
  image: FirmwareImage | undefined,
  { sectors }: FlashPlan,
  chip: ChipIdentity,
): boolean {
  if (!image?.bootCode || chip.protocol.bootloaderIsLifeline || sectors.some(({ start }) => start === 0)) return false;
  return bootCodeMisfit(image.bootCode, chip) === undefined;
}

interface Offer {
  readonly part: BootCodePart;
  readonly isOffered: boolean;
  readonly trouble: Words | undefined;
}

/** The boot code in front of the file's application, where it was asked for, or would help and fits. */
function bootCodeToWrite(
  chip: ChipIdentity,
  { bootloader, only }: FlashRequest,
  file: FirmwareImage,
): Offer | undefined {
  const part = file.bootCode;
  const isLifeline = chip.protocol.bootloaderIsLifeline;
  if (!part) return undefined;
  const isOffered = bootloader === "offered" && only === undefined;
  const misfit = isLifeline ? undefined : bootCodeMisfit(part, chip);
  const [trouble] = chip.start?.reasons.filter(({ code, weight }) => isAboutBootCode(code) && weight !== "open") ?? [];
  if (isOffered) {
    const helps = trouble !== undefined && !isLifeline && !misfit && !reachesBelow(file, chip);
    return helps ? { part, isOffered, trouble: trouble.words } : undefined;
  }
  if (isLifeline)
    throw new PlanError("plan-touches-bootloader", words`write the boot code of ${file.fileName}`, {
      address: 0,
      length: geometryOf(chip).bootCodeEnd,
      lifeline: true,
    });
  // That the file is for another chip says more than what its boot code lacks.
  const whole = misfit && misfitOf(file, chip);
  if (whole?.code === "image-wrong-chip") throw whole;
  if (misfit)
    throw new ImageError(misfit.code, words`use ${file.fileName}`, { file: file.fileName, ...misfit.context });
  return reachesBelow(file, chip) ? undefined : { part, isOffered, trouble: trouble?.words };
}

function reachesBelow({ segments }: FirmwareImage, chip: ChipIdentity): boolean {
  const { bootCodeEnd } = geometryOf(chip);
  return segments.some(({ address }) => address < bootCodeEnd);
}

function planFor(image: FirmwareImage, chip: ChipIdentity, allowBootloader: boolean): FlashPlan {
  if (image.format === "rbl-ota") assertUnpacked(image, chip);
  return withVerdict(planWrite(image, chip, planOptions(chip, allowBootloader)), chip, image);
}

/**
 * Will it start? One verdict for a chip as it is, and as a plan leaves it, from what identification read of the flash and
 * what the plan puts there. Says what is known: where something is not, the verdict is `unknown` and says what.
 */
import { overlaps } from "../base/ranges";
import type { StartTrouble } from "../base/startTrouble";
import { words } from "../base/words";
import { findCalibration } from "../beken/chips/calibration";
import type { StartReason, StartVerdict } from "../beken/chips/startVerdict";
import { geometryOf } from "../beken/chips/strictGeometry";
import type { ChipIdentity } from "../beken/chips/types";
import type { FirmwareImage } from "../beken/images/firmwareImage";
import { jumpTarget } from "../beken/images/fal";
import { FlashAfter } from "./flashAfter";
import type { FlashPlan } from "./flashPlan";
import { applicationReasons, reachesApplication } from "./startApplication";
import { bootCodeReasons, isKnownToStart } from "./startBootCode";

const GRAVEST_FIRST: readonly StartReason["weight"][] = ["no", "doubt", "open"];

/** Whether `chip` starts as it is; with `plan`, once that is carried out. */
export function startability(chip: ChipIdentity, plan?: FlashPlan, image?: FirmwareImage): StartVerdict {
  const flash = new FlashAfter(chip.flash.size, chip.samples ?? [], plan);
  const bootCode = bootCodeReasons(chip, flash);
  const isSilent = bootCode.some(({ code }) => code === "boot-code-silent");
  const rest = isSilent ? [] : application(chip, flash, plan, image);
  const reasons = [...bootCode, ...unknownChip(chip), ...rest];
  reasons.sort((a, b) => GRAVEST_FIRST.indexOf(a.weight) - GRAVEST_FIRST.indexOf(b.weight));
  const [gravest] = reasons;
  const starts = gravest === undefined ? "yes" : gravest.weight === "no" ? "no" : "unknown";
  return { starts, reasons, calibration: hasCalibration(chip, plan) };
}

/** The plan with the verdict on it. */
export function withVerdict(plan: FlashPlan, chip: ChipIdentity, image?: FirmwareImage): FlashPlan {
  const judged = { ...plan, start: startability(chip, plan, image) };
  return toBeAgreedTo(judged, chip, image).length === 0 ? judged : { ...judged, asksAboutStart: true };
}

/**
 * What a person must agree to before the plan is carried out: what speaks against starting, as far as the plan has to do with it.
 * An erase is asked for as such, data beside the application too; boot code alone is what it takes to mend a chip.
 */
export function toBeAgreedTo(plan: FlashPlan, chip: ChipIdentity, image?: FirmwareImage): readonly StartReason[] {
  const { kind, sectors, start } = plan;
  if (kind === "erase" || !start) return [];
  const against = start.reasons.filter(({ weight }) => weight !== "open");
  if (reachesApplication(plan, chip) || image?.format === "rbl-ota") return against;
  const reachesBootCode = sectors.some((sector) => overlaps(sector, { start: 0, end: geometryOf(chip).bootCodeEnd }));
  return reachesBootCode ? against.filter(({ code }) => isAboutBootCode(code)) : [];
}

export function isAboutBootCode(code: StartReason["code"]): boolean {
  return code.startsWith("boot-code-");
}

/** What has to be helped first. */
export function troubleOf(reasons: readonly StartReason[], chip: ChipIdentity): StartTrouble {
  if (reasons.some(({ code }) => isAboutBootCode(code))) return "boot-code";
  const isKey = reasons.some(({ code }) => code === "application-other-key");
  return isKey && chip.key.coefficients !== undefined ? "key" : "application";
}

function unknownChip(chip: ChipIdentity): readonly StartReason[] {
  const isInferred = chip.chip?.inferred !== undefined;
  if (isKnownToStart(chip) && !isInferred) return [];
  const told = isInferred
    ? words`what this chip needs to start is inferred, it was not seen on hardware`
    : words`what this chip needs to start is not known to this program`;
  return [{ code: "chip-unknown", weight: "open", words: told }];
}

function application(
  chip: ChipIdentity,
  flash: FlashAfter,
  plan: FlashPlan | undefined,
  image: FirmwareImage | undefined,
): readonly StartReason[] {
  if (image?.format === "rbl-ota") {
    const told = words`the boot code has yet to unpack the package`;
    return [{ code: "package-to-unpack", weight: "open", words: told }];
  }
  return isKnownToStart(chip) ? applicationReasons(chip, flash, plan, jumpTarget(flash, geometryOf(chip))) : [];
}

/** What was found on the chip stays: no plan may erase it. Else the plan may bring some. */
function hasCalibration({ calibration }: ChipIdentity, plan: FlashPlan | undefined): boolean {
  return calibration !== undefined || (plan?.writes.some(({ data }) => findCalibration(data) !== undefined) ?? false);
}

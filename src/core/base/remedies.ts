/**
 * What to tell a person about each failure: what went wrong in one sentence, then what to do, most likely help first.
 * Written for someone with a soldering iron and a two-dollar bulb. The only place where advice is worded; shown by every
 * surface. Knows codes and contexts, nothing of how they came about.
 */
import { hexAddress } from "./bytes";
import type {
  Download,
  ErrorContext,
  FlasherError,
  FlasherErrorCode,
  FlashCondition,
  OutsideCondition,
  Suspect,
} from "./errors";
import { FILE_REMEDIES, SERIAL_FILE } from "./remediesFile";
import { STEPS_BY_JOB } from "./remediesByJob";
import { WIRE_REMEDIES } from "./remediesWire";
import { POWER, SHORT_WIRES, type Remedy } from "./remedyWords";
import { CRC_STEPS } from "./crcMeaning";
import { STATUS_BYTES } from "./statusBytes";
import {
  LIFELINE_START_STEPS,
  START_ALL_THE_SAME,
  START_STEPS,
  WITH_ITS_BOOT_CODE,
  type StartTrouble,
} from "./startTrouble";
import { SURROUNDING_STEPS, type Surrounding } from "./remediesAround";
import { fillIn } from "./words";

export type { Remedy };

/** One row for every code: a new code does not compile without advice. */
export const REMEDIES: Readonly<Record<FlasherErrorCode, Remedy>> = { ...WIRE_REMEDIES, ...FILE_REMEDIES };

/** What comes first where the course of the job has told more than its last error. */
const BY_SUSPECT: Readonly<Record<Suspect, readonly string[]>> = {
  power: ["It stopped at the first erase, when the chip draws the most: the supply is the usual cause.", POWER],
  line: ["It failed at different places, which points to the wires or the speed and not to the flash.", SHORT_WIRES],
  place: [
    "It failed at the same place each time, which points to write protection or a worn flash and not to the wires.",
  ],
  cable: ["The adapter went away in the middle: check its plug and its cable first."],
};

/** In place of the general ones where boot code is all that answers. */
const LIFELINE_STEPS: readonly string[] = [
  "Use an application file, which starts at 0x011000.",
  "On this chip the boot code is all that answers over serial: after a mistake there only desoldering the flash, or an SPI programmer on its pins, helps. So it is never written, whatever is allowed.",
];

/** Codes whose title gains by naming the place in the flash. */
const WITH_PLACE: ReadonlySet<FlasherErrorCode> = new Set([
  "read-crc-mismatch",
  "erase-failed",
  "write-failed",
  "verify-failed",
  "stray-write",
  "flash-protected",
]);

const AFTERWARDS: Readonly<Record<FlashCondition, string | undefined>> = {
  untouched: undefined,
  "partly-written": "The flash is only partly written, so the device may not start: flash again.",
  written: "Everything was written, but not proven: verify the file, or flash it again.",
};

/** What became of the rest of the flash; nothing is said of what is not known. */
const OUTSIDE: Readonly<Record<OutsideCondition, string | undefined>> = {
  untouched: "Nothing outside the planned range was changed.",
  "in-doubt": undefined,
  changed:
    "A place outside the planned range was or may have been changed, as noted. If the device misbehaves, restore the backup.",
};

const DOWNLOADS: Readonly<Record<Download["kind"], string>> = {
  "openbeken-qio": "Use the file of the same OpenBeken release that has _QIO_ in its name, for {0}.",
  "openbeken-ua": "Use the file of the same OpenBeken release that has _UA_ in its name, for {0}.",
  "esphome-uf2": "Use the .uf2 file that ESPHome offers when the same build is downloaded.",
  "build-uf2": "Use the UF2 file of the same build or release.",
};

/** Puts a sentence of this file into the reader's language; `{0}` in it stands for the value. */
export type TranslateRemedy = (sentence: string, ...values: readonly string[]) => string;

const asWritten: TranslateRemedy = (sentence, ...values) => fillIn(sentence, values);

/**
 * The advice for one failure, sharpened by its context and by what it left behind on the chip.
 * @param translate called with each whole sentence, so that a surface can show it in another language
 */
export function remedyFor(error: FlasherError, translate: TranslateRemedy = asWritten): Remedy {
  const { code, context } = error;
  const general = stepsFor(error).filter((step) => step !== SERIAL_FILE || !(context.instead || context.download));
  const steps = [...new Set([...(error.suspect ? BY_SUSPECT[error.suspect] : []), ...general])].map((step) =>
    translate(step),
  );
  steps.unshift(...surroundingSteps(error.around, translate));
  const instead = insteadOf(context, translate);
  if (instead !== undefined) steps.unshift(instead);
  const afterwards = AFTERWARDS[error.flash];
  if (afterwards !== undefined) steps.push(translate(afterwards));
  else if (code === "cancelled") steps.unshift(translate("Nothing was changed on the chip."));
  const outside = error.flash === "partly-written" && error.outside ? OUTSIDE[error.outside] : undefined;
  if (outside !== undefined) steps.push(translate(outside));
  return { title: titleFor(code, context, translate), steps };
}

/** What to do about what of the machine is in the way, one sentence each. */
export function surroundingSteps(
  around: readonly Surrounding[],
  translate: TranslateRemedy = asWritten,
): readonly string[] {
  return around.map(({ kind, values = [] }) => translate(SURROUNDING_STEPS[kind], ...values));
}

/** Which file would do, in one sentence; undefined where that is not known. */
export function insteadOf(
  { instead, download }: ErrorContext,
  translate: TranslateRemedy = asWritten,
): string | undefined {
  if (instead) return translate("Use {0} instead.", instead);
  return download && translate(DOWNLOADS[download.kind], ...(download.chip === undefined ? [] : [download.chip]));
}

function titleFor(code: FlasherErrorCode, { address, port, file }: ErrorContext, translate: TranslateRemedy): string {
  const title = translate(REMEDIES[code].title);
  const at = WITH_PLACE.has(code) && address !== undefined ? translate("at {0}", hexAddress(address)) : undefined;
  const place = at ?? (code.startsWith("port-") ? port : code.startsWith("file-") ? file : undefined);
  // Before the full stop, whatever the language ends its sentences with.
  return place ? `${title.slice(0, -1)} (${place})${title.slice(-1)}` : title;
}

function stepsToStart(trouble: StartTrouble, { lifeline, holdsBootCode }: ErrorContext): readonly string[] {
  if (trouble === "boot-code" && lifeline === true) return [...LIFELINE_START_STEPS, START_ALL_THE_SAME];
  return [...(holdsBootCode === true ? [WITH_ITS_BOOT_CODE] : []), ...START_STEPS[trouble], START_ALL_THE_SAME];
}

/** The general steps, or those for what the chip itself said. */
function stepsFor({ code, context, job }: FlasherError): readonly string[] {
  const { status, crcSays, lifeline, trouble } = context;
  if (trouble !== undefined) return stepsToStart(trouble, context);
  const ofJob = STEPS_BY_JOB[job ?? ""]?.[code];
  const general = ofJob ?? REMEDIES[code].steps;
  if (crcSays !== undefined) return [CRC_STEPS[crcSays], ...general];
  if (ofJob) return ofJob;
  if (code === "plan-touches-bootloader" && lifeline === true) return LIFELINE_STEPS;
  if (status === undefined || !(code === "chip-status" || code === "command-unsupported")) return general;
  const { steps = [] } = STATUS_BYTES[status] ?? {};
  return steps.length > 0 ? steps : general;
}

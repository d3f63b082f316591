/**
 * What comes before boot code is changed: the person's word, and a copy that is proven. Asks and reads; what may then be
 * written is the plan's and the write guard's business.
 */
import { equalBytes } from "../base/bytes";
import { throwIfAborted } from "../base/timing";
import type { Words } from "../base/words";
import { assertConfirmed, bootloaderToken, nameToType, type BootloaderToken } from "../driver/bootloaderToken";
import type { JobContext } from "../driver/jobContext";
import type { BootloaderConsent, FlashRequest, Run } from "./events";
import { mendAgainstChip, readRange } from "./readFlash";

/** A person's yes to a change of the boot code, and where its copy goes. */
export interface ConfirmedBootloader extends Pick<BootloaderConsent, "save"> {
  readonly typed: string;
}

/**
 * @param consent undefined where no person can be asked: no answer to what was offered, and none that is right to what was wanted
 * @returns undefined when the person would rather not
 * @throws PlanError `bootloader-not-confirmed` when something else than the chip's name was typed
 */
export async function confirmBootloader(
  { device, identity, signal }: JobContext,
  allowed: NonNullable<FlashRequest["bootloader"]>,
  consent: BootloaderConsent | undefined,
  differs: boolean | undefined,
  trouble?: Words,
): Promise<ConfirmedBootloader | undefined> {
  if (!consent && allowed === "wanted") assertConfirmed(identity, "");
  if (!consent) return undefined;
  const question = { chip: identity, name: nameToType(identity), differs, trouble, signal };
  const typed = await device.whileAwake(() => consent.confirm(question));
  throwIfAborted(signal, "confirm the change of the boot code");
  if (typed === undefined) return undefined;
  assertConfirmed(identity, typed);
  return { typed, save: (bytes, chip) => consent.save(bytes, chip) };
}

/**
 * Reads what is below the application twice, has it stored, and makes the token of all that.
 * @throws what the token throws when something of the proof is missing; whatever storing throws
 */
export async function* proveBootloaderCopy(
  context: JobContext,
  { typed, save }: ConfirmedBootloader,
): Run<BootloaderToken> {
  const { device, identity, geometry } = context;
  const area = { start: 0, end: geometry.bootCodeEnd };
  const first = yield* readRange(context, area, false);
  yield* mendAgainstChip(context, first, area.start);
  const second = yield* readRange(context, area, false);
  if (!equalBytes(first, second)) yield* mendAgainstChip(context, second, area.start);
  const stored = await device.whileAwake(() => save(first, identity));
  return bootloaderToken({ chip: identity, typed, readings: [first, second], stored });
}

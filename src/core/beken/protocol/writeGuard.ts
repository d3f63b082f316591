/**
 * The last check before an erase or write leaves for the chip: does an approved plan cover it? Works on plain data that
 * the plan's owner hands in; knows neither plans nor what is in the flash. Addresses are bytes of physical flash.
 */
import { alignDown, hexAddress } from "../../base/bytes";
import { ProtocolError } from "../../base/errors";
import { contains, describeRange, join, type Range } from "../../base/ranges";
import { words, type Words } from "../../base/words";
import type { CommandName } from "../chips/types";
import { isIssued } from "../../driver/bootloaderToken";
import type { PlanGrant } from "../../driver/chipDevice";
import { describeRequest, effectOf, type CommandFields } from "./commandTable";

/**
 * Boot code of every chip known lies below. A number of its own, and no row's: what a chip's row says, or fails to say, can only
 * raise it.
 */
const WALL = 0x11000;

/** A plan that names less names no flash. */
const SMALLEST_FLASH = 0x10000;

/** A plan's grant as the link holds it. */
export interface WriteGrant extends PlanGrant {
  /** What completes half an erase without leaving the grant, where the chip refuses no address; elsewhere FF does. */
  readonly filler?: number;
}

/**
 * Throws ProtocolError "frame-refused" unless everything the request may change in the flash lies inside the grant.
 * Requests that change nothing pass without one; a status-register write only needs a grant to exist.
 */
export function assertCovered<Name extends CommandName>(
  grant: WriteGrant | undefined,
  name: Name,
  fields: CommandFields[Name],
): void {
  const effect = effectOf(name, fields);
  if (effect.kind === "none") return;
  const refuse = (detail: Words, range?: Range): never => {
    const where = range === undefined ? {} : { address: range.start, length: range.end - range.start };
    throw new ProtocolError("frame-refused", describeRequest(name, fields), { detail, ...where });
  };
  if (grant === undefined) return refuse(words`no plan was approved`);
  if (effect.kind === "status") return;

  const { flashSize } = grant;
  if (!Number.isInteger(flashSize) || flashSize < SMALLEST_FLASH || (flashSize & (flashSize - 1)) !== 0) {
    refuse(words`the plan "${grant.label}" names no possible flash size`);
  }
  // The flash drops the upper address bits, and erases the whole unit around the address.
  const physical = effect.address % flashSize;
  const start = effect.kind === "erase" ? alignDown(physical, effect.length) : physical;
  const range: Range = { start, end: start + effect.length };
  if (range.end > flashSize) refuse(words`it would wrap around the end of the flash`, range);
  const bootCodeEnd = Math.max(WALL, grant.bootCodeEnd ?? WALL);
  // Also of a figure that is none.
  if (!(range.start >= bootCodeEnd) && !isIssued(grant.bootloaderToken)) {
    refuse(words`boot code lies below ${hexAddress(bootCodeEnd)}`, range);
  }
  const allowed = join(effect.kind === "erase" ? grant.eraseRanges : grant.writeRanges);
  if (!allowed.some((one) => contains(one, range))) {
    refuse(words`the plan "${grant.label}" does not cover ${describeRange(range)}`, range);
  }
}

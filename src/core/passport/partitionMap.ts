/**
 * How a flash is divided: by the boot code's own table first, then by what is found in it, then as is usual on its chip; what is left
 * is listed too, so that the map has no holes.
 */
import { rangeOf, subtract, type Range } from "../base/ranges";
import { words } from "../base/words";
import { CALIBRATION_LENGTH, findCalibration } from "../beken/chips/calibration";
import type { FlashLayout } from "../beken/chips/types";
import { APP_PHYSICAL } from "../beken/images/appKey";
import { physicalRange, type FalPartition } from "../beken/images/fal";
import { holdingOf, type Holding } from "./holdings";
import type { FoundSettings } from "./deviceSettings";
import { FLASHDB_SECTOR } from "./flashDb";
import { OPENBEKEN_SECTOR } from "./openBekenSettings";
import { TUYA_BLOCK } from "./tuyaFormat";
import { tuyaExtent } from "./tuyaSettings";

export interface MapPart extends Range {
  readonly name: string;
  /** Who says that there is a partition here. */
  readonly from: "boot-code" | "content" | "layout" | "rest";
  readonly holds: Holding;
}

interface Claim extends Range {
  readonly name: string;
  readonly from: MapPart["from"];
  readonly holds?: Holding;
}

/** More than these in a row are one made for the purpose, not a flash. */
const MOST_CALIBRATIONS = 8;

export interface MapSources {
  readonly table: readonly FalPartition[];
  readonly settings: FoundSettings;
  readonly layout: FlashLayout | undefined;
  /** What the application is. */
  readonly application: Holding | undefined;
}

/** @param flash from address 0 */
export function partitionMap(flash: Uint8Array, sources: MapSources): readonly MapPart[] {
  const claims = [
    ...tableClaims(sources.table),
    ...foundClaims(flash, sources.settings),
    ...layoutClaims(sources.layout),
  ];
  const whole: Range = { start: 0, end: flash.length };
  const parts: MapPart[] = [];
  let taken: Range[] = [];
  for (const claim of claims) {
    const end = Math.min(claim.end, flash.length);
    for (const { start, end: until } of subtract([{ start: claim.start, end }], taken))
      parts.push(partOf(flash, { ...claim, start, end: until }, sources.application));
    taken = [...taken, { start: claim.start, end }];
  }
  for (const rest of subtract([whole], taken))
    parts.push(partOf(flash, { ...rest, name: "", from: "rest" }, sources.application));
  return parts.sort((a, b) => a.start - b.start);
}

function partOf(flash: Uint8Array, claim: Claim, application: Holding | undefined): MapPart {
  const { name, start, end, from } = claim;
  const holds = claim.holds ?? holdingOf(flash, start, end);
  const isApplication = start === APP_PHYSICAL && holds.kind === "code" && application !== undefined;
  return { name, start, end, from, holds: isApplication ? application : holds };
}

/** Where two overlap, the one that begins later is meant there. */
function tableClaims(table: readonly FalPartition[]): Claim[] {
  return table
    .map((partition): Claim => ({ name: partition.name, from: "boot-code", ...physicalRange(partition) }))
    .sort((a, b) => b.start - a.start);
}

function foundClaims(flash: Uint8Array, { tuya, openBeken, preferences }: FoundSettings): Claim[] {
  const claims: Claim[] = [];
  if (tuya) {
    const holds: Holding = { kind: "tuya-settings", words: words`Tuya's settings` };
    claims.push({ name: "tuya", from: "content", holds, ...tuyaExtent(tuya) });
    for (const at of tuya.protectedAt) {
      const copy: Holding = { kind: "tuya-protected", words: words`Tuya's protected copy of identity and network` };
      claims.push({ name: "protected", from: "content", holds: copy, ...rangeOf(at, TUYA_BLOCK) });
    }
  }
  if (openBeken) {
    const holds: Holding = { kind: "openbeken-settings", words: words`OpenBeken's settings` };
    claims.push({ name: "config", from: "content", holds, ...rangeOf(openBeken.at, OPENBEKEN_SECTOR) });
  }
  if (preferences) {
    const { at, sectors, names } = preferences;
    const holds: Holding = { kind: "preferences", words: words`FlashDB with ${names.length} entries` };
    claims.push({ name: "kvs", from: "content", holds, ...rangeOf(at, sectors * FLASHDB_SECTOR) });
  }
  let at = findCalibration(flash, APP_PHYSICAL);
  for (let count = 0; at !== undefined && count < MOST_CALIBRATIONS; count++) {
    claims.push({ name: "calibration", from: "content", ...rangeOf(at, CALIBRATION_LENGTH) });
    at = findCalibration(flash, at + CALIBRATION_LENGTH);
  }
  return claims;
}

function layoutClaims(layout: FlashLayout | undefined): Claim[] {
  return (layout?.partitions ?? []).map(({ name, offset, length }) => ({
    name,
    from: "layout",
    ...rangeOf(offset, length),
  }));
}

/**
 * Several programs one behind the other, as chips with more than one core have them: each in CRC-16 blocks that are counted from
 * address 0, blank flash between them. Pure.
 * Source: partition tables and packager of Beken's bk_idk, whose code partitions are multiples of 68 KiB.
 */
import { hexAddress, isFilledWith } from "../../base/bytes";
import { words } from "../../base/words";
import { thumbVectors } from "../chips/thumbVectors";
import { brokenBlock } from "./appChecks";
import { APP_PHYSICAL } from "./appKey";
import { BLOCK_SIZE, blockState } from "./crcBlocks";
import type { Finding, ImageReport } from "./report";
import { scanCode } from "./soundCode";

export interface Programs {
  /** Where each begins and ends; flash addresses. */
  readonly each: readonly { readonly start: number; readonly end: number }[];
  /** Good blocks of all. */
  readonly blocks: number;
  readonly findings: readonly Finding[];
  /** Where something begins that is no program; undefined where nothing but blank flash follows the last. */
  readonly otherAt: number | undefined;
}

/** So much of a program is no chance. */
const FEW_BLOCKS = 8;

/** @param flash from address 0; looked at from 0x11000 until something comes that is no program */
export function findPrograms(flash: Uint8Array): Programs {
  const each: { readonly start: number; readonly end: number }[] = [];
  const findings: Finding[] = [];
  let blocks = 0;
  for (let at = APP_PHYSICAL; ;) {
    const start = nextContent(flash, at);
    if (start === undefined) return { each, blocks, findings, otherAt: undefined };
    const scan = scanCode(flash, start);
    const beginsBadly = scan.holes.includes(start);
    if (scan.blocks === 0 || (beginsBadly && scan.blocks < FEW_BLOCKS)) {
      // What goes on right behind a program, where no partition can begin, is its end, damaged.
      const isTorn = start === at && at > APP_PHYSICAL && at % PARTITIONS !== 0;
      if (isTorn) findings.push(blockAt(flash, start));
      return { each, blocks, findings, otherAt: start };
    }
    findings.push(...scan.holes.map((hole) => blockAt(flash, hole)));
    each.push({ start, end: scan.end });
    blocks += scan.blocks;
    at = scan.end;
  }
}

/** Partitions begin at multiples of a sector. */
const PARTITIONS = 0x1000;

function blockAt(flash: Uint8Array, at: number): Finding {
  return brokenBlock(flash, (at - APP_PHYSICAL) / BLOCK_SIZE, at, at);
}

/** The first block from `at` on that is not blank, or what is left of one at the end. */
function nextContent(flash: Uint8Array, at: number): number | undefined {
  let next = at;
  while (next + BLOCK_SIZE <= flash.length && blockState(flash, next) === "erased") next += BLOCK_SIZE;
  return isFilledWith(flash, 0xff, next, flash.length) ? undefined : next;
}

/** Such chips' code, by the vectors of the application. */
export function mayBeSeveral(flash: Uint8Array): boolean {
  return thumbVectors(flash.subarray(APP_PHYSICAL)) !== undefined;
}

/**
 * Checks and notes what lies from 0x11000 on.
 * @param isImage made by a packager: then nothing may be damaged, and what is no program is written with them
 * @returns the first flash address behind what is to be written
 */
export function checkPrograms(report: ImageReport, flash: Uint8Array, isImage: boolean): number {
  const { each, blocks, findings, otherAt } = findPrograms(flash);
  if (findings.length > 0) report.add(...findings);
  else report.add({ name: words`CRC-16 blocks`, verdict: "ok", detail: words`${blocks} blocks` });
  if (each.length > 1)
    for (const { start, end } of each) report.fact(words`Program`, words`${hexAddress(start)}..${hexAddress(end)}`);
  const end = each.at(-1)?.end ?? APP_PHYSICAL;
  if (otherAt === undefined || !isImage || findings.length > 0) return end;
  report.warn(
    "content-unchecked",
    words`what begins at ${hexAddress(otherAt)} is no program; it is written as it is, nothing in it can be checked`,
  );
  return flash.length;
}

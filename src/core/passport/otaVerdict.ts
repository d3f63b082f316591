/**
 * Whether an update over the air will be unpacked by the boot code of a device. The application puts a package into a partition; only
 * boot code that looks for one there unpacks it. Source: docs/formats.md ("Updates over the air").
 */
import { hexAddress } from "../base/bytes";
import type { Range } from "../base/ranges";
import { words, type Words } from "../base/words";
import { CHIPS } from "../beken/chips/chips";
import { findLayout } from "../beken/chips/layouts";
import type { BootloaderProfile, ChipId } from "../beken/chips/types";
import type { BoardProfile } from "../beken/chips/boards";

export interface UpdateVerdict {
  readonly firmware: "LibreTiny" | "OpenBeken";
  readonly works: "yes" | "no" | "unknown";
  readonly words: Words;
}

export interface UpdateFacts {
  readonly hasBootCode: boolean;
  readonly profile: BootloaderProfile | undefined;
  /** By the boot code's own table, physical. */
  readonly download: Range | undefined;
  readonly hasTable: boolean;
  readonly chip: ChipId | undefined;
  readonly board: BoardProfile | undefined;
}

/** The package's header alone; no package is shorter. */
const LEAST_ROOM = 0x60;

export function updateVerdicts(facts: UpdateFacts): readonly UpdateVerdict[] {
  return [
    { firmware: "LibreTiny", ...libreTiny(facts) },
    { firmware: "OpenBeken", ...openBeken(facts) },
  ];
}

type Verdict = Omit<UpdateVerdict, "firmware">;

const unknown = (why: Words): Verdict => ({ works: "unknown", words: why });
const no = (why: Words): Verdict => ({ works: "no", words: why });

/** What holds for every firmware; undefined where it depends on where the firmware puts its package. */
function common({ hasBootCode, hasTable, download, profile, chip }: UpdateFacts): Verdict | undefined {
  if (chip !== undefined && CHIPS[chip].inferred)
    return unknown(words`where boot code of this chip looks for updates was not seen on hardware`);
  if (!hasBootCode) return unknown(words`there is no boot code to tell`);
  if (download && download.end - download.start > LEAST_ROOM) return undefined;
  if (!hasTable && profile?.download !== undefined) return undefined;
  return hasTable
    ? no(words`the boot code's table has no download partition: updates go over the wire only`)
    : no(words`the boot code has no partition table, so it looks for no package: updates go over the wire only`);
}

function placeOf({ download, profile }: UpdateFacts): number {
  return download?.start ?? profile?.download ?? 0;
}

function compare(facts: UpdateFacts, wanted: number): Verdict {
  const place = placeOf(facts);
  return place === wanted
    ? { works: "yes", words: words`the boot code unpacks what is put at ${hexAddress(place)}, where it is put` }
    : no(words`it puts its package at ${hexAddress(wanted)}, but the boot code looks at ${hexAddress(place)}`);
}

function libreTiny(facts: UpdateFacts): Verdict {
  const decided = common(facts);
  if (decided) return decided;
  const { board } = facts;
  const wanted = board && findLayout(board.layout)?.partitions.find(({ name }) => name === "download")?.offset;
  if (board === undefined || wanted === undefined)
    return unknown(words`which board it would be built for is not known`);
  return compare(facts, wanted);
}

function openBeken(facts: UpdateFacts): Verdict {
  const decided = common(facts);
  if (decided) return decided;
  const { chip } = facts;
  if (chip === undefined) return unknown(words`which chip it would be built for is not known`);
  const { openBekenUpdateAt } = CHIPS[chip];
  if (openBekenUpdateAt === undefined)
    return no(words`on this chip the vendor's boot code unpacks without encrypting, or not at all`);
  return compare(facts, openBekenUpdateAt);
}

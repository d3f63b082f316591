/** What a job's progress and failure mean for its flash map. Pure; the reducer in jobState.ts is the only one that asks. */
import type { FlasherErrorCode } from "../core/base/errors";
import type { JobEvent, JobKind } from "../core/jobs/events";
import { markRange, type FlashMap, type SectorState } from "./flashMap";

type Progress = Extract<JobEvent, { readonly type: "progress" }>;

/** @param plans true for a job that changes flash */
export function drawn(map: FlashMap, { phase, address, length }: Progress, plans: boolean): FlashMap {
  const range = { start: address, end: address + length };
  // A job that writes reads boot code only to keep a copy: its sectors show what becomes of them, not that.
  const isAside = plans && (phase === "read" || phase === "check");
  if (isAside) return map;
  switch (phase) {
    case "erase":
      return markRange(map, range, "erased");
    case "write":
    case "repair":
      return markRange(map, range, "written");
    case "verify":
    case "check":
      return markRange(map, range, "verified");
    case "read":
      return markRange(map, range, "read");
    // Looked at on the way to something else: these sectors are not what the job is about.
    case "preserve":
    case "compare":
    case "scan":
    case "identify":
    case "reboot":
    case "starts":
    case "backup":
    case "backup-check":
      return map;
  }
}

/** Blocks that failed count as passed until their first bad sector is named: only what lies below it is proven. */
export function markFailure(map: FlashMap, kind: JobKind, address: number, code: FlasherErrorCode): FlashMap {
  const before: SectorState = kind === "flash" || kind === "restore" ? "written" : kind === "erase" ? "erased" : "kept";
  const unproven =
    code === "verify-failed" ? markRange(map, { start: address, end: map.size }, before, ["verified"]) : map;
  return markRange(unproven, { start: address, end: address + 1 }, "failed");
}

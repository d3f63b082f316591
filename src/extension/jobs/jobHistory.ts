/**
 * The jobs that have ended, newest first: a line for each, which survives a reload of the window. Bounded; knows lines, not
 * jobs.
 */
import type { Memory } from "../platform/memory";
import type { HistoryEntry } from "../../shared/historyEntry";
import { isJobKind } from "../../shared/jobKinds";

const STORED = "beken.history";
const KEPT = 40;

export class JobHistory {
  private list: readonly HistoryEntry[];

  /** @param memory of the workspace */
  constructor(private readonly memory: Memory) {
    const stored = memory.get<unknown>(STORED);
    this.list = Array.isArray(stored) ? stored.filter(isEntry).slice(0, KEPT) : [];
  }

  get entries(): readonly HistoryEntry[] {
    return this.list;
  }

  /** @throws whatever storing it throws */
  async add(entry: HistoryEntry): Promise<void> {
    this.list = [entry, ...this.list].slice(0, KEPT);
    await this.memory.update(STORED, this.list);
  }
}

const STATUSES: readonly unknown[] = ["succeeded", "failed", "cancelled"] satisfies readonly HistoryEntry["status"][];
/** Another version may have stored it. */
function isEntry(value: unknown): value is HistoryEntry {
  if (typeof value !== "object" || value === null) return false;
  const entry = value as Readonly<Record<keyof HistoryEntry, unknown>>;
  return (
    [entry.id, entry.title, entry.portLabel].every((text) => typeof text === "string") &&
    [entry.startedAt, entry.durationMs].every((number) => Number.isFinite(number)) &&
    STATUSES.includes(entry.status) &&
    isJobKind(entry.kind) &&
    (entry.remark === undefined || typeof entry.remark === "string") &&
    (entry.figures === undefined || areFigures(entry.figures))
  );
}

/** Sizes, and what is so or not. */
function areFigures(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((figure) => Number.isFinite(figure) || typeof figure === "boolean")
  );
}

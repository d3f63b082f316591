/** A line of a ledger for tests that are about something else. */
import type { RoundEntry } from "../../../src/core/index";

export function roundEntry(part: Partial<RoundEntry> = {}): RoundEntry {
  return {
    id: "1",
    time: "2026-11-30T12:00:00.000Z",
    port: "COM5",
    device: { chip: "bk7231n", mac: null, jedecId: null, flashSize: 0x200000, bootloader: null, calibration: null },
    sha256: "a".repeat(64),
    result: "verified",
    durationMs: 1,
    backup: null,
    code: null,
    detail: null,
    ...part,
  };
}

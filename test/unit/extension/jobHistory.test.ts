/** The history of jobs, over a reload of the window. */
import assert from "node:assert/strict";
import type { Memento } from "vscode";
import { JobHistory } from "../../../src/extension/jobs/jobHistory";
import type { HistoryEntry } from "../../../src/shared/historyEntry";

class Memory implements Memento {
  constructor(private value: unknown = undefined) {}
  keys(): readonly string[] {
    return [];
  }
  get<T>(): T | undefined {
    return this.value as T | undefined;
  }
  async update(_key: string, value: unknown): Promise<void> {
    // As the editor does: only what survives JSON.
    this.value = JSON.parse(JSON.stringify(value));
  }
}

const entry = (id: string): HistoryEntry => ({
  id,
  kind: "flash",
  title: `Flash ${id}`,
  portLabel: "/dev/ttyUSB0",
  status: "succeeded",
  startedAt: 1,
  durationMs: 2,
  remark: undefined,
  figures: { bytesWritten: 0x1000, verified: true },
});

describe("job history", () => {
  it("is there again after a reload, newest first and bounded", async () => {
    const memory = new Memory();
    const before = new JobHistory(memory);
    for (let i = 0; i < 60; i++) await before.add(entry(String(i)));
    const after = new JobHistory(memory);
    assert.deepEqual(
      after.entries.map(({ id }) => id),
      Array.from({ length: 40 }, (_, i) => String(59 - i)),
    );
  });

  it("takes nothing that is not a line of it", () => {
    for (const stored of [
      "x",
      5,
      {},
      [null],
      [7],
      [{ ...entry("a"), status: "running" }],
      [{ ...entry("a"), kind: 1 }],
      [{ ...entry("a"), kind: "toString" }],
      [{ ...entry("a"), figures: "many" }],
      [{ ...entry("a"), figures: { bytesWritten: "many" } }],
    ])
      assert.deepEqual(new JobHistory(new Memory(stored)).entries, []);
    const earlier = { ...entry("b"), figures: undefined };
    assert.equal(new JobHistory(new Memory([entry("a"), "x", earlier])).entries.length, 2);
  });
});

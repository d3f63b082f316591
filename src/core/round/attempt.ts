/** One device of a round on its way to an entry of the ledger. Knows no ports. */
import type { DeviceMark } from "../backup/manifest";
import type { FlashCondition } from "../base/errors";
import type { Clock } from "../base/timing";
import type { RoundEntry, RoundResult } from "./roundLedger";
import type { RoundObjection } from "./roundRules";

export class Attempt {
  against: RoundObjection | undefined;
  backup: string | null = null;
  begun = false;
  /** What the job has left. */
  flash: FlashCondition = "untouched";
  isUnwritable = false;
  private readonly id = crypto.randomUUID();
  private readonly since: number;

  constructor(
    private readonly port: string,
    readonly mark: DeviceMark,
    private readonly isAnother: boolean,
    private readonly sha256: string,
    private readonly at: Date,
    private readonly clock: Clock,
  ) {
    this.since = clock.now();
  }

  ended(result: RoundResult, code: string | null, detail: string | null): RoundEntry {
    const { id, port, mark: device, isAnother, sha256, backup } = this;
    const durationMs = Math.round(this.clock.now() - this.since);
    const told = { sha256, result, durationMs, backup, code, detail };
    return { id, time: this.at.toISOString(), port, device, ...(isAnother && { isAnother }), ...told };
  }
}

/**
 * The person's yes to a write that an assistant has asked for. It never comes out of the assistant's own words: where its program can
 * show a question of ours to the person, the plan is asked about there; elsewhere it waits for `beken-flasher approve` at a terminal,
 * and the assistant asks again afterwards.
 */
import type { Approve } from "../../core/index";
import { markOf, type Approvals } from "../jobs/approvals";

/** Shows the plan to the person and resolves with their answer; with undefined where the client could not ask them. */
export type AskPerson = (lines: readonly string[]) => Promise<boolean | undefined>;

export interface Waiting {
  readonly code: string;
  readonly lines: readonly string[];
}

export class Consent {
  /** The plan that waits for a yes elsewhere; nothing was written. */
  waiting: Waiting | undefined;

  /** @param lines what the person reads, when it is asked */
  constructor(
    private readonly approvals: Approvals,
    private readonly askPerson: AskPerson | undefined,
    private readonly port: string,
    private readonly lines: () => readonly string[],
  ) {}

  readonly approve: Approve = async (plan, chip) => {
    const mark = markOf(plan, chip, this.port);
    if (await this.approvals.take(mark)) return true;
    const lines = [`On ${this.port}:`, ...this.lines()];
    const answer = await this.askPerson?.(lines);
    if (answer !== undefined) return answer;
    this.waiting = { code: await this.approvals.ask(mark, lines), lines };
    return false;
  };
}

/** The output of a command that a tool runs: kept for its answer. Nothing is printed: standard output is the protocol's. */
import { silentLog, type FlasherError, type JobEvent } from "../../core/index";
import { PHASE_WORDS, eventWords } from "../terminal/eventTexts";
import type { Output, ResultLine } from "../terminal/output";

const OF_PLAN: ReadonlySet<JobEvent["type"]> = new Set(["identified", "restore-planned", "planned", "backup-planned"]);

export class ToolOutput implements Output {
  readonly log = silentLog;
  /** Whoever reads an answer can answer nothing. */
  readonly isInteractive = false;
  /** The plan as people read it. */
  readonly plan: string[] = [];
  private readonly lines: string[] = [];
  private answer: ResultLine = {};

  /** @param progress told what is being done */
  constructor(private readonly progress: (doing: string) => void) {}

  /** What a command has found, and what it has said on the way. */
  get found(): ResultLine {
    return { ...this.answer, notes: this.lines };
  }

  event(event: JobEvent): void {
    const said = eventWords(event);
    if (OF_PLAN.has(event.type)) this.plan.push(...said);
    else if (event.type === "note") this.lines.push(...said);
    if (event.type === "linking" && event.needsPerson) this.progress("Waiting for the chip: power-cycle it now");
    else if (event.type === "phase-started") this.progress(PHASE_WORDS[event.phase]);
    else if (event.type === "progress")
      this.progress(`${PHASE_WORDS[event.phase]}: ${Math.floor((100 * event.done) / Math.max(1, event.total))} %`);
  }

  facts(lines: readonly string[]): void {
    this.lines.push(...lines);
  }

  news(lines: readonly string[]): void {
    this.lines.push(...lines);
  }

  result(summary: readonly string[], json: ResultLine): void {
    this.lines.push(...summary);
    this.answer = json;
  }

  failure(error: FlasherError): void {
    this.lines.push(error.message);
  }

  usage(message: string): void {
    this.lines.push(message);
  }
}

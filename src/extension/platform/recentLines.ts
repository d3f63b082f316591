/** The last lines of the log as they were, for diagnostics; what others must not read is taken out there. Pure. */

export type LineLevel = "trace" | "debug" | "info" | "error";

const LEVEL_WIDTH = 8;

export class RecentLines {
  private readonly lines: (readonly [LineLevel, string | (() => string)])[] = [];

  constructor(private readonly limit: number) {}

  /** @param line made when it is read, which most are not */
  add(level: LineLevel, line: string | (() => string)): void {
    this.lines.push([level, line]);
    // Now and then and not each time: moving hundreds of lines for one is most of the work.
    if (this.lines.length > 2 * this.limit) this.lines.splice(0, this.lines.length - this.limit);
  }

  get text(): string {
    const last = this.lines.slice(-this.limit);
    return last
      .map(([level, line]) => level.padEnd(LEVEL_WIDTH) + (typeof line === "string" ? line : line()))
      .join("\n");
  }
}

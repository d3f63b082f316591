/** The last lines of the log as they were, for diagnostics; what others must not read is taken out there. Pure. */

export type LineLevel = "trace" | "debug" | "info" | "error";

const LEVEL_WIDTH = 8;

export class RecentLines {
  private readonly lines: string[] = [];

  constructor(private readonly limit: number) {}

  add(level: LineLevel, line: string): void {
    this.lines.push(level.padEnd(LEVEL_WIDTH) + line);
    if (this.lines.length > this.limit) this.lines.splice(0, this.lines.length - this.limit);
  }

  get text(): string {
    return this.lines.join("\n");
  }
}

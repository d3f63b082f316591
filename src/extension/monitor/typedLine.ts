/** The line a person types below a log: echo, backspace, history by the arrow keys. Pure; takes keys as a terminal sends them. */

const UP = "\u001b[A";
const DOWN = "\u001b[B";
const BACKSPACE = ["\u007f", "\b"];
const CLEAR = "\u0015";
const MOST_LINES = 100;

export interface Typed {
  /** What the terminal shows of it. */
  readonly echo: string;
  /** Lines that were ended, without their ends. */
  readonly lines: readonly string[];
}

export class TypedLine {
  private text = "";
  private readonly past: string[] = [];
  /** Where in the history the arrow keys are; its length for the line that is being typed. */
  private at = 0;

  push(keys: string): Typed {
    if (keys === UP) return this.recall(-1);
    if (keys === DOWN) return this.recall(1);
    let echo = "";
    const lines: string[] = [];
    for (const key of keys) {
      if (key === "\r" || key === "\n") {
        lines.push(this.text);
        echo += "\r\n";
        this.end();
      } else if (BACKSPACE.includes(key)) {
        if (this.text === "") continue;
        this.text = [...this.text].slice(0, -1).join("");
        echo += "\b \b";
      } else if (key === CLEAR) {
        echo += this.erased();
        this.text = "";
      } else if (key >= " ") {
        this.text += key;
        echo += key;
      }
    }
    return { echo, lines };
  }

  private end(): void {
    if (this.text !== "" && this.past.at(-1) !== this.text) this.past.push(this.text);
    this.past.splice(0, this.past.length - MOST_LINES);
    this.at = this.past.length;
    this.text = "";
  }

  private recall(step: number): Typed {
    const to = this.at + step;
    if (to < 0 || to > this.past.length) return { echo: "", lines: [] };
    const before = this.erased();
    this.at = to;
    this.text = this.past[to] ?? "";
    return { echo: before + this.text, lines: [] };
  }

  private erased(): string {
    return "\b \b".repeat([...this.text].length);
  }
}

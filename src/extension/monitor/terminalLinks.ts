/** What in a monitor's terminal can be followed: a place in a source file, something to do. Pure; bounded memory. */

export interface LinkedText {
  /** A part of a line, as it is printed. */
  readonly text: string;
  readonly follow: () => Promise<void> | void;
}

/** A line that the monitor says, not the device. */
export interface TerminalLine {
  readonly text: string;
  readonly link?: LinkedText;
}

export interface FoundLink {
  /** Characters from the beginning of the line. */
  readonly startIndex: number;
  readonly length: number;
  readonly follow: LinkedText["follow"];
}

const MOST_LINKS = 200;

export class TerminalLinks {
  private links: readonly LinkedText[] = [];

  add(link: LinkedText): void {
    this.links = [link, ...this.links.filter(({ text }) => text !== link.text)].slice(0, MOST_LINKS);
  }

  /** In a line as the terminal shows it; what was said last first. */
  in(line: string): readonly FoundLink[] {
    return this.links.flatMap(({ text, follow }) => {
      const startIndex = line.indexOf(text);
      return startIndex < 0 ? [] : [{ startIndex, length: text.length, follow }];
    });
  }
}

/**
 * One line of progress that is redrawn in place on a terminal and reduced to one line per phase elsewhere.
 * Shows phase, percent, speed and time left.
 */
import type { WriteStream } from "node:tty";
import type { JobEvent, WireState } from "../../core/index";
import { PHASE_WORDS } from "./eventTexts";
import { linkTask, taskWords } from "../../shared/coach";
import { COACH_TEXTS } from "../../shared/coachStrings";
import { formatDuration } from "../../shared/figures";
import { ENGLISH } from "../../shared/strings";

type Drawn = Extract<
  JobEvent,
  { readonly type: "progress" | "phase-started" | "phase-finished" | "linking" | "replugging" }
>;

const REDRAW_EVERY_MS = 100;
const BAR = 24;

/** Short, for one line. */
const WIRE_WORDS: Readonly<Record<WireState, string>> = {
  silence: "nothing heard yet",
  noise: "unreadable bytes",
  echo: "only our own bytes come back",
  crossed: "bytes only while sending",
  "log-text": "the running firmware talks",
  "other-speed": "another speed",
  held: "held in reset",
};

const RESET = "Power-cycle the chip now (or pull CEN to GND for a moment); keep TX, RX and GND connected.";

/** What a person is to do; undefined while there is nothing. */
export function linkingWords(event: Extract<JobEvent, { readonly type: "linking" }>): string | undefined {
  const task = linkTask(event, false);
  if (task === "wait" || task === "watch") return undefined;
  if (task === "reset") return RESET;
  const said = taskWords(event, false, ENGLISH);
  return task === "joined" ? `${COACH_TEXTS.linking.joined} ${COACH_TEXTS.linking.joinedThen}` : said;
}

export class ProgressLine {
  private drawn = false;
  private lastDraw = -Infinity;
  private phaseStarted = 0;
  /** What was asked of the person since the adapter was last seen to go. */
  private readonly asked = new Set<string>();

  constructor(private readonly stream: WriteStream) {}

  draw(event: Drawn): void {
    switch (event.type) {
      case "linking":
        this.drawLinking(event);
        return;
      case "replugging":
        // What is on the wire was powered by the adapter more often than not: the person is asked again.
        this.asked.clear();
        this.redraw(`Waiting for the adapter: ${formatDuration(Math.max(0, event.limitMs - event.elapsedMs))} left`);
        return;
      case "phase-started":
        this.phaseStarted = performance.now();
        this.lastDraw = -Infinity;
        if (!this.stream.isTTY && event.total > 0) this.stream.write(`${PHASE_WORDS[event.phase]} ...\n`);
        return;
      case "progress":
        this.drawProgress(event);
        return;
      case "phase-finished":
        return;
    }
  }

  clear(): void {
    if (this.drawn) this.stream.write("\r\u001b[K");
    this.drawn = false;
  }

  private drawLinking(event: Extract<Drawn, { readonly type: "linking" }>): void {
    const words = linkingWords(event);
    if (words !== undefined && !this.asked.has(words)) {
      this.asked.add(words);
      this.clear();
      this.stream.write(`${words}\n`);
    }
    const left = Math.max(0, event.limitMs - event.elapsedMs);
    this.redraw(`Waiting for the chip: ${WIRE_WORDS[event.wire]}, ${formatDuration(left)} left`);
  }

  private drawProgress(event: Extract<Drawn, { readonly type: "progress" }>): void {
    if (event.done < event.total && performance.now() - this.lastDraw < REDRAW_EVERY_MS) return;
    const share = event.total === 0 ? 1 : event.done / event.total;
    const seconds = (performance.now() - this.phaseStarted) / 1000;
    // A phase of a few steps counts steps, not bytes: a speed would mean nothing.
    const speed =
      event.total >= 0x1000 && seconds > 0 ? `${(event.done / 1024 / seconds).toFixed(0).padStart(5)} KiB/s` : "";
    const left =
      share > 0 && share < 1 && seconds > 0.5 ? `, ${formatDuration((1000 * seconds * (1 - share)) / share)} left` : "";
    const filled = Math.round(share * BAR);
    const bar = `[${"#".repeat(filled)}${" ".repeat(BAR - filled)}]`;
    this.redraw(
      `${PHASE_WORDS[event.phase].padEnd(12)} ${bar} ${(100 * share).toFixed(0).padStart(3)} % ${speed}${left}`,
    );
  }

  private redraw(text: string): void {
    if (!this.stream.isTTY || performance.now() - this.lastDraw < REDRAW_EVERY_MS) return;
    this.lastDraw = performance.now();
    this.drawn = true;
    this.stream.write(`\r\u001b[K${text.slice(0, Math.max(20, this.stream.columns - 1))}`);
  }
}

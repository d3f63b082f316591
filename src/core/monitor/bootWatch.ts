/** Watches a log as its bytes come, and has a verdict at any moment. */
import { TIMING } from "../base/timing";
import { LogMask } from "./logMask";
import { BootHistory } from "./boots";
import type { BootVerdict, VerdictContext } from "./bootVerdict";
import { judge } from "./judgeBoots";
import { LineReader, isText, type HeardLine } from "./logLines";
import { USUAL_SPEED, otherSpeed } from "./logSpeeds";
import { RecentBytes } from "./recentBytes";
import { WideText } from "./wideText";

/** As many of the latest bytes tell whether they are text, and if not, of which speed they are. */
const WINDOW = 256;
const SPEED_WINDOW = 1_024;
const LEAST = 24;

export class BootWatch {
  private readonly reader = new LineReader();
  private readonly history = new BootHistory();
  private readonly recent = new RecentBytes(SPEED_WINDOW);
  private readonly mask = new LogMask();
  private readonly wide = new WideText();
  private bytes = 0;
  private startedAt: number | undefined;
  private lastAt = 0;
  private judgedAt = -Infinity;
  private startsSeen = 0;

  constructor(private readonly context: VerdictContext = {}) {}

  /**
   * Takes bytes of the log, cut anywhere; returns the lines they complete.
   * @param at milliseconds on any clock that runs on
   */
  push(bytes: Uint8Array, at: number): HeardLine[] {
    this.startedAt ??= at;
    this.lastAt = at;
    this.bytes += bytes.length;
    return this.read(this.wide.push(bytes), at);
  }

  private read(bytes: Uint8Array, at: number): HeardLine[] {
    this.recent.push(bytes);
    const lines = this.reader.push(bytes, at);
    for (const line of lines) {
      this.history.push(line);
      this.mask.learn(line.text);
    }
    return lines;
  }

  /** True where the chip was seen to start since this was last asked. */
  startedAgain(): boolean {
    const { count } = this.history;
    const again = count > this.startsSeen;
    this.startsSeen = count;
    return again;
  }

  /** Judges by the present start from now on: those before were not the application's doing. */
  forgetEarlierStarts(): void {
    this.history.forgetEarlier();
    this.startsSeen = this.history.count;
    this.judgedAt = -Infinity;
  }

  /** @param at the time now, on the clock of {@link push} */
  verdict(at: number): BootVerdict {
    return this.judge(at, false);
  }

  /** {@link verdict}, for whoever asks with every piece of a log: undefined where it was judged a moment ago. */
  verdictIfDue(at: number): BootVerdict | undefined {
    if (at - this.judgedAt < TIMING.logJudgeEveryMs) return undefined;
    this.judgedAt = at;
    return this.verdict(at);
  }

  /** The verdict when nothing comes any more; a line without end counts as one. */
  end(): BootVerdict {
    this.read(this.wide.end(), this.lastAt);
    const rest = this.reader.rest();
    if (rest !== undefined) this.history.push(rest);
    return this.judge(this.lastAt, true);
  }

  private judge(at: number, over: boolean): BootVerdict {
    this.startedAt ??= at;
    const noise = this.isNoise();
    const held = noise ? heldByte(this.recent.latest(SPEED_WINDOW)) : undefined;
    const { heardAt = USUAL_SPEED } = this.context;
    const verdict = judge({
      history: this.history,
      bytes: this.bytes,
      quietMs: Math.max(0, at - (this.bytes === 0 ? this.startedAt : this.lastAt)),
      over,
      noise,
      held,
      otherSpeed: noise ? otherSpeed(this.recent.latest(SPEED_WINDOW), heardAt) : undefined,
      context: this.context,
    });
    return {
      ...verdict,
      evidence: verdict.evidence.map(({ text, at: when }) => ({ text: this.mask.mask(text), at: when })),
    };
  }

  private isNoise(): boolean {
    const latest = this.recent.latest(WINDOW);
    return latest.length >= LEAST && !isText(latest);
  }
}

/** The one byte that all are; undefined where they differ. */
function heldByte(bytes: Uint8Array): number | undefined {
  const [first] = bytes;
  return bytes.every((byte) => byte === first) ? first : undefined;
}

/** Judges a saved log. */
export function judgeLog(bytes: Uint8Array, context?: VerdictContext): BootVerdict {
  const watch = new BootWatch(context);
  watch.push(bytes, 0);
  return watch.end();
}

/**
 * Resets as people write them: `R1D0 w120 R0`. Words parted by blanks, one step each, done in their order:
 *
 * - `R1`, `R0`: RTS asserted, released; `D1`, `D0`: DTR. Asserted is low on the pin of a UART adapter. Lines written together
 *   change together, and a line that is not named stays as it is. Both are released at the beginning.
 * - `w120`: waits 120 ms; link checks flow meanwhile.
 * - `reboot`: asks the running firmware to restart. `bridge`: has the bridge do it, where the port's address says how.
 * - `x2`, as the last word: everything before it twice.
 */
import { visible } from "../base/visible";
import { words, type Words } from "../base/words";
import type { ControlLines } from "./transport";

/** One step of a reset. True of a line: asserted, which is low on the pin of a UART adapter. */
export type ResetStep =
  { readonly lines: ControlLines } | { readonly waitMs: number } | { readonly ask: "running-firmware" | "bridge" };

export type ParsedReset =
  | { readonly steps: readonly ResetStep[] }
  /** `at`: the first character that is wrong, counted from 0. */
  | { readonly problem: Words; readonly at: number };

const RELEASED: ControlLines = { dtr: false, rts: false };
const LONGEST_WAIT_MS = 5_000;
const MOST_TIMES = 5;
/** More than any adapter needs; what is longer is no reset. */
const MOST_STEPS = 40;

/** Never throws: what is wrong comes back with its place. */
export function parseResetNotation(text: string): ParsedReset {
  const steps: ResetStep[] = [];
  let lines = RELEASED;
  let repeated = false;
  for (const { 0: written, index: at } of text.matchAll(/\S+/g)) {
    // Wide signs of an East Asian keyboard are those they stand for; what is not seen is written out where it is told of.
    const word = written.normalize("NFKC");
    const wrong = (problem: Words): ParsedReset => ({ problem, at });
    if (repeated) return wrong(words`nothing can follow x2`);
    const [, wait] = /^w(\d+)$/i.exec(word) ?? [];
    const [, times] = /^x(\d+)$/i.exec(word) ?? [];
    if (/^(?:[dr][01])+$/i.test(word)) {
      const twice = /([dr]).*\1/i.exec(word);
      if (twice) return wrong(words`"${word}" sets the same line twice`);
      lines = { dtr: lineIn(word, "d") ?? lines.dtr, rts: lineIn(word, "r") ?? lines.rts };
      steps.push({ lines });
    } else if (wait !== undefined) {
      const waitMs = Number(wait);
      if (waitMs < 1 || waitMs > LONGEST_WAIT_MS) return wrong(words`a wait is 1 to ${LONGEST_WAIT_MS} ms`);
      steps.push({ waitMs });
    } else if (times !== undefined) {
      const count = Number(times);
      if (steps.length === 0) return wrong(words`there is nothing before "${word}" to repeat`);
      if (count < 2 || count > MOST_TIMES) return wrong(words`x takes 2 to ${MOST_TIMES} times`);
      steps.splice(0, steps.length, ...Array.from({ length: count }, () => steps).flat());
      repeated = true;
    } else if (/^reboot$/i.test(word)) steps.push({ ask: "running-firmware" });
    else if (/^bridge$/i.test(word)) steps.push({ ask: "bridge" });
    else
      return wrong(
        words`"${visible(word)}" is no step: R1, R0, D1, D0, w and milliseconds, reboot, bridge, or x2 at the end`,
      );
    if (steps.length > MOST_STEPS) return wrong(words`a reset has at most ${MOST_STEPS} steps`);
  }
  if (steps.every((step) => "waitMs" in step)) return { problem: words`a reset with no step`, at: 0 };
  return { steps };
}

function lineIn(word: string, line: "d" | "r"): boolean | undefined {
  const at = word.toLowerCase().indexOf(line);
  return at < 0 ? undefined : word[at + 1] === "1";
}

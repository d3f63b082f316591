/**
 * Ways to reset a chip without a person, one row each, in the order they are tried. Which of them an adapter is wired for cannot
 * be told but by trying. Rows are data, their steps in the notation that people write too; running one needs a {@link ResetPort}.
 */
import { words, type Words } from "../base/words";
import { TIMING } from "../base/timing";
import { parseResetNotation, type ResetStep } from "./resetNotation";
import type { ControlLines } from "./transport";

export type { ResetStep } from "./resetNotation";

export interface ResetStrategy {
  /** Stable and short: settings, options and memories name it. */
  readonly id: string;
  readonly name: Words;
  readonly steps: readonly ResetStep[];
  /** How long an answer is waited for before the next one's turn, ms. */
  readonly listenMs: number;
}

export interface ResetRow extends ResetStrategy {
  /** Its steps, as people write them. */
  readonly notation: string;
  /**
   * `first`: before a person is asked. `beside`: while the person is asked, for what is rare. `noticed`: once a chip was seen to
   * be held in reset, or a person has named it.
   */
  readonly tried: "first" | "beside" | "noticed";
}

const HOLD = `w${TIMING.resetHoldMs}`;
const LONG_HOLD = `w${TIMING.resetLongMs}`;

function row(tried: ResetRow["tried"], id: string, name: Words, notation: string): ResetRow {
  return { id, name, notation, tried, ...checked(notation) };
}

function checked(notation: string): Pick<ResetStrategy, "steps" | "listenMs"> {
  const parsed = parseResetNotation(notation);
  if ("problem" in parsed) throw new Error(`a reset of the table cannot be read: ${notation}`);
  return withTime(parsed.steps);
}

/** Firmware takes its time to restart; a chip let go of its reset does not. */
function withTime(steps: readonly ResetStep[]): Pick<ResetStrategy, "steps" | "listenMs"> {
  return { steps, listenMs: steps.some((step) => "ask" in step) ? TIMING.rebootListenMs : TIMING.resetListenMs };
}

export const RESET_STRATEGIES: readonly ResetRow[] = [
  row("first", "bridge", words`reset by the bridge's command`, "bridge"),
  row("first", "rts", words`reset through RTS`, `R1D0 ${HOLD} R0`),
  row("first", "dtr", words`reset through DTR`, `D1R0 ${HOLD} D0`),
  row("first", "firmware", words`reboot request to the running firmware`, "reboot"),
  // Some adapters and their drivers swallow the first change of a line after the port was opened.
  row("beside", "rts-twice", words`reset through RTS, twice`, `R1D0 ${HOLD} R0 w50 x2`),
  row("beside", "dtr-twice", words`reset through DTR, twice`, `D1R0 ${HOLD} D0 w50 x2`),
  // On ESP boards two transistors cross the lines: each pulls its pin low only while the other line is released.
  row("beside", "crossed", words`reset as on ESP boards, with both lines crossed`, "D0R1 w100 D1R0 w50 D0R0"),
  row("beside", "both", words`reset through RTS and DTR together`, `R1D1 ${HOLD} R0D0`),
  // With a large capacitor at CEN it takes as long to fall as to rise.
  row("beside", "rts-long", words`reset through RTS, held for long`, `R1D0 ${LONG_HOLD} R0 w300`),
  row("beside", "dtr-long", words`reset through DTR, held for long`, `D1R0 ${LONG_HOLD} D0 w300`),
  // Taken where the lines together were not the first to be moved.
  row("noticed", "both-twice", words`reset through RTS and DTR together, twice`, `R1D1 ${HOLD} R0D0 w50 x2`),
  // The line holds the chip in reset while it is released, so it stays asserted. The first pulse may be swallowed here too.
  row(
    "noticed",
    "rts-held",
    words`reset through RTS, which holds the chip while it is released`,
    `R1D0 w50 R0 ${HOLD} R1`,
  ),
  row(
    "noticed",
    "dtr-held",
    words`reset through DTR, which holds the chip while it is released`,
    `D1R0 w50 D0 ${HOLD} D1`,
  ),
  row(
    "noticed",
    "both-held",
    words`reset through RTS and DTR, which hold the chip while released`,
    `R1D1 w50 R0D0 ${HOLD} R1D1`,
  ),
];

/** Of {@link RESET_STRATEGIES}; undefined where there is none of that name. */
export function resetNamed(id: string): ResetRow | undefined {
  return RESET_STRATEGIES.find((strategy) => strategy.id === id);
}

/** The row for a chip that was expected to be held by released lines, and has answered with those. */
export function letGoBy({ id }: ResetStrategy): ResetRow | undefined {
  return id.endsWith("-held") ? resetNamed(id.replace(/-held$/, "")) : undefined;
}

/** The row for a chip that runs only while these lines are asserted. */
export function heldBy({ rts, dtr }: ControlLines): ResetRow | undefined {
  return resetNamed(rts && dtr ? "both-held" : rts ? "rts-held" : "dtr-held");
}

export type ChosenResets =
  /** Undefined: those of the table, as they are learnt. */
  { readonly resets: readonly ResetStrategy[] | undefined } | { readonly problem: Words; readonly at: number };

/**
 * What a person has chosen: `auto` or nothing, `none`, the name of a row, or steps of their own.
 * `at`: the first character that is wrong, counted from 0.
 */
export function chosenResets(text: string): ChosenResets {
  const name = text.trim().toLowerCase();
  if (name === "" || name === "auto") return { resets: undefined };
  if (name === "none") return { resets: [] };
  const known = resetNamed(name);
  if (known) return { resets: [known] };
  const parsed = parseResetNotation(text);
  if ("problem" in parsed) return parsed;
  return { resets: [{ id: "own", name: words`reset by ${text.trim()}`, ...withTime(parsed.steps) }] };
}

/** What the steps of a reset are done with. */
export interface ResetPort {
  setControlLines(lines: ControlLines): Promise<void>;
  /** True where the chip has answered meanwhile: the rest of the steps would reset it again. */
  wait(ms: number): Promise<boolean>;
  askFirmware(): Promise<void>;
  /** True as of {@link wait}. */
  askBridge(): Promise<boolean>;
}

/** True where a chip that does not listen is reset as well. */
export function usesLines({ steps }: ResetStrategy): boolean {
  return steps.some((step) => "lines" in step);
}

/** How the lines are when all its steps are done: asserted where a released one would hold the chip in reset. */
export function linesLeft({ steps }: Pick<ResetStrategy, "steps">): ControlLines {
  return steps.findLast((step) => "lines" in step)?.lines ?? { dtr: false, rts: false };
}

/** True where a line is asserted for so long that it is tried once and not again and again. */
export function holdsLong({ steps }: ResetStrategy): boolean {
  return steps.some((step) => "waitMs" in step && step.waitMs >= TIMING.resetLongMs);
}

export function asksFirmware({ steps }: ResetStrategy): boolean {
  return steps.some((step) => "ask" in step && step.ask === "running-firmware");
}

export function asksBridge({ steps }: ResetStrategy): boolean {
  return steps.some((step) => "ask" in step && step.ask === "bridge");
}

/**
 * Runs the steps until the chip answers. A step that fails leaves the lines as the last step would.
 * @returns the lines as they were when the chip answered; undefined where it has not, and all steps are done
 * @throws whatever the port throws; TransportError `command-unsupported` where it has no control lines
 */
export async function runReset({ steps }: ResetStrategy, port: ResetPort): Promise<ControlLines | undefined> {
  let lines: ControlLines = { dtr: false, rts: false };
  try {
    for (const step of steps) {
      let answered = false;
      if ("lines" in step) {
        ({ lines } = step);
        await port.setControlLines(lines);
      } else if ("waitMs" in step) answered = await port.wait(step.waitMs);
      else if (step.ask === "bridge") answered = await port.askBridge();
      else await port.askFirmware();
      if (answered) return lines;
    }
    return undefined;
  } catch (error) {
    if (steps.some((step) => "lines" in step)) await port.setControlLines(linesLeft({ steps }));
    throw error;
  }
}

/**
 * Ways to reset a chip without a person, one row each, in the order they are tried. Which of them an adapter is wired for cannot
 * be told but by trying. Rows are data; running one needs a {@link ResetPort}.
 */
import { words, type Words } from "../base/words";
import { TIMING } from "../base/timing";
import type { ControlLines } from "./transport";

/** One step of a reset. True of a line: asserted, which is low on the pin of a UART adapter. */
export type ResetStep =
  { readonly lines: ControlLines } | { readonly waitMs: number } | { readonly ask: "running-firmware" };

export interface ResetStrategy {
  /** Stable and short: settings, options and memories name it. */
  readonly id: string;
  readonly name: Words;
  readonly steps: readonly ResetStep[];
  /** How long an answer is waited for before the next one's turn, ms. */
  readonly listenMs: number;
}

const RELEASED: ControlLines = { dtr: false, rts: false };

/** Holds the lines, lets go, and leaves them released; either line may be the one wired to CEN. */
function pulse(id: string, name: Words, hold: ControlLines): ResetStrategy {
  const steps = [{ lines: hold }, { waitMs: TIMING.resetHoldMs }, { lines: RELEASED }];
  return { id, name, steps, listenMs: TIMING.resetListenMs };
}

export const RESET_STRATEGIES: readonly ResetStrategy[] = [
  pulse("rts", words`reset through RTS`, { dtr: false, rts: true }),
  pulse("dtr", words`reset through DTR`, { dtr: true, rts: false }),
  {
    id: "firmware",
    name: words`reboot request to the running firmware`,
    steps: [{ ask: "running-firmware" }],
    listenMs: TIMING.resetListenMs,
  },
];

/** What the steps of a reset are done with. */
export interface ResetPort {
  setControlLines(lines: ControlLines): Promise<void>;
  wait(ms: number): Promise<void>;
  askFirmware(): Promise<void>;
}

/** True where a chip that does not listen is reset as well. */
export function usesLines({ steps }: ResetStrategy): boolean {
  return steps.some((step) => "lines" in step);
}

export function asksFirmware({ steps }: ResetStrategy): boolean {
  return steps.some((step) => "ask" in step);
}

/**
 * Runs all steps. However it ends, the lines are left as the last step leaves them.
 * @throws whatever the port throws; TransportError `command-unsupported` where it has no control lines
 */
export async function runReset({ steps }: ResetStrategy, port: ResetPort): Promise<void> {
  try {
    for (const step of steps) {
      if ("lines" in step) await port.setControlLines(step.lines);
      else if ("waitMs" in step) await port.wait(step.waitMs);
      else await port.askFirmware();
    }
  } catch (error) {
    const rest = steps.findLast((step) => "lines" in step);
    if (rest) await port.setControlLines(rest.lines);
    throw error;
  }
}

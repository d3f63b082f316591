/** Advice on a failure that names what is at hand. What is known is others' business; a look that fails is no failure of its own. */
import type { ChipIdentity, FlasherError } from "../../core/index";
import type { ErrorAction } from "../../shared/jobState";
import type { OutputLog } from "../platform/outputLog";
import type { PortEntry } from "../ports/portEntry";

export interface KnownAnswer {
  readonly steps: readonly string[];
  /** Buttons that take it, before the usual ones. */
  readonly actions: readonly ErrorAction[];
}

export type AnswerTo = (failure: FlasherError, chip: ChipIdentity | undefined) => Promise<KnownAnswer>;

export interface AnswerParts {
  /** Who has a port open. */
  readonly describeHolder: (port: PortEntry) => Promise<readonly string[]>;
  /** Which side of a remote window the ports are on, where that is not this computer's. */
  readonly describeSide?: () => readonly string[];
  /** What is known here that answers a failure; nothing where it is left out. */
  readonly answerTo?: AnswerTo;
  readonly log: Pick<OutputLog, "error">;
}

export async function knownAnswer(
  { describeHolder, describeSide, answerTo, log }: AnswerParts,
  failure: FlasherError,
  port: PortEntry,
  chip: ChipIdentity | undefined,
): Promise<KnownAnswer> {
  try {
    if (failure.code === "port-busy") return { steps: await describeHolder(port), actions: [] };
    if (failure.code === "port-not-found" || failure.code === "port-permission")
      return { steps: describeSide?.() ?? [], actions: [] };
    return (await answerTo?.(failure, chip)) ?? { steps: [], actions: [] };
  } catch (error) {
    log.error("look for what would help", error);
    return { steps: [], actions: [] };
  }
}

/** Ports that something is at work on, by id: jobs, and work that is no job of the service and keeps its port from them. */
import type { ChipIdentity } from "../../core/index";
import type { JobState } from "../../shared/jobState";

/** Work on a port, as others see it. */
export interface Held {
  readonly controller: AbortController;
  readonly ended: Promise<unknown>;
  state: JobState;
}

/** A port that is kept for work that is no job of the service. */
export interface KeptPort {
  /** How far it is, for every view. */
  tell(state: JobState): void;
  /** The chip that is there now. */
  met(chip: ChipIdentity): void;
  /** Lets go of the port. */
  end(): void;
}

/**
 * @param changed told of each state, the last one when the port is free again
 * @returns undefined where something is at work there
 */
export function keptPort(
  all: Map<string, Held>,
  held: Held,
  met: (chip: ChipIdentity) => void,
  changed: (state: JobState) => void,
): KeptPort | undefined {
  const { id } = held.state.port;
  if (all.has(id)) return undefined;
  all.set(id, held);
  const isKept = (): boolean => all.get(id) === held;
  changed(held.state);
  return {
    tell: (state) => {
      held.state = state;
      if (isKept()) changed(state);
    },
    met,
    end: () => {
      if (!isKept()) return;
      all.delete(id);
      changed(held.state);
    },
  };
}

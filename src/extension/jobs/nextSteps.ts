/** What comes after a flash: what the person sees of the device, and which wire carries its log from then on. */
import { firstSteps, type JobResult, type LogWire } from "../../core/index";
import { withFirstSteps, type JobState } from "../../shared/jobState";
import { say } from "../text/l10n";
import type { JobSpec } from "./jobSpec";

export class NextSteps {
  private readonly logWires = new Map<string, LogWire>();

  /** Of what was last flashed here; undefined before that. */
  logWireOn(portId: string): LogWire | undefined {
    return this.logWires.get(portId);
  }

  async after({ port, logSettings }: JobSpec, state: JobState, result: JobResult): Promise<JobState> {
    if (result.kind !== "flash" || result.dryRun) return state;
    const steps = firstSteps(result.image, result.chip.chip?.id, await logSettings?.());
    this.logWires.set(port.id, steps.log);
    return withFirstSteps(state, steps, say);
  }
}

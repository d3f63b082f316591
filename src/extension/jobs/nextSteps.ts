/** What comes after a flash: what the person sees of the device, and which wire carries its log from then on. */
import {
  firmwareIn,
  firstSteps,
  logWire,
  passportOf,
  summaryOf,
  type ChipIdentity,
  type JobResult,
  type LogSettings,
  type LogWire,
  type PassportSummary,
} from "../../core/index";
import { withFirstSteps, type JobState } from "../../shared/jobState";
import { say } from "../text/l10n";
import type { JobSpec } from "./jobSpec";

/** What the newest backup of a device tells; undefined where there is none. Never rejects. */
export type BackupOf = (chip: ChipIdentity) => Promise<PassportSummary | undefined>;

export class NextSteps {
  private readonly logWires = new Map<string, LogWire>();

  constructor(private readonly backupOf: BackupOf) {}

  /** Of what was last flashed here, or found in a flash that was read; undefined before that. */
  logWireOn(portId: string): LogWire | undefined {
    return this.logWires.get(portId);
  }

  async after(spec: JobSpec, state: JobState, result: JobResult): Promise<JobState> {
    const { port, request } = spec;
    if (result.kind === "backup") this.found(port.id, result.chip, result.data);
    if (result.kind === "restore" && !result.dryRun && request.kind === "restore")
      this.found(port.id, result.chip, request.file.bytes);
    if (result.kind !== "flash" || result.dryRun) return state;
    const steps = firstSteps(result.image, result.chip.chip?.id, await this.saidOfLog(spec, result));
    this.logWires.set(port.id, steps.log);
    return withFirstSteps(state, steps, say);
  }

  /** OpenBeken goes by its settings, which a flash leaves as they are. */
  private async saidOfLog(
    { logSettings }: JobSpec,
    { image, chip }: Extract<JobResult, { readonly kind: "flash" }>,
  ): Promise<LogSettings | undefined> {
    if (firmwareIn(image) !== "openbeken") return await logSettings?.();
    return (await this.backupOf(chip))?.openBekenLog?.settings;
  }

  /** @param flash all of it, as it is now */
  private found(portId: string, chip: ChipIdentity, flash: Uint8Array): void {
    const { openBekenLog } = summaryOf(passportOf(flash));
    if (openBekenLog?.runs === true) this.logWires.set(portId, logWire(chip.chip?.id, openBekenLog.settings));
  }
}

/**
 * The other device of a scenario: its job is done before the one that the scenario is about, or was killed in it and goes on
 * afterwards. Whatever happened between, it must end as if it had been alone.
 */
import { Bench } from "./bench";
import { Checks } from "./checks";
import type { HostDisk } from "./disk";
import type { Extent } from "./fault";
import type { Random } from "./random";
import type { Task } from "./tasks";

export class Prelude {
  private readonly bench: Bench;
  private readonly checks: Checks;
  private killed = false;

  constructor(
    { device, task, killed }: NonNullable<Task["prelude"]>,
    extent: Extent,
    private readonly limitMs: number,
    random: Random,
    disk: HostDisk,
  ) {
    const killAtEvent = killed ? [random.between(1, extent.events)] : [];
    this.bench = new Bench(device, task, () => ({ killAtEvent, describe: "" }), disk);
    this.checks = new Checks(this.bench);
  }

  get violations(): readonly string[] {
    return this.checks.violations.map((violation) => `the other device: ${violation}`);
  }

  async begin(): Promise<void> {
    await this.run(0);
  }

  /** Where it was killed: the same job again. */
  async goOn(): Promise<void> {
    if (!this.killed) return;
    this.bench.chip.powerOff();
    this.bench.chip.powerOn();
    await this.run(1);
  }

  dispose(): void {
    this.bench.chip.dispose();
  }

  private async run(number: number): Promise<void> {
    const attempt = await this.bench.attempt(number, this.limitMs);
    this.killed = attempt.killed;
    this.checks.after(attempt, true);
    if (attempt.error && attempt.error.code !== this.bench.task.mustFail)
      this.checks.violate(`its run failed: ${attempt.error.message}`);
  }
}

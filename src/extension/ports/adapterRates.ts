/**
 * What was learnt of each adapter, kept for all windows of this machine: the rates that held, so that the next session begins where
 * the last one ended up; how it resets its chip; and how a session that was killed left its line. Knows ports and the memory of the editor, nothing of links.
 */
import type { Memory } from "../platform/memory";
import {
  chosenResets,
  isWorthKeeping,
  linesAtRest,
  readRateMemory,
  rememberRate,
  speedHints,
  type ControlLines,
  type LineMemory,
  type ProvenRate,
  type RateMemory,
  type ResetMemory,
  type SessionOptions,
} from "../../core/index";
import type { FileSystem } from "../../storage/fileSystem";
import { LineStore } from "../../storage/lineStore";
import { ResetStore, forgetResets } from "../../storage/resetStore";
import { Owner } from "../platform/disposables";
import type { OutputLog } from "../platform/outputLog";
import type { PortEntry } from "./portEntry";
import type { Settings } from "../platform/settings";

const RATES = "beken.adapterRates";

export class AdapterRates extends Owner {
  /** By port: what its session told since its last job ended. */
  private readonly told = new Map<string, ProvenRate>();

  constructor(
    private readonly memory: Memory,
    private readonly settings: Settings,
    private readonly log: Pick<OutputLog, "error">,
    private readonly files: FileSystem,
    /** The extension's own, for all windows. */
    private readonly folder: string,
  ) {
    super();
    this.register(
      settings.onDidChange((names) => {
        if (names.has("baudRate") && settings.baudRate === "auto") void this.forget();
      }),
    );
  }

  /** For a session that opens on this port. */
  hint(port: PortEntry): Pick<SessionOptions, "speedHint"> {
    return { speedHint: speedHints(readRateMemory(this.memory.get(RATES)), keyOf(port)) };
  }

  /** Where a session on this port leaves word of its line, should the editor be killed. */
  line(port: PortEntry): LineMemory {
    return new LineStore(this.files, keyOf(port), this.folder);
  }

  /** How a session on this port resets the chip, as far as it was learnt. */
  resets(port: PortEntry): ResetMemory {
    return new ResetStore(this.files, keyOf(port), this.folder);
  }

  /** How the lines of this port let its chip run: as was learnt, or as the person's own way to reset leaves them. */
  async linesAtRest(port: PortEntry): Promise<ControlLines> {
    const { autoReset, resetSequence } = this.settings;
    const chosen = chosenResets(autoReset ? resetSequence : "none");
    // A way that cannot be read is the next job's to say.
    return linesAtRest(await this.resets(port).recall(), "resets" in chosen ? chosen.resets : []);
  }

  note(port: PortEntry, rate: ProvenRate): void {
    this.told.set(port.id, rate);
  }

  /** A job on this port has ended. Rates that the person chose are no finding. */
  async settle(port: PortEntry, succeeded: boolean): Promise<void> {
    const rate = this.told.get(port.id);
    if (rate === undefined) return;
    this.told.delete(port.id);
    if (this.settings.baudRate !== "auto" || !isWorthKeeping(rate, succeeded)) return;
    await this.keep(rememberRate(readRateMemory(this.memory.get(RATES)), keyOf(port), rate));
  }

  /** The best is looked for anew. */
  async forget(): Promise<void> {
    this.told.clear();
    await this.keep(undefined);
  }

  /** All that was learnt of every adapter. @throws what the file system throws */
  async forgetAll(): Promise<void> {
    await this.forget();
    await forgetResets(this.files, this.folder);
  }

  /** A rate that is not remembered is found again: no job fails for it. */
  private async keep(rates: RateMemory | undefined): Promise<void> {
    try {
      await this.memory.update(RATES, rates);
    } catch (error) {
      this.log.error("remember the rates of adapters", error);
    }
  }
}

function keyOf({ adapterKey, id }: PortEntry): string {
  return adapterKey ?? id;
}

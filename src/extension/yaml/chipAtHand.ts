/** The chip that a configuration in the editor is compared with: that of the selected device, else the one of the backup looked at last. */
import type { ChipIdentity, Passport } from "../../core/index";
import { chipOfIdentity, chipOfPassport, type KnownChip } from "../../esphome/index";
import { Owner, type Disposable } from "../platform/disposables";
import { Emitter, type Event } from "../platform/emitter";

export interface ChipAtHandParts {
  /** The chip on the selected port, where it is known. */
  readonly selected: () => ChipIdentity | undefined;
  readonly watch: readonly ((listener: () => void) => Disposable)[];
  readonly failed: (error: unknown) => void;
}

export class ChipAtHand extends Owner {
  private readonly changed = this.register(new Emitter<void>((error) => this.parts.failed(error)));
  readonly onDidChange: Event<void> = this.changed.event;
  private remembered: KnownChip | undefined;
  private told = "";

  constructor(private readonly parts: ChipAtHandParts) {
    super();
    for (const watch of parts.watch) this.register(watch(() => this.look()));
  }

  get chip(): KnownChip | undefined {
    const identity = this.parts.selected();
    return identity ? chipOfIdentity(identity) : this.remembered;
  }

  /** A backup that is open in the viewer. */
  remember(passport: Passport): void {
    this.remembered = chipOfPassport(passport);
    this.look();
  }

  private look(): void {
    const now = JSON.stringify(this.chip ?? null);
    if (now === this.told) return;
    this.told = now;
    this.changed.fire();
  }
}

/** The chips that jobs have met, by port, and what their flash held when all of it was read. Forgets what may no longer be so. */
import { passportOf, summaryOf, type ChipIdentity, type PassportSummary } from "../../core/index";

export class SeenChips {
  private readonly chips = new Map<string, ChipIdentity>();
  private readonly passports = new Map<string, PassportSummary>();

  on(portId: string): ChipIdentity | undefined {
    return this.chips.get(portId);
  }

  passportOn(portId: string): PassportSummary | undefined {
    return this.passports.get(portId);
  }

  /** Another chip than the last one there has a flash of its own. */
  met(portId: string, chip: ChipIdentity): void {
    if (this.chips.get(portId)?.mac !== chip.mac) this.passports.delete(portId);
    this.chips.set(portId, chip);
  }

  /** @param flash all of it */
  read(portId: string, flash: Uint8Array): void {
    this.passports.set(portId, summaryOf(passportOf(flash)));
  }

  willChange(portId: string): void {
    this.passports.delete(portId);
  }

  /** What a job left of the flash that was stopped in it is not known: the next one looks. */
  doubtStart(portId: string): void {
    const chip = this.chips.get(portId);
    if (!chip) return;
    const { start, ...rest } = chip;
    if (start) this.chips.set(portId, rest);
  }

  /** @param isThere whether a port still is */
  forgetLost(isThere: (portId: string) => boolean): void {
    for (const id of this.chips.keys())
      if (!isThere(id)) {
        this.chips.delete(id);
        this.passports.delete(id);
      }
  }
}

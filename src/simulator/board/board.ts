/**
 * The hardware that a chip's programs run on: UART, flash and time, and the hooks of behaviours on them. Knows no
 * protocol and starts no programs.
 */
import type { Behaviour, CommandSeen, CommandVerdict, Surroundings } from "../faults/behaviours";
import type { FlashArray, FlashOperation, FlashResult } from "../flash/flashArray";
import { dividerField, rateOfField, type DividerRule } from "../uart/lineRate";
import type { Routine } from "./processor";
import type { ReceivePath } from "../uart/receivePath";
import type { SimTime } from "../clock/simTime";
import type { TransmitPath } from "../uart/transmitPath";

/** What the chip is doing, as seen with a scope and a programmer. */
export type ChipState = "off" | "boot" | "window" | "linked" | "app" | "crashed" | "hung";

export type ChipEvent =
  | { readonly type: "state"; readonly state: ChipState }
  | { readonly type: "flash"; readonly operation: FlashOperation; readonly result: FlashResult }
  | { readonly type: "command"; readonly code: number; readonly long: boolean }
  | { readonly type: "disconnected" };

export interface EventSink {
  /** False when there is no listener: events of the busy kind need not be made then. */
  wanted(): boolean;
  emit(event: ChipEvent): void;
}

/** The controller is done almost at once with an operation that the flash ignores. */
const IGNORED_US = 5;

export class Board {
  private pending: { readonly operation: FlashOperation; readonly since: number; readonly us: number } | undefined;
  private flashOperations = 0;
  private commands = 0;
  state: ChipState = "off";
  /** True once an operation has changed the first sector: what starts there may not be boot code any more. */
  startTouched = false;

  constructor(
    readonly time: SimTime,
    readonly rx: ReceivePath,
    readonly tx: TransmitPath,
    readonly flash: FlashArray,
    private readonly behaviours: readonly Behaviour[],
    private readonly around: Surroundings,
    private readonly events: EventSink,
  ) {}

  setState(state: ChipState): void {
    if (state === this.state) return;
    this.state = state;
    this.events.emit({ type: "state", state });
  }

  /** Switches the UART to the rate that this rule makes of `baud` (0: the default). */
  setBaud(rule: DividerRule, baud: number): void {
    const rate = rateOfField(dividerField(rule, baud));
    this.rx.rate = rate;
    this.tx.rate = rate;
  }

  /** Sends, and is busy as long as that takes; received bytes still reach the ring. */
  *send(bytes: Uint8Array): Routine {
    yield { kind: "work", us: this.tx.transmit(bytes), stalled: false };
  }

  /** One flash operation; the processor runs from the same flash and stands still meanwhile. */
  *operate(operation: FlashOperation, overheadUs = 0): Routine<FlashResult> {
    const count = ++this.flashOperations;
    let verdict: "ignore" | "power-loss" | undefined;
    for (const behaviour of this.behaviours) verdict ??= behaviour.onFlashOperation?.(operation, count, this.around);
    const us =
      overheadUs + (verdict === "ignore" || this.flash.ignores(operation) ? IGNORED_US : this.duration(operation));
    this.pending = { operation, since: this.time.now(), us };
    if (verdict === "power-loss") {
      yield { kind: "work", us: us / 2, stalled: true };
      this.around.powerOff();
      yield { kind: "receive", idleUs: undefined };
    }
    yield { kind: "work", us, stalled: true };
    this.pending = undefined;
    const result =
      verdict === "ignore" ? { physical: 0, ignored: true, touchedStart: false } : this.flash.apply(operation);
    if (result.touchedStart) this.startTouched = true;
    if (this.events.wanted()) this.events.emit({ type: "flash", operation, result });
    return result;
  }

  /** Power is gone: an operation under way stays as far as it had got. */
  cutPower(): void {
    const { pending } = this;
    this.pending = undefined;
    if (pending === undefined) return;
    const progress = Math.min(0.99, (this.time.now() - pending.since) / pending.us);
    if (this.flash.apply(pending.operation, progress).touchedStart) this.startTouched = true;
  }

  /** Called once per command, before it is executed. */
  command(code: number, long: boolean, payload: () => Uint8Array): CommandVerdict {
    const count = ++this.commands;
    if (this.events.wanted()) this.events.emit({ type: "command", code, long });
    let verdict: CommandVerdict = {};
    if (this.behaviours.length === 0) return verdict;
    const seen: CommandSeen = { code, long, payload: payload(), count };
    for (const behaviour of this.behaviours) verdict = { ...verdict, ...behaviour.onCommand?.(seen, this.around) };
    return verdict;
  }

  private duration(operation: FlashOperation): number {
    const { times } = this.flash.part;
    switch (operation.kind) {
      case "erase":
        if (operation.size === 0x1000) return times.erase4kUs;
        if (operation.size === 0x8000) return times.erase32kUs;
        return times.erase64kUs * Math.max(1, operation.size / 0x10000);
      case "program":
        return times.program32Us;
      case "status":
        return times.statusUs;
    }
  }
}

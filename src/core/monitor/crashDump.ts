/**
 * What an application prints when the processor traps: by LibreTiny and Beken's SDK (one shape), and the record that ESPHome may
 * print at the next start. Source of the shapes: LibreTiny `cores/beken-72xx/base/fixups/intc.c`; ESPHome pull request 16177.
 */

export type TrapKind = "undefined-instruction" | "prefetch-abort" | "data-abort" | "unused-vector" | "unknown";

/** Registers at a trap. Code addresses are logical and equal those of the ELF file. */
export interface CrashDump {
  readonly kind: TrapKind;
  /** Where it trapped; undefined when that line was lost. */
  readonly pc: number | undefined;
  /** Return address of the function that trapped, bit 0 set for Thumb code. */
  readonly caller: number | undefined;
  readonly sp: number | undefined;
  readonly spsr: number | undefined;
  /** More return addresses found on the stack; ESPHome's record has them. */
  readonly stack: readonly number[];
  /** A record of the start before, printed by the application at its next one. */
  readonly recorded: boolean;
}

const TRAPS: readonly (readonly [RegExp, TrapKind])[] = [
  [/undefined instruction$/i, "undefined-instruction"],
  [/prefetch abort$/i, "prefetch-abort"],
  [/data abort$/i, "data-abort"],
  [/^.{0,3}not used$/i, "unused-vector"],
];
const RECORD_BEGIN = /\[bk72xx\.crash[^\]]*\].*CRASH DETECTED ON PREVIOUS BOOT/;
const RECORD_LINE = /\[bk72xx\.crash[^\]]*\]:?\s*(.*)$/;
/** Values in the block of the mode that tasks run in: cpsr, r8 to r14. */
const SYS_VALUES = 8;
/** No dump is longer, lines; what never ends is no dump. */
const MOST_LINES = 120;

/** The trap that a line names by itself; undefined for one that may be a part of a sentence, or of something else. */
export function trapIn(text: string): TrapKind | undefined {
  if (/^Current regs:$/.test(text)) return "unknown";
  const named = /^\W{0,4}(undefined instruction|prefetch abort|data abort)$/i.exec(text)?.[1];
  return named === undefined ? undefined : TRAPS.find(([pattern]) => pattern.test(named))?.[1];
}

/** Reads one dump as its lines come. */
export class CrashReader {
  private kind: TrapKind = "unknown";
  private readonly registers = new Map<string, number>();
  private sys: number[] | undefined;
  private inSys = false;
  private lines = 0;
  private done = false;

  private constructor(private readonly recorded: boolean) {}

  /** A reader for the dump that this line begins; undefined where none begins. */
  static begin(text: string): CrashReader | undefined {
    if (RECORD_BEGIN.test(text)) return new CrashReader(true);
    const trap = TRAPS.find(([pattern]) => pattern.test(text) && text.length < 32);
    if (trap === undefined && !/^Current regs:$/.test(text)) return undefined;
    const reader = new CrashReader(false);
    reader.kind = trap?.[1] ?? "unknown";
    return reader;
  }

  /** Takes the next line; false where the line is none of the dump, which is over then. */
  push(text: string): boolean {
    if (this.done || ++this.lines > MOST_LINES) return false;
    return this.recorded ? this.pushRecord(text) : this.pushDump(text);
  }

  /** True once a register was read: a trap's name alone may stand in any sentence. */
  get hasRegisters(): boolean {
    return this.registers.size > 0 || this.sys !== undefined;
  }

  result(): CrashDump {
    const sys = this.sys?.length === SYS_VALUES ? this.sys[SYS_VALUES - 1] : undefined;
    const stack = [...this.registers].filter(([name]) => name.startsWith("bt")).map(([, value]) => value);
    return {
      kind: this.kind,
      pc: this.registers.get("pc"),
      // In a data abort `lr` is the banked register and equals pc: the task's own stands last in its block.
      caller: sys ?? (this.recorded ? this.registers.get("lr") : undefined),
      sp: this.registers.get("sp"),
      spsr: this.registers.get("spsr") ?? (this.recorded ? this.registers.get("cpsr") : undefined),
      stack,
      recorded: this.recorded,
    };
  }

  private pushRecord(text: string): boolean {
    const said = RECORD_LINE.exec(text)?.[1];
    if (said === undefined) return false;
    const reason = /^Reason:\s*(.+)$/.exec(said)?.[1];
    if (reason !== undefined) this.kind = TRAPS.find(([pattern]) => pattern.test(reason))?.[1] ?? "unknown";
    this.readRegisters(said);
    return true;
  }

  private pushDump(text: string): boolean {
    if (/^shutdown/.test(text)) {
      this.done = true;
      return true;
    }
    if (/^SYS:cpsr/.test(text)) {
      this.sys = [];
      this.inSys = true;
      return true;
    }
    if (/^(?:IRQ|FIR|FIQ|ABT|UND|SVC):cpsr/.test(text)) {
      this.inSys = false;
      return true;
    }
    if (/^(?:Current|separate) regs:$/.test(text)) return true;
    const value = /^0x([0-9a-f]{8})$/i.exec(text)?.[1];
    if (value !== undefined) {
      if (this.inSys && this.sys !== undefined && this.sys.length < SYS_VALUES) this.sys.push(parseInt(value, 16));
      return true;
    }
    return this.readRegisters(text);
  }

  /** True where the line names registers. */
  private readRegisters(text: string): boolean {
    let any = false;
    for (const [, name = "", value = ""] of text.matchAll(/\b([a-z]{1,4}\d{0,2})\s*:\s*0x([0-9a-f]{8})\b/gi)) {
      this.registers.set(name.toLowerCase(), parseInt(value, 16));
      any = true;
    }
    return any;
  }
}

/** True when the processor ran 16-bit Thumb code: bit 5 of the saved status. */
export function wasThumb({ spsr }: CrashDump): boolean | undefined {
  return spsr === undefined ? undefined : (spsr & 0x20) !== 0;
}

/**
 * What an application prints when the processor traps: by LibreTiny and Beken's SDK (one shape), and the record that ESPHome may
 * print at the next start. Source of the shapes: LibreTiny `cores/beken-72xx/base/fixups/intc.c`; ESPHome pull request 16177.
 */

export type TrapKind =
  | "undefined-instruction"
  | "prefetch-abort"
  | "data-abort"
  | "unused-vector"
  /** The program found by itself that it cannot go on: no registers. */
  | "assertion"
  | "stack-overflow"
  | "out-of-memory"
  | "unknown";

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
/** The program's own last words, as FreeRTOS, lwIP and C libraries have them. */
const LAST_WORDS: readonly (readonly [RegExp, TrapKind])[] = [
  [/^.{0,60}\bstack ?over ?flow\b/i, "stack-overflow"],
  [
    /^(?:.{0,40}\bmalloc ?failed\b|terminate called after throwing.*bad_alloc|.{0,24}\bout of (?:memory|heap)\b)/i,
    "out-of-memory",
  ],
  [
    /^(?:\W{0,4}assert(?:ion)?\b.*(?:fail|:|,|line)|.{0,60}\bassert(?:ion)? (?:.{1,80} )?failed\b|.{0,60}\bconfigASSERT\b|terminate called\b)/i,
    "assertion",
  ],
];
/** Blocks of values by the lowest five bits of the saved status: the mode that was interrupted. Tasks run in the one of `SYS`. */
const BLOCKS: Readonly<Record<number, string>> = {
  0x10: "SYS",
  0x11: "FIR",
  0x12: "IRQ",
  0x13: "SVC",
  0x17: "ABT",
  0x1b: "UND",
  0x1f: "SYS",
};
const MODE_BITS = 0x1f;
/** Values of a block: cpsr, in all but `SYS` spsr, r8 to r14, which is the return address. */
const valuesOf = (block: string): number => (block === "SYS" ? 8 : 9);
/** Other lines that another task, or a tool that writes a line before each, may get in a row before the dump is taken for ended. */
const MOST_STRAYS = 8;
/** No dump is longer, lines; what never ends is no dump. */
const MOST_LINES = 200;

/** The trap that a line names by itself; undefined for one that may be a part of a sentence, or of something else. */
export function trapIn(text: string): TrapKind | undefined {
  if (registersBegin(text) !== undefined) return registersBegin(text);
  const words = text.startsWith("[") ? undefined : LAST_WORDS.find(([pattern]) => pattern.test(text))?.[1];
  if (words !== undefined) return words;
  const named = /^\W{0,4}(undefined instruction|prefetch abort|data abort)$/i.exec(text)?.[1];
  return named === undefined ? undefined : TRAPS.find(([pattern]) => pattern.test(named))?.[1];
}

function registersBegin(text: string): TrapKind | undefined {
  return /^(?:.{0,4}(?:Current|separate) regs:|r0[048] ?:0x[0-9a-f]{8} r\d\d ?:0x|fp ?:0x[0-9a-f]{8} ip ?:0x|sp ?:0x[0-9a-f]{8} lr ?:0x|(?:SYS:cpsr|[A-Z]{3}:cpsr spsr) r8-r14$)/i.test(
    text,
  )
    ? "unknown"
    : undefined;
}

/** Reads one dump as its lines come. */
export class CrashReader {
  private kind: TrapKind = "unknown";
  private readonly registers = new Map<string, number>();
  private readonly blocks = new Map<string, number[]>();
  private block: number[] | undefined;
  private lines = 0;
  private strays = 0;
  private done = false;

  private constructor(private readonly recorded: boolean) {}

  /**
   * A reader for the dump that this line begins; undefined where none begins.
   * @param heard an application speaks: its last words are some only then
   * @param named the trap that was named shortly before
   */
  static begin(
    text: string,
    { heard, named }: { readonly heard: boolean; readonly named: TrapKind | undefined },
  ): CrashReader | undefined {
    if (RECORD_BEGIN.test(text)) return new CrashReader(true);
    const trap =
      TRAPS.find(([pattern]) => pattern.test(text) && text.length < 32)?.[1] ??
      (heard ? trapIn(text) : registersBegin(text));
    if (trap === undefined) return undefined;
    const reader = new CrashReader(false);
    reader.kind = trap === "unknown" ? (named ?? trap) : trap;
    return reader;
  }

  /** Takes the next line; false where the line is none of the dump. */
  push(text: string): boolean {
    if (this.done || ++this.lines > MOST_LINES) return false;
    const isOne = this.recorded ? this.pushRecord(text) : this.pushDump(text);
    if (isOne) this.strays = 0;
    return isOne;
  }

  /** True while lines of others may stand between those of the dump: it has begun, and its end has not come. */
  mayGoOn(): boolean {
    return !this.done && this.hasRegisters && this.lines <= MOST_LINES && ++this.strays <= MOST_STRAYS;
  }

  /** True once a register was read: a trap's name alone may stand in any sentence. */
  get hasRegisters(): boolean {
    return this.registers.size > 0 || this.blocks.size > 0;
  }

  result(): CrashDump {
    const stack = [...this.registers].filter(([name]) => name.startsWith("bt")).map(([, value]) => value);
    const spsr = this.registers.get("spsr") ?? (this.recorded ? this.registers.get("cpsr") : undefined);
    return {
      kind: this.kind,
      pc: this.registers.get("pc"),
      // In a data abort `lr` is the banked register and equals pc: the interrupted mode's own stands last in its block.
      caller: this.recorded ? this.registers.get("lr") : this.lastOf(BLOCKS[(spsr ?? MODE_BITS) & MODE_BITS]),
      sp: this.registers.get("sp"),
      spsr,
      stack,
      recorded: this.recorded,
    };
  }

  /** The return address in a block; undefined where a value of it was lost, so that none stands where it should. */
  private lastOf(block: string | undefined): number | undefined {
    const values = block === undefined ? undefined : this.blocks.get(block);
    return values !== undefined && block !== undefined && values.length === valuesOf(block) ? values.at(-1) : undefined;
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
    const head = /^.{0,4}?(SYS|IRQ|FIR|FIQ|ABT|UND|SVC):cpsr/.exec(text)?.[1];
    if (head !== undefined) {
      this.block = [];
      this.blocks.set(head === "FIQ" ? "FIR" : head, this.block);
      return true;
    }
    if (/^.{0,4}(?:Current|separate) regs:$/.test(text)) return true;
    const value = /^.{0,4}?0x([0-9a-f]{8})$/i.exec(text)?.[1];
    if (value !== undefined) {
      this.block?.push(parseInt(value, 16));
      return true;
    }
    return this.readRegisters(text);
  }

  /** True where the line names registers. */
  private readRegisters(text: string): boolean {
    let any = false;
    for (const [, name = "", value = ""] of text.matchAll(/\b([a-z]{1,4}\d{0,2}) {0,3}: {0,3}0x([0-9a-f]{8})\b/gi)) {
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

/** A log as the starts it tells of: what each said of itself, how far it came, and how it ended. Pure, bounded memory. */
import { CrashReader, trapIn, type CrashDump, type TrapKind } from "./crashDump";
import type { LogLine } from "./logLines";
import {
  OPENERS,
  isSpeech,
  readSign,
  type FirmwareFacts,
  type FirmwareKind,
  type LogSign,
  type ResetReason,
} from "./logSigns";

/** One start of the chip, as far as its lines tell. */
export interface Boot {
  /** Milliseconds at which its first line came. */
  readonly at: number;
  bootCode: string | undefined;
  bootText: boolean;
  /** Its boot code prints on UART1, its application does not. */
  bootOnUart1: boolean;
  jumpedAt: number | undefined;
  update: { readonly from: string; readonly to: string; readonly line: LogLine } | undefined;
  updateRefused: LogLine | undefined;
  /** Why this start happened. */
  reason: ResetReason | undefined;
  firmware: FirmwareFacts | undefined;
  namedBy: LogLine | undefined;
  /** When the application was first heard. */
  spokeAt: number | undefined;
  attempts: number | undefined;
  upAt: number | undefined;
  settled: boolean;
  safeMode: boolean;
  /** It said that it restarts, as it was asked to. */
  restarts: boolean;
  /** The last thing it was heard to do is to begin with its radio. */
  radio: boolean;
  chipMismatch: LogLine | undefined;
  crash: CrashDump | undefined;
  /** The last thing it said is that the processor trapped, and no registers came. */
  trap: TrapKind | undefined;
  lastLine: LogLine | undefined;
  /** How far the lines that open a start have come: an earlier or equal one belongs to the next start. */
  opened: number;
}

/** Versions of boot codes that print on UART1. */
const SPEAKS_ON_UART1 = /^BK72(?:38|52N)_/i;
/** Older starts than this are counted and forgotten: days of a boot loop take no memory. */
const KEPT_BOOTS = 16;

export class BootHistory {
  /** The last starts, oldest first. */
  readonly boots: Boot[] = [];
  /** All starts that were seen. */
  count = 0;
  /** The latest crash, in whichever start. */
  private crashing: CrashReader | undefined;

  get current(): Boot | undefined {
    return this.boots.at(-1);
  }

  /** Forgets all starts but the present one, such as those that a flasher caused. */
  forgetEarlier(): void {
    this.boots.splice(0, this.boots.length - 1);
    this.count = this.boots.length;
  }

  push(line: LogLine): void {
    if (this.inCrash(line)) return;
    const sign = readSign(line);
    const before = this.current;
    const boot = this.bootFor(sign, line);
    // What goes on has not trapped: the words stood in a sentence.
    if (boot === before) boot.trap = undefined;
    note(boot, sign, line);
    boot.lastLine = line;
  }

  /** True where the line belongs to a register dump. */
  private inCrash(line: LogLine): boolean {
    if (this.crashing !== undefined) {
      if (this.crashing.push(line.text)) {
        this.keepCrash();
        return true;
      }
      this.crashing = undefined;
    }
    const begun = CrashReader.begin(line.text);
    if (begun === undefined) return false;
    this.crashing = begun;
    const boot = this.current ?? this.begin(line.at);
    boot.lastLine = line;
    boot.trap = trapIn(line.text);
    return true;
  }

  private keepCrash(): void {
    const boot = this.current;
    if (this.crashing?.hasRegisters === true && boot !== undefined) {
      boot.crash = this.crashing.result();
      boot.trap = undefined;
    }
  }

  private bootFor(sign: LogSign | undefined, line: LogLine): Boot {
    const boot = this.current;
    if (boot === undefined || beginsAnew(boot, sign)) return this.begin(line.at);
    return boot;
  }

  private begin(at: number): Boot {
    const boot: Boot = {
      at,
      bootCode: undefined,
      bootText: false,
      bootOnUart1: false,
      jumpedAt: undefined,
      update: undefined,
      updateRefused: undefined,
      reason: undefined,
      firmware: undefined,
      namedBy: undefined,
      spokeAt: undefined,
      attempts: undefined,
      upAt: undefined,
      settled: false,
      safeMode: false,
      restarts: false,
      radio: false,
      chipMismatch: undefined,
      crash: undefined,
      trap: undefined,
      lastLine: undefined,
      opened: -1,
    };
    this.count++;
    this.boots.push(boot);
    if (this.boots.length > KEPT_BOOTS) this.boots.shift();
    return boot;
  }
}

/** True where a line can only come from a later start than what was heard so far. */
function beginsAnew(boot: Boot, sign: LogSign | undefined): boolean {
  switch (sign?.kind) {
    case "boot-code":
      return boot.bootText || boot.jumpedAt !== undefined || boot.spokeAt !== undefined;
    case "boot-text":
    case "update-begins":
      return boot.jumpedAt !== undefined || boot.spokeAt !== undefined;
    case "jump":
      return boot.jumpedAt !== undefined || boot.spokeAt !== undefined;
    case "firmware":
    case "speaks":
    case "reset-reason":
      return sign.opens !== undefined && OPENERS.indexOf(sign.opens) <= boot.opened;
    default:
      return false;
  }
}

/** Where a line puts an application among those that open a start; the SDK's own lines may come before LibreTiny's first. */
function openedBy(sign: ApplicationSign): number {
  if ("opens" in sign) return OPENERS.indexOf(sign.opens);
  const isSdk =
    (sign.kind === "speaks" && sign.firmware === "sdk") || sign.kind === "radio" || sign.kind === "chip-mismatch";
  return OPENERS.indexOf(isSdk ? "heap" : "libretiny");
}

/** Who speaks for the more particular firmware says more. */
const PARTICULAR: Readonly<Record<FirmwareKind, number>> = { sdk: 0, libretiny: 1, tuya: 2, openbeken: 2, esphome: 2 };

function note(boot: Boot, sign: LogSign | undefined, line: LogLine): void {
  if (sign === undefined) {
    if (boot.jumpedAt !== undefined && isSpeech(line)) boot.spokeAt ??= line.at;
    return;
  }
  switch (sign.kind) {
    case "boot-code":
      boot.bootText = true;
      boot.bootCode = sign.version ?? boot.bootCode;
      boot.bootOnUart1 ||= SPEAKS_ON_UART1.test(boot.bootCode ?? "");
      return;
    case "boot-text":
      boot.bootText = true;
      boot.bootOnUart1 ||= sign.onUart1 === true;
      return;
    case "jump":
      boot.bootText = true;
      boot.jumpedAt = line.at;
      return;
    case "update-begins":
      boot.bootText = true;
      boot.update = { from: sign.from, to: sign.to, line };
      return;
    case "update-refused":
      boot.bootText = true;
      boot.updateRefused = line;
      return;
    default:
      noteApplication(boot, sign, line);
  }
}

type ApplicationSign = Exclude<
  LogSign,
  | { kind: "boot-code" }
  | { kind: "boot-text" }
  | { kind: "jump" }
  | { kind: "update-begins" }
  | { kind: "update-refused" }
>;

/** Lines that only an application prints. */
function noteApplication(boot: Boot, sign: ApplicationSign, line: LogLine): void {
  boot.spokeAt ??= line.at;
  boot.opened = Math.max(boot.opened, openedBy(sign));
  switch (sign.kind) {
    case "reset-reason":
      boot.reason = sign.reason;
      break;
    case "firmware":
      boot.namedBy ??= line;
      boot.firmware = moreParticular(boot.firmware, sign.firmware);
      break;
    case "speaks":
      boot.firmware = moreParticular(boot.firmware, { kind: sign.firmware });
      break;
    case "attempts":
      boot.attempts = sign.count;
      boot.firmware = moreParticular(boot.firmware, { kind: "esphome" });
      break;
    case "up":
      boot.upAt ??= line.at;
      boot.radio = false;
      break;
    case "settled":
      boot.settled = true;
      boot.upAt ??= line.at;
      break;
    case "safe-mode":
      boot.safeMode = true;
      break;
    case "restarts":
      boot.restarts = true;
      break;
    case "radio":
      boot.radio = true;
      break;
    case "chip-mismatch":
      boot.chipMismatch = line;
      break;
  }
}

/** ESPHome keeps LibreTiny's board and build time, which its banner had before. */
function moreParticular(known: FirmwareFacts | undefined, said: FirmwareFacts): FirmwareFacts {
  if (known === undefined) return said;
  const kind = PARTICULAR[said.kind] >= PARTICULAR[known.kind] ? said.kind : known.kind;
  const [less, more] = said.kind === kind ? [known, said] : [said, known];
  const merged = { ...less, ...more, kind };
  // The version of LibreTiny or of the SDK is not the one of what is built on it.
  if (less.kind !== kind && more.version === undefined) delete merged.version;
  return known.compiled === undefined ? merged : { ...merged, compiled: known.compiled };
}

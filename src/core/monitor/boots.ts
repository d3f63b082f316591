/** A log as the starts it tells of: what each said of itself, how far it came, and how it ended. Pure, bounded memory. */
import { CrashReader, trapIn, type CrashDump, type TrapKind } from "./crashDump";
import type { HeardLine } from "./logLines";
import { isOfTerminal, isSpeech, readSign, withoutNoise } from "./logSigns";
import {
  OPENERS,
  type FirmwareFacts,
  type FirmwareKind,
  type LogSign,
  type NetworkTrouble,
  type ResetReason,
} from "./signTypes";

/** One start of the chip, as far as its lines tell. */
export interface Boot {
  /** Milliseconds at which its first line came. */
  readonly at: number;
  bootCode: string | undefined;
  bootText: boolean;
  /** Its boot code prints on UART1, its application does not. */
  bootOnUart1: boolean;
  jumpedAt: number | undefined;
  jumpLine: HeardLine | undefined;
  update: { readonly from: string; readonly to: string; readonly line: HeardLine } | undefined;
  updateRefused: HeardLine | undefined;
  /** Why this start happened. */
  reason: ResetReason | undefined;
  firmware: FirmwareFacts | undefined;
  namedBy: HeardLine | undefined;
  /** When the application was first heard. */
  spokeAt: number | undefined;
  /** Starts before it that did not get through, by its own count. */
  attempts: number;
  upAt: number | undefined;
  /** By which it said so. */
  upLine: HeardLine | undefined;
  settled: boolean;
  safeMode: boolean;
  /** It said that it restarts, as it was asked to or wants to. */
  restarts: "asked" | "lonely" | undefined;
  /** It ran for so long at the least, by its own clock. */
  ranMs: number;
  /** It speaks of what it does, not of what goes wrong alone. */
  talks: boolean;
  /** How it goes with its network, where that was said last, and how often in a row. */
  network: { readonly trouble: NetworkTrouble; readonly line: HeardLine; readonly times: number } | undefined;
  /** It is of another maker's chip. */
  foreign: { readonly chip: string; readonly line: HeardLine } | undefined;
  /** The last thing it was heard to do is to begin with its radio. */
  radio: boolean;
  chipMismatch: HeardLine | undefined;
  crash: CrashDump | undefined;
  /** The last thing it said is that the processor trapped, and no registers came. */
  trap: TrapKind | undefined;
  /** The line that names it. */
  trapLine: HeardLine | undefined;
  /** Lines since then. */
  sinceTrap: number;
  lastLine: HeardLine | undefined;
  /** How far the lines that open a start have come: an earlier or equal one belongs to the next start. */
  opened: number;
}

/** A start that went on for longer was not cut off by a fault at its beginning. ESPHome calls a start good after as long. */
const GOOD_MS = 60_000;
/** ESPHome's lines of levels that a build shows unless it was told to be quiet. */
const TALKS = /\[(?:[ICD]|V{1,2})\]\[/;
/** Versions of boot codes that print on UART1. */
const SPEAKS_ON_UART1 = /^BK72(?:38|52N)_/i;
/** Older starts than this are counted and forgotten: days of a boot loop take no memory. */
const KEPT_BOOTS = 16;
/** As many lines may follow a program's last words, telling more of them. */
const LAST_WORDS = 3;
/** Lines of others between the name of a trap and its registers. */
const BEFORE_REGISTERS = 8;

export class BootHistory {
  /** The last starts, oldest first. */
  readonly boots: Boot[] = [];
  /** All starts that were seen. */
  count = 0;
  /** Those of them that are kept no more and stand right before the kept ones in a row of failed starts. */
  failedBefore = 0;
  private crashing: CrashReader | undefined;
  /** A trap that was named, while its registers may still come. */
  private named: { readonly kind: TrapKind; readonly lines: number } | undefined;

  get current(): Boot | undefined {
    return this.boots.at(-1);
  }

  /** Forgets all starts but the present one, such as those that a flasher caused. */
  forgetEarlier(): void {
    this.boots.splice(0, this.boots.length - 1);
    this.count = this.boots.length;
    this.failedBefore = 0;
  }

  push(line: HeardLine): void {
    if (line.said === "" || isOfTerminal(line)) return;
    const sign = readSign(line);
    if (this.inCrash(line, sign)) return;
    const before = this.current;
    const boot = this.bootFor(sign, line);
    // What goes on has not trapped: the words stood in a sentence.
    if (boot === before && (sign !== undefined || ++boot.sinceTrap > LAST_WORDS)) boot.trap = undefined;
    note(boot, sign, line);
    boot.lastLine = line;
  }

  /** True where the line belongs to a register dump, or stands between its lines. */
  private inCrash(line: HeardLine, sign: LogSign | undefined): boolean {
    const text = withoutNoise(line);
    if (this.crashing !== undefined) {
      if (this.crashing.push(text)) {
        this.keepCrash();
        return true;
      }
      if ((sign === undefined || sign.kind === "speaks") && trapIn(text) === undefined && this.crashing.mayGoOn())
        return true;
      this.crashing = undefined;
    }
    return this.beginsCrash(line, text);
  }

  private beginsCrash(line: HeardLine, text: string): boolean {
    const { named } = this;
    this.named = named !== undefined && named.lines > 0 ? { ...named, lines: named.lines - 1 } : undefined;
    const heard = this.current?.spokeAt !== undefined || this.current?.jumpedAt !== undefined;
    const begun = CrashReader.begin(text, { heard, named: named?.kind });
    if (begun === undefined) return false;
    this.crashing = begun;
    // Where what stood before is lost, its first line may bear registers.
    begun.push(text);
    const boot = this.current ?? this.begin(line.at);
    boot.lastLine = line;
    // Behind the name come the registers.
    if (named === undefined) boot.trapLine = line;
    boot.trap = trapIn(text);
    boot.sinceTrap = 0;
    const kind = boot.trap === "unknown" ? (named?.kind ?? boot.trap) : boot.trap;
    this.named = kind === undefined ? undefined : { kind, lines: BEFORE_REGISTERS };
    this.keepCrash();
    return true;
  }

  private keepCrash(): void {
    const boot = this.current;
    if (this.crashing?.hasRegisters === true && boot !== undefined) {
      boot.crash = this.crashing.result();
      boot.trap = undefined;
    }
  }

  private forgetOldest(): void {
    const [oldest, next] = this.boots;
    this.failedBefore =
      oldest !== undefined && next !== undefined && hasFailed(oldest, next) ? this.failedBefore + 1 : 0;
    this.boots.shift();
  }

  private bootFor(sign: LogSign | undefined, line: HeardLine): Boot {
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
      jumpLine: undefined,
      update: undefined,
      updateRefused: undefined,
      reason: undefined,
      firmware: undefined,
      namedBy: undefined,
      spokeAt: undefined,
      attempts: 0,
      upAt: undefined,
      upLine: undefined,
      settled: false,
      safeMode: false,
      restarts: undefined,
      ranMs: 0,
      talks: false,
      network: undefined,
      foreign: undefined,
      radio: false,
      chipMismatch: undefined,
      crash: undefined,
      trap: undefined,
      trapLine: undefined,
      sinceTrap: 0,
      lastLine: undefined,
      opened: -1,
    };
    this.count++;
    this.boots.push(boot);
    if (this.boots.length > KEPT_BOOTS) this.forgetOldest();
    return boot;
  }
}

/** True where a start ended by itself before it was through: it counts against the application. */
export function hasFailed(boot: Boot, next: Boot): boolean {
  if (boot.settled || boot.restarts !== undefined || next.reason === "wake-up" || areOthers(boot, next)) return false;
  return Math.max(next.at - boot.at, boot.ranMs) < GOOD_MS;
}

/** True where two starts are not of one device with one firmware: two logs in one file, or a build that was flashed in between. */
function areOthers(a: Boot, b: Boot): boolean {
  const differ = (x: string | undefined, y: string | undefined): boolean =>
    x !== undefined && y !== undefined && x !== y;
  const [one, other] = [a.firmware, b.firmware];
  return (
    differ(a.bootCode, b.bootCode) ||
    differ(a.foreign?.chip, b.foreign?.chip) ||
    differ(one?.board, other?.board) ||
    differ(one?.compiled, other?.compiled) ||
    (one !== undefined &&
      other !== undefined &&
      PARTICULAR[one.kind] === MOST_PARTICULAR &&
      other.kind !== one.kind &&
      PARTICULAR[other.kind] === MOST_PARTICULAR)
  );
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
    case "foreign":
      return sign.starts === true && boot.lastLine !== undefined;
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
const MOST_PARTICULAR = 2;

function note(boot: Boot, sign: LogSign | undefined, line: HeardLine): void {
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
      boot.jumpLine = line;
      return;
    case "update-begins":
      boot.bootText = true;
      boot.update = { from: sign.from, to: sign.to, line };
      return;
    case "update-refused":
      boot.bootText = true;
      boot.updateRefused = line;
      return;
    case "foreign":
      // Boot code of ours has spoken: the words are quoted.
      if (!boot.bootText) boot.foreign ??= { chip: sign.chip, line };
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
  | { kind: "foreign" }
>;

/** Lines that only an application prints. */
function noteApplication(boot: Boot, sign: ApplicationSign, line: HeardLine): void {
  boot.spokeAt ??= line.at;
  boot.opened = Math.max(boot.opened, openedBy(sign));
  switch (sign.kind) {
    case "reset-reason":
      boot.reason = sign.reason;
      break;
    case "firmware":
      boot.namedBy ??= line;
      boot.firmware = moreParticular(boot.firmware, sign.firmware);
      if (sign.up === true) isUp(boot, line);
      break;
    case "speaks":
      boot.ranMs = Math.max(boot.ranMs, sign.ranMs ?? 0);
      boot.talks ||= TALKS.test(line.said);
      boot.firmware = moreParticular(boot.firmware, { kind: sign.firmware });
      break;
    case "attempts":
      boot.attempts = sign.count;
      boot.firmware = moreParticular(boot.firmware, { kind: "esphome" });
      break;
    case "up":
      boot.ranMs = Math.max(boot.ranMs, sign.ranMs ?? 0);
      if (sign.joined === true) boot.network = undefined;
      isUp(boot, line);
      break;
    case "settled":
      boot.settled = true;
      isUp(boot, line);
      break;
    case "safe-mode":
      boot.safeMode = true;
      break;
    case "restarts":
      boot.restarts ??= sign.lonely === true ? "lonely" : "asked";
      break;
    case "network":
      noteNetwork(boot, sign.trouble, line);
      break;
    case "radio":
      boot.radio = true;
      break;
    case "chip-mismatch":
      boot.chipMismatch = line;
      break;
  }
}

function isUp(boot: Boot, line: HeardLine): void {
  boot.upAt ??= line.at;
  boot.upLine ??= line;
  boot.radio = false;
  boot.talks = true;
}

const GRAVER: readonly NetworkTrouble[] = ["failed", "not-found", "refused"];

/** A reason says more than that it failed, which is said right after. */
function noteNetwork(boot: Boot, trouble: NetworkTrouble | undefined, line: HeardLine): void {
  const { network } = boot;
  if (trouble === undefined) boot.network = undefined;
  else if (network === undefined || GRAVER.indexOf(trouble) >= GRAVER.indexOf(network.trouble))
    boot.network = { trouble, line, times: (network?.times ?? 0) + 1 };
  else boot.network = { ...network, times: network.times + 1 };
}

/** ESPHome keeps LibreTiny's board and build time, which its banner had before. */
function moreParticular(known: FirmwareFacts | undefined, said: FirmwareFacts): FirmwareFacts {
  if (known === undefined) return said;
  // Two of them do not run on one chip: what says so quotes the other.
  if (
    known.kind !== said.kind &&
    PARTICULAR[known.kind] === MOST_PARTICULAR &&
    PARTICULAR[said.kind] === MOST_PARTICULAR
  )
    return known;
  const kind = PARTICULAR[said.kind] >= PARTICULAR[known.kind] ? said.kind : known.kind;
  const [less, more] = said.kind === kind ? [known, said] : [said, known];
  const merged = { ...less, ...more, kind };
  // The version of LibreTiny or of the SDK is not the one of what is built on it.
  if (less.kind !== kind && more.version === undefined) delete merged.version;
  return known.compiled === undefined ? merged : { ...merged, compiled: known.compiled };
}

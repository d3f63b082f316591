/** A boot verdict for people and for programs. */
import { basename } from "node:path";
import { english, readableName, type BootVerdict, type CrashPlace, type Words } from "../../core/index";

export interface DecodedCrash {
  readonly elf: string;
  readonly places: readonly CrashPlace[];
  /** Undefined where the log does not show which build ran. */
  readonly isOfThatBuild: boolean | undefined;
}

export function verdictLines(verdict: BootVerdict, decoded?: DecodedCrash): string[] {
  const { summary, evidence, bootCode, tookMs, crash } = verdict;
  return [
    english(summary),
    ...(bootCode === undefined ? [] : [`  boot code  ${bootCode}`]),
    ...(tookMs === undefined ? [] : [`  took       ${(tookMs / 1000).toFixed(1)} s`]),
    ...evidence.map(({ text }) => `  seen       ${text}`),
    ...(crash?.pc === undefined ? [] : [`  pc         ${address(crash.pc)}`]),
    ...(crash?.caller === undefined ? [] : [`  called by  ${address(crash.caller)}`]),
    ...(decoded === undefined ? [] : decoded.places.map(placeLine)),
    ...noteOn(verdict, decoded),
    ...nextSteps(verdict, decoded).map((step) => `  next       ${english(step)}`),
  ];
}

function noteOn({ crash }: BootVerdict, decoded: DecodedCrash | undefined): string[] {
  if (crash !== undefined && decoded !== undefined && decoded.isOfThatBuild !== true)
    return ["  note       the log does not show which build crashed: the places are right if it is this one"];
  return decoded?.isOfThatBuild === false
    ? ["  note       the ELF file is of another build than the one that ran"]
    : [];
}

/** Without the advice to name the ELF file, where that was done. */
function nextSteps({ kind, crash, next }: BootVerdict, decoded: DecodedCrash | undefined): readonly Words[] {
  return kind === "crash" && crash !== undefined && decoded !== undefined ? next.slice(1) : next;
}

function placeLine({ role, address: at, symbol, source }: CrashPlace): string {
  const name = symbol === undefined ? "(no function there)" : readableName(symbol);
  const where = source === undefined ? "" : `  ${source.file}:${source.line}`;
  return `  ${role.padEnd(9)}  ${address(at)} ${name}${where}`;
}

export function plainVerdict(verdict: BootVerdict, decoded?: DecodedCrash): Readonly<Record<string, unknown>> {
  const { kind, settled, summary, evidence, firmware, bootCode, tookMs, restarts, cause, crash, otherSpeed } = verdict;
  const { network, foreignChip } = verdict;
  return {
    verdict: kind,
    settled,
    summary: english(summary),
    firmware: firmware ?? null,
    bootCode: bootCode ?? null,
    tookMs: tookMs ?? null,
    restarts,
    cause: cause ?? null,
    otherSpeed: otherSpeed ?? null,
    network: network ?? null,
    foreignChip: foreignChip ?? null,
    crash: crash ?? null,
    places: decoded?.places.map(plainPlace) ?? null,
    elf: decoded === undefined ? null : basename(decoded.elf),
    isOfThatBuild: decoded?.isOfThatBuild ?? (decoded === undefined || crash === undefined ? null : false),
    evidence,
    next: nextSteps(verdict, decoded).map(english),
  };
}

function plainPlace({ role, address: at, symbol, source }: CrashPlace): Readonly<Record<string, unknown>> {
  return { role, address: at, symbol: symbol ?? null, file: source?.file ?? null, line: source?.line ?? null };
}

/** Code addresses as tools of the toolchain print them. */
function address(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}

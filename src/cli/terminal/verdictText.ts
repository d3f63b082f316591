/** A boot verdict for people and for programs. */
import { basename } from "node:path";
import { english, readableName, type BootVerdict, type CrashPlace } from "../../core/index";

export interface DecodedCrash {
  readonly elf: string;
  readonly places: readonly CrashPlace[];
  /** False where the log does not show which build crashed. */
  readonly isOfThatBuild: boolean;
}

export function verdictLines(verdict: BootVerdict, decoded?: DecodedCrash): string[] {
  const { summary, evidence, next, bootCode, tookMs, crash } = verdict;
  return [
    english(summary),
    ...(bootCode === undefined ? [] : [`  boot code  ${bootCode}`]),
    ...(tookMs === undefined ? [] : [`  took       ${(tookMs / 1000).toFixed(1)} s`]),
    ...evidence.map(({ text }) => `  seen       ${text}`),
    ...(crash?.pc === undefined ? [] : [`  pc         ${address(crash.pc)}`]),
    ...(crash?.caller === undefined ? [] : [`  called by  ${address(crash.caller)}`]),
    ...(decoded === undefined ? [] : decoded.places.map(placeLine)),
    ...(decoded === undefined || decoded.isOfThatBuild
      ? []
      : ["  note       the log does not show which build crashed: the places are right if it is this one"]),
    ...next
      .filter((_, index) => index > 0 || decoded === undefined || crash === undefined)
      .map((step) => `  next       ${english(step)}`),
  ];
}

function placeLine({ role, address: at, symbol, source }: CrashPlace): string {
  const name = symbol === undefined ? "(no function there)" : readableName(symbol);
  const where = source === undefined ? "" : `  ${source.file}:${source.line}`;
  return `  ${role.padEnd(9)}  ${address(at)} ${name}${where}`;
}

export function plainVerdict(verdict: BootVerdict, decoded?: DecodedCrash): Readonly<Record<string, unknown>> {
  const { kind, settled, summary, evidence, next, firmware, bootCode, tookMs, restarts, cause, crash, otherSpeed } =
    verdict;
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
    isOfThatBuild: decoded?.isOfThatBuild ?? null,
    evidence,
    next: next.map(english),
  };
}

function plainPlace({ role, address: at, symbol, source }: CrashPlace): Readonly<Record<string, unknown>> {
  return { role, address: at, symbol: symbol ?? null, file: source?.file ?? null, line: source?.line ?? null };
}

/** Code addresses as tools of the toolchain print them. */
function address(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}

/** From the starts that a log tells of to one verdict. Never more than the bytes show; gravest first. */
import { words, type Text, type Words } from "../base/words";
import { hasFailed, type Boot, type BootHistory } from "./boots";
import type { BootVerdict, BootVerdictKind, VerdictContext, VerdictLine } from "./bootVerdict";
import { advice } from "./verdictAdvice";
import { firmwareName } from "./firmwareName";
import type { HeardLine } from "./logLines";
import type { NetworkTrouble } from "./signTypes";

/** An application that says nothing for so long behind the boot code's last line does not start. Slowest first line seen: 0.4 s. */
const SILENT_MS = 3_000;
/** Starts in a row that did not get through: one more than the two that a flasher and a person cause. */
const LOOP_STARTS = 3;
/** Failed attempts after which it is told that it does not get into its network: one may be a matter of seconds. */
const NETWORK_TRIES = 2;

export interface Observation {
  readonly history: BootHistory;
  /** Bytes that came in all. */
  readonly bytes: number;
  /** Milliseconds since the last byte, on the clock that times the lines. */
  readonly quietMs: number;
  /** Nothing comes any more: a saved log at its end. */
  readonly over: boolean;
  /** The latest bytes are no text at this speed. */
  readonly noise: boolean;
  /** What they look like instead, in baud. */
  readonly otherSpeed: number | undefined;
  /** The latest bytes are all this one. */
  readonly held: number | undefined;
  readonly context: VerdictContext;
}

interface Finding {
  readonly kind: BootVerdictKind;
  readonly settled: boolean;
  readonly summary: Words;
  readonly evidence: readonly (VerdictLine | undefined)[];
  readonly cause?: BootVerdict["cause"];
}

/** The latest starts in a row that failed, the present one not counted. */
function failedStarts({ boots }: BootHistory): Boot[] {
  const row: Boot[] = [];
  for (let i = boots.length - 2; i >= 0; i--) {
    const boot = boots[i];
    const next = boots[i + 1];
    if (boot === undefined || next === undefined || !hasFailed(boot, next)) break;
    row.unshift(boot);
  }
  return row;
}

export function judge(observed: Observation): BootVerdict {
  const { history, context } = observed;
  const boot = history.current;
  const found = boot === undefined ? withoutLines(observed) : judgeBoot(observed, boot);
  const foreignChip = boot?.foreign?.chip;
  const isOver = observed.over || observed.quietMs >= SILENT_MS;
  const verdict = {
    kind: found.kind,
    settled: found.settled || observed.over,
    summary: found.summary,
    evidence: found.evidence.filter((line) => line !== undefined),
    firmware: foreignChip === undefined ? firmwareOf(history) : undefined,
    bootCode: boot?.bootCode ?? history.boots.findLast(({ bootCode }) => bootCode !== undefined)?.bootCode,
    tookMs: boot && foreignChip === undefined ? tookMs(boot) : undefined,
    restarts: Math.max(0, history.count - 1),
    cause: found.cause,
    network: boot?.network?.trouble,
    foreignChip,
    otherSpeed: found.kind === "wrong-speed" ? observed.otherSpeed : undefined,
    crash: found.kind === "crash" || found.cause === "crash" ? latestCrash(history) : undefined,
  };
  const hints = {
    lonely: history.boots.some(({ restarts }) => restarts === "lonely"),
    isHeld: observed.held !== undefined,
    isQuiet: isOver && boot?.talks === false,
    isStalled: isOver && boot?.upAt === undefined,
  };
  return { ...verdict, next: advice(verdict, context, hints) };
}

/** From the first line to the one that says it is up; where the lines bear no times, or the start was not seen, nothing is known. */
function tookMs({ at, upAt, opened, bootText }: Boot): number | undefined {
  return upAt === undefined || upAt <= at || (!bootText && opened < 0) ? undefined : upAt - at;
}

function withoutLines(observed: Observation): Finding {
  const { bytes, noise, quietMs } = observed;
  if (bytes > 0 && noise) return wrongSpeed(observed);
  if (bytes > 0)
    return { kind: "unknown-text", settled: false, summary: words`Bytes came, but no line of text yet.`, evidence: [] };
  return { kind: "silence", settled: quietMs >= SILENT_MS, summary: words`Nothing came.`, evidence: [] };
}

function wrongSpeed({ otherSpeed, held }: Observation, after?: VerdictLine): Finding {
  const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, "0");
  return {
    kind: "wrong-speed",
    settled: true,
    summary:
      held !== undefined && otherSpeed === undefined
        ? words`Nothing came but the byte ${hex(held)}, again and again: no text at any speed.`
        : otherSpeed === undefined
          ? words`Bytes came that are no text at this speed.`
          : words`Bytes came that are no text at this speed. Looks like another speed: ${otherSpeed}?`,
    evidence: [after],
  };
}

function judgeBoot(observed: Observation, boot: Boot): Finding {
  const { history, noise } = observed;
  const heard = boot.bootText || boot.spokeAt !== undefined || boot.foreign !== undefined || hasCrashed(boot);
  if (noise && !heard) return wrongSpeed(observed);
  if (noise && boot.jumpedAt !== undefined && boot.spokeAt === undefined) return wrongSpeed(observed, lastLine(boot));
  if (boot.foreign !== undefined)
    return {
      kind: "unknown-text",
      settled: true,
      summary: words`This is the log of another chip: ${boot.foreign.chip}. Whether that runs was not judged.`,
      evidence: [line(boot.foreign.line)],
    };
  // A record of a crash is told by the start behind it, which may be through by now.
  if (hasCrashed(boot) && !(boot.crash?.recorded === true && boot.upAt !== undefined)) return crashed(history, boot);
  if (boot.safeMode) return safeMode(history, boot);
  const row = failedStarts(history);
  const steady = boot.settled || (boot.upAt !== undefined && row.length + 1 < LOOP_STARTS);
  if (steady) return running(history, boot);
  const crash = row.findLast(hasCrashed);
  if (crash !== undefined) return crashed(history, crash);
  const { chipMismatch } = [...row, boot].findLast((start) => start.chipMismatch !== undefined) ?? boot;
  if (chipMismatch !== undefined)
    return {
      kind: "other-chip",
      settled: true,
      summary: words`The application was built for another chip and stops.`,
      evidence: [line(chipMismatch)],
    };
  if (row.length + 1 >= LOOP_STARTS) return loop(history, row, boot);
  if (boot.spokeAt !== undefined) return started(boot);
  return bootCodeAlone(observed, boot, heard);
}

function hasCrashed({ crash, trap }: Boot): boolean {
  return crash !== undefined || trap !== undefined;
}

function crashed(history: BootHistory, boot: Boot): Finding {
  const restarts = history.count - 1;
  const what = trapWords(boot);
  return {
    kind: "crash",
    settled: true,
    cause: "crash",
    summary:
      restarts > 0
        ? words`The application crashed (${what}), and the chip started ${history.count} times.`
        : words`The application crashed: ${what}.`,
    evidence: [boot.trapLine === undefined ? lastLine(boot) : line(boot.trapLine)],
  };
}

function trapWords({ crash, trap }: Boot): Words {
  switch (crash?.kind ?? trap) {
    case "assertion":
      return words`an assertion failed`;
    case "stack-overflow":
      return words`a stack overflowed`;
    case "out-of-memory":
      return words`it ran out of memory`;
    case "undefined-instruction":
      return words`undefined instruction`;
    case "prefetch-abort":
      return words`prefetch abort, a jump to where no code is`;
    case "data-abort":
      return words`data abort, a read or write where no memory is`;
    case "unused-vector":
      return words`unused vector`;
    default:
      return words`the trap is not named`;
  }
}

function safeMode(history: BootHistory, boot: Boot): Finding {
  return {
    kind: "safe-mode",
    settled: true,
    summary: words`${nameOf(history)} runs, but in safe mode: its last starts failed.`,
    evidence: [lastLine(boot)],
  };
}

function running(history: BootHistory, boot: Boot): Finding {
  const name = firmwareName(boot.firmware);
  const crashedBefore = history.boots.findLast(hasCrashed);
  const up = { kind: "running", settled: true, evidence: [...told(boot, boot.upLine), troubleLine(boot)] } as const;
  if (crashedBefore !== undefined)
    return { ...up, cause: "crash", summary: words`${name} runs. Before, it crashed: ${trapWords(crashedBefore)}.` };
  if (boot.reason === "watchdog")
    return {
      ...up,
      cause: "watchdog",
      summary: words`${name} runs. The start before hung: the watchdog restarted the chip.`,
    };
  if (boot.reason === "crash")
    return { ...up, cause: "crash", summary: words`${name} runs. The start before crashed, by what the chip says.` };
  if (boot.network !== undefined)
    return { ...up, summary: words`${name} runs, but is not in its network: ${troubleWords(boot.network.trouble)}.` };
  return { ...up, summary: words`${name} runs.` };
}

function troubleWords(trouble: NetworkTrouble): Words {
  switch (trouble) {
    case "refused":
      return words`the access point refuses it`;
    case "not-found":
      return words`no access point of that name is heard`;
    case "failed":
      return words`connecting fails`;
  }
}

function troubleLine({ network }: Boot): VerdictLine | undefined {
  return network && line(network.line);
}

function loop(history: BootHistory, row: readonly Boot[], boot: Boot): Finding {
  const ends = row.map(lastLine);
  const silent = row.every(({ spokeAt }) => spokeAt === undefined) && boot.spokeAt === undefined;
  const causes = [...row.slice(1), boot].map(({ reason }) => reason);
  const byWatchdog = causes.some((reason) => reason === "watchdog");
  const byCrash = causes.some((reason) => reason === "crash");
  const cut = cutOff(row);
  const atRadio = row.some(({ radio }) => radio) && row.every((start) => start.radio || cut.has(start));
  const count = row.length + 1 + (row.length + 1 === history.boots.length ? history.failedBefore : 0);
  const refused = silent ? [...row, boot].findLast(({ updateRefused }) => updateRefused !== undefined) : undefined;
  if (refused?.updateRefused !== undefined)
    return {
      kind: "update-refused",
      settled: true,
      summary: words`The boot code started ${count} times: it refuses the update in the download partition, and starts no application.`,
      evidence: [line(refused.updateRefused)],
    };
  if (atRadio && cut.size > 0 && !byWatchdog && !byCrash)
    return {
      kind: "brown-out",
      settled: true,
      cause: "supply",
      summary: words`The chip started ${count} times, each time cut off as its radio began: the supply is likely too weak.`,
      evidence: ends,
    };
  return {
    kind: "boot-loop",
    settled: true,
    cause: byWatchdog ? "watchdog" : byCrash ? "crash" : atRadio ? "supply" : undefined,
    summary: silent
      ? words`The boot code started ${count} times, and no application was heard.`
      : words`${firmwareName(boot.firmware ?? row.at(-1)?.firmware)} started ${count} times without getting through.`,
    evidence: ends,
  };
}

/** Starts whose last line is the beginning of one that another start printed whole. */
function cutOff(row: readonly Boot[]): Set<Boot> {
  const texts = row.map(({ lastLine: last }) => last?.said ?? "");
  return new Set(
    row.filter(({ lastLine: last }) => {
      const text = last?.said ?? "";
      return texts.some((other) => other.length > text.length && other.startsWith(text));
    }),
  );
}

function started(boot: Boot): Finding {
  const evidence = told(boot, boot.lastLine);
  if (boot.reason === "watchdog")
    return {
      kind: "watchdog",
      settled: true,
      cause: "watchdog",
      summary: words`The watchdog restarted the chip: the start before hung. ${firmwareName(boot.firmware)} has started.`,
      evidence,
    };
  if (boot.reason === "crash")
    return {
      kind: "crash",
      settled: true,
      cause: "crash",
      summary: words`The start before crashed, by what the chip says. ${firmwareName(boot.firmware)} has started.`,
      evidence,
    };
  if (boot.network !== undefined && boot.network.times >= NETWORK_TRIES)
    return {
      kind: "started",
      settled: true,
      summary: words`${firmwareName(boot.firmware)} has started, but does not get into its network: ${troubleWords(boot.network.trouble)}.`,
      evidence: [...told(boot, undefined), troubleLine(boot)],
    };
  if (boot.attempts >= LOOP_STARTS - 1)
    return {
      kind: "started",
      settled: false,
      summary: words`${firmwareName(boot.firmware)} has started; by its own count, ${boot.attempts} starts before did not get through.`,
      evidence,
    };
  return {
    kind: "started",
    settled: false,
    summary: words`${firmwareName(boot.firmware)} has started; it has not said that its setup is over.`,
    evidence,
  };
}

function bootCodeAlone({ quietMs, over }: Observation, boot: Boot, heard: boolean): Finding {
  const evidence = [boot.jumpLine === undefined ? lastLine(boot) : line(boot.jumpLine)];
  if (!heard)
    return {
      kind: "unknown-text",
      settled: false,
      summary: words`There is text, but of no firmware that is known here.`,
      evidence,
    };
  if (boot.updateRefused !== undefined)
    return {
      kind: "update-refused",
      settled: true,
      summary: words`The boot code refused the update in the download partition.`,
      evidence: [line(boot.updateRefused)],
    };
  const jumped = boot.jumpedAt !== undefined && (over || quietMs >= SILENT_MS) && boot.update === undefined;
  if (jumped && boot.bootOnUart1)
    return {
      kind: "boot-code",
      settled: true,
      summary: words`The boot code started the application. This wire carries the boot code alone: the log of the application is on UART2.`,
      evidence,
    };
  if (jumped)
    return {
      kind: "no-application",
      settled: true,
      summary: words`The boot code started the application, and nothing came after that.`,
      evidence,
    };
  if (boot.update !== undefined)
    return {
      kind: "update-unpacking",
      settled: false,
      summary: words`The boot code unpacks an update, from version ${boot.update.from} to ${boot.update.to}.`,
      evidence: [line(boot.update.line)],
    };
  return {
    kind: "boot-code",
    settled: quietMs >= SILENT_MS,
    summary: words`The boot code speaks, and has not started an application.`,
    evidence,
  };
}

function firmwareOf({ boots }: BootHistory): BootVerdict["firmware"] {
  return boots.findLast(({ firmware }) => firmware !== undefined)?.firmware;
}

function nameOf(history: BootHistory): Text {
  return firmwareName(firmwareOf(history));
}

function latestCrash({ boots }: BootHistory): BootVerdict["crash"] {
  return boots.findLast(({ crash }) => crash !== undefined)?.crash;
}

/** The line by which the application named itself, and another that shows how far it came. */
function told({ namedBy }: Boot, far: HeardLine | undefined): (VerdictLine | undefined)[] {
  return [...new Set([namedBy, far])].map((heard) => heard && line(heard));
}

function lastLine({ lastLine: last }: Boot): VerdictLine | undefined {
  return last && line(last);
}

function line({ said, at }: HeardLine): VerdictLine {
  return { text: said, at };
}

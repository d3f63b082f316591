/**
 * Monitors that a person has started in a terminal of this editor, or as a task: ended for a job after their yes, and started again
 * with the same command afterwards. Programs outside the editor are let alone, and so is everything that does more than watch.
 */
import type { OutputLog } from "../platform/outputLog";
import type { Timers } from "../platform/timers";
import { t } from "../text/l10n";
import type { AskToStop } from "./askToStop";
import type { Holder, Program } from "./holdingProgram";
import type { OtherMonitor } from "./otherMonitors";
import { shortCommand, wayToEnd, type WayToEnd } from "./otherTools";
import { isSoon } from "./soon";

/** A terminal as it is now. */
export interface EditorTerminal {
  readonly name: string;
  /** Of its shell, or of the program that it was opened for. */
  readonly pid: number | undefined;
  /** What was typed there and still runs, as shell integration tells it. */
  readonly typed: string | undefined;
  /** The task it was opened for; `again` is missing where others may run before it. */
  readonly task: { end(): void; readonly again?: () => Promise<void> } | undefined;
  readonly isOpen: boolean;
  /** Sends keys, and no Enter behind them. */
  press(keys: string): void;
  /** Has the shell run a command. */
  run(command: string): void;
}

export interface TerminalMonitorsParts {
  readonly terminals: () => Promise<readonly EditorTerminal[]>;
  /** undefined where nobody has the port open, or nobody can tell. */
  readonly holding: (port: string) => Promise<Holder | undefined>;
  /** Programs run that this one has started. */
  readonly hasPrograms: (pid: number) => Promise<boolean>;
  /** The kernel tells who has a port: what it does not tell of is not there. */
  readonly isTold: boolean;
  readonly kill: (pid: number, signal: WayToEnd["signal"]) => void;
  readonly ask: AskToStop;
  readonly log: Pick<OutputLog, "info" | "error">;
  readonly timers?: Timers;
}

interface Found {
  readonly terminal: EditorTerminal;
  /** For people. */
  readonly name: string;
  /** It has the port, by the kernel's word or its own. */
  readonly isSure: boolean;
  readonly end: () => void;
  /** Runs again what ran; undefined where that would do more than watch. */
  readonly again: (() => Promise<void> | void) | undefined;
  readonly isOver: () => Promise<boolean>;
  /** The terminal waits for a command. */
  readonly isIdle: () => Promise<boolean>;
}

/** No program takes longer to end itself. */
const ENDS_WITHIN_MS = 6_000;
/** Programs that show others in the same terminal: keys would reach whichever is in front. */
const WINDOWS = /^(?:screen|tmux|zellij|byobu)\b/i;
/** One command, which does nothing but what it says. */
const SIMPLE = /^[^;&|<>`$()\n]+$/;

export class TerminalMonitors implements OtherMonitor {
  /** What the person has said yes to: asked about once for each terminal and command. */
  private readonly allowed = new Set<string>();

  constructor(private readonly parts: TerminalMonitorsParts) {}

  async letGo(port: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    const { log, timers } = this.parts;
    try {
      const found = await this.find(port);
      if (found === undefined || !(await this.mayEnd(found, port, signal))) return undefined;
      found.end();
      const isOver = await isSoon(found.isOver, ENDS_WITHIN_MS, { timers, signal });
      log.info(
        `"${found.name}" in the terminal "${found.terminal.name}" ${isOver ? "let go of" : "still has"} ${port}`,
      );
      // One that ends too late is started again all the same.
      return () => void this.startAgain(found);
    } catch (error) {
      log.error("end a monitor in a terminal", error);
      return undefined;
    }
  }

  private async mayEnd({ name, terminal, again, isSure }: Found, port: string, signal: AbortSignal): Promise<boolean> {
    const key = `${terminal.pid} ${name} ${port}`;
    if (this.allowed.has(key)) return true;
    const detail =
      again === undefined
        ? t('It runs in the terminal "{0}" and is ended in an orderly way. It is not started again.', terminal.name)
        : t(
            'It runs in the terminal "{0}", is ended in an orderly way, and started again there afterwards.',
            terminal.name,
          );
    const title = isSure
      ? t('Stop "{0}", which has {1} open?', name, port)
      : t('Stop "{0}", which may have {1} open?', name, port);
    const yes = await this.parts.ask(title, detail, signal);
    if (yes) this.allowed.add(key);
    return yes;
  }

  private async find(port: string): Promise<Found | undefined> {
    const terminals = (await this.parts.terminals()).filter(({ isOpen }) => isOpen);
    const holder = await this.parts.holding(port);
    if (holder !== undefined) return await this.byProcess(terminals, holder, port);
    return this.parts.isTold ? undefined : byCommand(terminals, port);
  }

  private async byProcess(
    terminals: readonly EditorTerminal[],
    { program, parents, hasOthers }: Holder,
    port: string,
  ): Promise<Found | undefined> {
    const way = wayToEnd(program.words);
    if (way === undefined) return undefined;
    const lineage = [program, ...parents];
    const at = lineage.findIndex(({ pid }) => terminals.some((terminal) => terminal.pid === pid));
    const terminal = terminals.find(({ pid }) => pid === lineage[at]?.pid);
    if (terminal === undefined) return undefined;
    const isScreen = WINDOWS.test(shortCommand(program.words));
    // Its other windows would end with it; and one that was not opened for this port has other things to do.
    if (isScreen && (hasOthers || !program.words.includes(port))) return undefined;
    const between = lineage.slice(1, at).filter(({ words }) => WINDOWS.test(shortCommand(words)));
    if (between.length > (isScreen ? 1 : 0)) return undefined;
    const { holding, hasPrograms, kill } = this.parts;
    return {
      terminal,
      name: shortCommand(program.words),
      isSure: true,
      end: () => {
        if (terminal.task !== undefined) terminal.task.end();
        else if (way.keys !== undefined) terminal.press(way.keys);
        else kill(program.pid, way.signal);
      },
      again: againIn(terminal, lineage[Math.max(0, at - 1)], at > 0 ? lineage[at] : undefined),
      isOver: async () => (await holding(port))?.program.pid !== program.pid,
      isIdle: async () => terminal.pid !== undefined && !(await hasPrograms(terminal.pid)),
    };
  }

  private async startAgain({ terminal, name, again, isIdle }: Found): Promise<void> {
    const { log, timers } = this.parts;
    try {
      const isReady =
        terminal.task !== undefined || (terminal.isOpen && (await isSoon(isIdle, ENDS_WITHIN_MS, { timers })));
      if (isReady) await again?.();
      else log.info(`"${name}" is not started again: its terminal "${terminal.name}" is closed or at work`);
    } catch (error) {
      log.error("start a monitor in a terminal again", error);
    }
  }
}

/** Where no kernel tells: a terminal in which a monitor runs that was started for this port, or for whichever there is. */
function byCommand(terminals: readonly EditorTerminal[], port: string): Found | undefined {
  for (const terminal of terminals) {
    const { typed, task } = terminal;
    const words = typed?.trim().split(/\s+/) ?? [];
    const way = wayToEnd(words);
    if (typed === undefined || !onlyWatches(typed) || task !== undefined || way?.keys === undefined) continue;
    const { keys } = way;
    const ports = words.filter((word) => /COM\d+|\/dev\//i.test(word));
    const isNamed = ports.some((word) => word.toLowerCase().includes(port.toLowerCase()));
    // ESPHome without a port reads the log over the network.
    if (!isNamed && (ports.length > 0 || words.includes("logs"))) continue;
    const isIdle = (): Promise<boolean> => Promise.resolve(terminal.typed === undefined);
    return {
      terminal,
      name: shortCommand(words),
      isSure: isNamed,
      end: () => terminal.press(keys),
      again: () => terminal.run(typed),
      isOver: isIdle,
      isIdle,
    };
  }
  return undefined;
}

/**
 * What was typed where it is one command, or else what the shell has started; neither where that does more than watch.
 * @param shell of the terminal, or what a task has in its place
 */
function againIn(
  { typed, task, ...terminal }: EditorTerminal,
  started: Program | undefined,
  shell: Program | undefined,
): Found["again"] {
  if (started === undefined || wayToEnd(started.words) === undefined) return undefined;
  if (task !== undefined) {
    const line = shell === undefined ? started.words.join(" ") : (shell.words.at(-1) ?? "");
    return onlyWatches(line) ? task.again : undefined;
  }
  const line = typed !== undefined && onlyWatches(typed) ? typed : started.words.map(quoted).join(" ");
  return () => terminal.run(line);
}

function onlyWatches(line: string): boolean {
  return SIMPLE.test(line) && wayToEnd(line.trim().split(/\s+/)) !== undefined;
}

/** For a POSIX shell: only there is known what was started. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

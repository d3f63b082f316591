/**
 * Programs and extensions that people watch serial ports with: what they are called, how each lets go of its port, and what of their
 * command lines shows that they watch and do no more. Pure but for the language.
 */
import { t } from "../text/l10n";

/** How a program is ended that only watches: nothing that it is told reaches the device. */
export interface WayToEnd {
  /** What its terminal is sent; undefined where other windows of the same program, or settings of its own, may be in the way. */
  readonly keys?: string;
  /** What its process is sent, which has to be known. */
  readonly signal: "SIGINT" | "SIGTERM";
}

interface OtherTool {
  /** Of its command line, or of a task or terminal it runs in. */
  readonly known: RegExp;
  readonly close: () => string;
  readonly end?: WayToEnd;
  /** More of a command line that only watches, and whose keys are the usual ones. */
  readonly watches?: (words: readonly string[]) => boolean;
}

const CTRL_C = (): string => t("It ends with Ctrl+C.");
const CTRL_BRACKET = (): string => t("It ends with Ctrl+].");
const INTERRUPT: WayToEnd = { keys: "\u0003", signal: "SIGINT" };

/** Tried with picocom 3.1, minicom 2.8, GNU screen 4.9 and tio 2.5. The more telling name first: PlatformIO's monitor is a miniterm as well. */
const TOOLS: readonly OtherTool[] = [
  {
    known: /\b(?:pio|platformio)\b.*\bmonitor\b/i,
    close: CTRL_C,
    end: INTERRUPT,
    // `run -t upload -t monitor` writes first.
    watches: (words) => words.some((word, i) => word === "device" && words[i + 1] === "monitor"),
  },
  {
    known: /\besphome\b.*\b(?:logs|run|upload)\b/i,
    close: CTRL_C,
    end: INTERRUPT,
    watches: (words) => words.includes("logs") && !words.some((word) => /^(?:run|upload|compile)$/.test(word)),
  },
  {
    known: /\bbeken-flasher\b.*\bmonitor\b/i,
    close: CTRL_BRACKET,
    end: { keys: "\u001d", signal: "SIGINT" },
    watches: (words) => words.includes("monitor") && !words.some((word) => /^(?:flash|restore|erase)$/.test(word)),
  },
  {
    known: /\b(?:miniterm|serial\.tools)\b/i,
    close: CTRL_BRACKET,
    end: { keys: "\u001d", signal: "SIGTERM" },
    watches: (words) => !words.some((word) => /^--(?:exit|menu)-char/.test(word)),
  },
  {
    known: /^(?:\S*[\\/])?screen\b/i,
    close: () => t("It ends with Ctrl+A, then K, then Y."),
    end: { signal: "SIGTERM" },
  },
  {
    known: /\bminicom\b/i,
    close: () => t("It ends with Ctrl+A, then X."),
    // Leaves without a word to the modem that it takes the device for; SIGTERM would have it hang up first.
    end: { keys: "\u0001q\r", signal: "SIGTERM" },
  },
  {
    known: /\bpicocom\b/i,
    close: () => t("It ends with Ctrl+A, then Ctrl+X."),
    end: { keys: "\u0001\u0018", signal: "SIGTERM" },
    watches: (words) => !words.some((word) => /^(?:-[a-z]*[en]|--escape|--no-escape)/.test(word)),
  },
  {
    known: /^(?:\S*[\\/])?tio\b/i,
    close: () => t("It ends with Ctrl+T, then Q."),
    end: { signal: "SIGTERM" },
  },
  { known: /^(?:\S*[\\/])?cu\s+-/i, close: () => t("It ends with a line of ~ and a full stop.") },
];

/** What other extensions that open ports are found under. */
export const MICROSOFT_MONITOR = "ms-vscode.vscode-serial-monitor";
export const ECLIPSE_MONITOR = "eclipse-cdt.serial-monitor";
export const MONITOR_EXTENSIONS = [MICROSOFT_MONITOR, ECLIPSE_MONITOR] as const;

/** A command as people read it: no folders, the first words. */
export function shortCommand(words: readonly string[]): string {
  return words
    .filter((word) => word !== "")
    .slice(0, 4)
    .map((word) => word.split(/[\\/]/).pop() ?? word)
    .join(" ");
}

function toolOf(command: string): OtherTool | undefined {
  return TOOLS.find(({ known }) => known.test(command));
}

/** How a program lets go of its port; undefined where it is none of those that are known. @param command as its process shows it */
export function howToClose(command: string): string | undefined {
  return toolOf(command)?.close();
}

/** How a program is ended that does nothing but watch; undefined where it may do more, as write to the device first. */
export function wayToEnd(words: readonly string[]): WayToEnd | undefined {
  const tool = toolOf(words.join(" "));
  return tool?.watches?.(words) === false ? undefined : tool?.end;
}

/** Programs and extensions that people watch serial ports with: what they are called, and how each lets go of its port. Pure but for the language. */
import { t } from "../text/l10n";

interface OtherTool {
  /** Of its command line, or of a task or terminal it runs in. */
  readonly known: RegExp;
  readonly close: () => string;
}

const CTRL_C = (): string => t("It ends with Ctrl+C.");

/** The more telling name first: PlatformIO's monitor is a miniterm as well. */
const TOOLS: readonly OtherTool[] = [
  { known: /\b(?:pio|platformio)\b.*\bmonitor\b/i, close: CTRL_C },
  { known: /\besphome\b.*\b(?:logs|run|upload)\b/i, close: CTRL_C },
  { known: /\b(?:miniterm|serial\.tools)\b/i, close: () => t("It ends with Ctrl+].") },
  { known: /(?:^|\/)screen\b/i, close: () => t("It ends with Ctrl+A, then K, then Y.") },
  { known: /\bminicom\b/i, close: () => t("It ends with Ctrl+A, then X.") },
  { known: /\bpicocom\b/i, close: () => t("It ends with Ctrl+A, then Ctrl+X.") },
  { known: /(?:^|\/)tio\b/i, close: () => t("It ends with Ctrl+T, then Q.") },
  { known: /(?:^|\/)cu\s+-/i, close: () => t("It ends with a line of ~ and a full stop.") },
];

/** What other extensions that open ports are found under. */
export const MICROSOFT_MONITOR = "ms-vscode.vscode-serial-monitor";
export const MONITOR_EXTENSIONS = [MICROSOFT_MONITOR, "eclipse-cdt.serial-monitor"] as const;

/** How a program lets go of its port; undefined where it is none of those that are known. @param command as its process shows it */
export function howToClose(command: string): string | undefined {
  return TOOLS.find(({ known }) => known.test(command))?.close();
}

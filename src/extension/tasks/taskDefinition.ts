/** What a task of type `beken` in tasks.json asks for. Typed by hand, so that anything may stand there. Pure. */
import { parseNumber } from "../platform/settingValues";
import { t } from "../text/l10n";

/** The type of our tasks, as package.json contributes it. */
export const TASK_TYPE = "beken";

export const TASKS = ["flash", "backup", "verify", "monitor"] as const;

export interface BekenTask {
  readonly task: (typeof TASKS)[number];
  /** Path of a file, below the workspace folder or whole. */
  readonly file: string | undefined;
  /** Name of a port as the port picker has it; undefined: the selected one. */
  readonly port: string | undefined;
  /** Flash address for bytes without one of their own. */
  readonly at: number | undefined;
  /** Of a monitor: end as soon as it is known whether the firmware runs. */
  readonly untilVerdict: boolean;
}

/** @returns the task, or what is wrong with the definition */
export function parseTask(fields: Readonly<Record<string, unknown>>): BekenTask | string {
  const { file, port, at, untilVerdict = false } = fields;
  const task = TASKS.find((known) => known === fields["task"]);
  if (task === undefined) return t('"task" is one of {0}.', TASKS.join(", "));
  if (!isText(file)) return t('"{0}" is text.', "file");
  if (!isText(port)) return t('"{0}" is text.', "port");
  if (typeof untilVerdict !== "boolean") return t('"{0}" is true or false.', "untilVerdict");
  const address = typeof at === "string" ? parseNumber(at) : at;
  const isAddress = typeof address === "number" && Number.isSafeInteger(address) && address >= 0;
  if (at !== undefined && !isAddress) return t('"at" is an address such as 0x011000.');
  if (task === "verify" && file === undefined) return t('"file" is missing: what the chip is compared with.');
  return { task, file, port, at: isAddress ? address : undefined, untilVerdict };
}

function isText(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === "string" && value !== "");
}

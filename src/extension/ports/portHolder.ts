/**
 * Who has a serial port open: by the kernel's word on Linux, by what runs in this editor elsewhere. Only looks; ends no
 * programs. Knows nothing of jobs.
 */
import { readFile, readdir, readlink, realpath } from "node:fs/promises";
import * as vscode from "vscode";
import { t } from "../text/l10n";
import { MONITOR_EXTENSIONS, howToClose } from "./otherTools";
import type { PortEntry } from "./portEntry";

/** What to say first when a port is busy; empty when nothing is known. */
export async function describeHolder(port: PortEntry): Promise<readonly string[]> {
  if (port.ref.kind !== "serial") return [];
  const holder = process.platform === "linux" ? await programHolding(port.ref.path) : undefined;
  if (holder !== undefined) {
    const how = [howToClose(holder.name) ?? []].flat();
    const terminal = await terminalOf(holder.family);
    if (terminal !== undefined) {
      return [
        t('"{0}" in the terminal "{1}" has the port open: stop it there, then try again.', holder.name, terminal),
        ...how,
      ];
    }
    return [
      t('The program "{0}" (process {1}) has the port open: close it, then try again.', holder.name, holder.pid),
      ...how,
    ];
  }
  const suspect = knownMonitor();
  if (suspect === undefined) return [];
  return [t('"{0}" may have the port open: stop it, then try again.', suspect), ...[howToClose(suspect) ?? []].flat()];
}

interface Holder {
  readonly pid: number;
  readonly name: string;
  /** The process and its parents. */
  readonly family: readonly number[];
}

/** Looks through the open files of all processes that may be looked at. */
async function programHolding(path: string): Promise<Holder | undefined> {
  const target = await realpath(path).catch(() => path);
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    if (Number(pid) === process.pid) continue;
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const file of files) {
      const link = await readlink(`/proc/${pid}/fd/${file}`).catch(() => "");
      if (link === target) return await describeProcess(Number(pid));
    }
  }
  return undefined;
}

async function describeProcess(pid: number): Promise<Holder> {
  const command = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""))
    .split("\0")
    .filter((part) => part !== "");
  const words = command.slice(0, 4).map((part) => part.split("/").pop() ?? part);
  return { pid, name: words.join(" ") || String(pid), family: await familyOf(pid) };
}

async function familyOf(pid: number): Promise<readonly number[]> {
  const family: number[] = [];
  for (let current = pid; current > 1 && family.length < 16;) {
    family.push(current);
    const status = await readFile(`/proc/${current}/status`, "utf8").catch(() => "");
    current = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return family;
}

async function terminalOf(family: readonly number[]): Promise<string | undefined> {
  for (const terminal of vscode.window.terminals) {
    const shell = await terminal.processId;
    if (shell !== undefined && family.includes(shell)) return terminal.name;
  }
  return undefined;
}

const MONITOR = /monitor|esphome|platformio|serial|logs|picocom|minicom|miniterm/i;

/** Something in this editor that people watch serial ports with. */
function knownMonitor(): string | undefined {
  const task = vscode.tasks.taskExecutions.find(({ task: { name } }) => MONITOR.test(name))?.task.name;
  const terminal = vscode.window.terminals.find(
    ({ name, exitStatus }) => exitStatus === undefined && MONITOR.test(name),
  )?.name;
  const extension = MONITOR_EXTENSIONS.map((id) => vscode.extensions.getExtension<unknown>(id)).find(
    (found) => found?.isActive === true,
  );
  const { displayName } = (extension?.packageJSON ?? {}) as { readonly displayName?: string };
  return task ?? terminal ?? (extension && (displayName ?? extension.id));
}

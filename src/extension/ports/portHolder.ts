/**
 * Who has a serial port open, in words: by the kernel's word on Linux, by what runs in this editor elsewhere. Only looks; ends no
 * programs. Knows nothing of jobs.
 */
import * as vscode from "vscode";
import { t } from "../text/l10n";
import { programHolding, type Holder } from "./holdingProgram";
import { MONITOR_EXTENSIONS, howToClose, shortCommand } from "./otherTools";
import type { PortEntry } from "./portEntry";

/** What to say first when a port is busy; empty when nothing is known. */
export async function describeHolder({ ref }: Pick<PortEntry, "ref">): Promise<readonly string[]> {
  if (ref.kind !== "serial") return [];
  const holder = await programHolding(ref.path);
  if (holder !== undefined) {
    const { pid, words } = holder.program;
    const name = shortCommand(words) || String(pid);
    const how = [howToClose(words.join(" ")) ?? []].flat();
    const terminal = await terminalOf(holder);
    if (terminal !== undefined) {
      return [
        t('"{0}" in the terminal "{1}" has the port open: stop it there, then try again.', name, terminal),
        ...how,
      ];
    }
    return [t('The program "{0}" (process {1}) has the port open: close it, then try again.', name, pid), ...how];
  }
  const suspect = knownMonitor();
  if (suspect === undefined) return [];
  return [t('"{0}" may have the port open: stop it, then try again.', suspect), ...[howToClose(suspect) ?? []].flat()];
}

async function terminalOf({ program, parents }: Holder): Promise<string | undefined> {
  for (const terminal of vscode.window.terminals) {
    const shell = await terminal.processId;
    if ([program, ...parents].some(({ pid }) => pid === shell)) return terminal.name;
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

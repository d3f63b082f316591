/** Where programs of this person keep what must outlive them. The editor gives its extensions a folder of their own instead. */
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { usualBackupsFolder } from "../../storage/nodeFileSystem";

/** Journals of interrupted writes, rates of adapters, how their lines were left: the way each system keeps state. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.XDG_STATE_HOME) return join(env.XDG_STATE_HOME, "beken-flasher");
  if (process.platform === "win32")
    return join(env.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "beken-flasher");
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", "beken-flasher");
  return join(homedir(), ".local", "state", "beken-flasher");
}

/** Backups that are made before a first write when no other folder is named. */
export function backupsFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.BEKEN_BACKUPS ? env.BEKEN_BACKUPS : usualBackupsFolder();
}

/** Ledgers of rounds where no other file is named: beside the usual backups. */
export function roundsFolder(): string {
  return join(dirname(usualBackupsFolder()), "rounds");
}

/** Plans of assistants that wait for a yes at a terminal. */
export function approvalsFolder(): string {
  return join(stateFolder(), "approvals");
}

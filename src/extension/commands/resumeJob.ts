/** Going on with a job that was interrupted: the same file, the same place, and what is on disk of it. */
import * as vscode from "vscode";
import type { InterruptedJob } from "../../storage/interrupted";
import { readFirmware } from "../platform/firmwareFiles";
import { uriOf } from "../platform/places";
import { t } from "../text/l10n";
import { labelText } from "../text/plainText";
import type { PortEntry } from "../ports/portEntry";
import { startBootCode } from "./bringBackBootCode";
import { startBackup } from "./backUpFlash";
import { showError } from "../platform/showError";
import { portFor } from "./choosePort";
import { startFlash } from "./flashFile";
import { startRestore } from "./restoreBackup";
import type { Services } from "../services";

/** @param id of the one that was chosen; without it, the only one, or one that the person picks */
export async function resumeJob(services: Services, id?: string): Promise<void> {
  const job = await chosen(services, id);
  if (job === undefined) return;
  const port = await portOf(services, job);
  if (port === undefined) return;
  const { request, file } = job;
  try {
    if (request.kind === "backup") await startBackup(services, port, uriOf(file));
    else if (request.kind === "restore") await startRestore(services, port, vscode.Uri.parse(file, true), request);
    else if (request.only === "boot-code") await startBootCode(services, port, vscode.Uri.parse(file, true), request);
    else await startFlash(services, port, await readFirmware(vscode.Uri.parse(file, true)), request);
  } catch (error) {
    await showError(error);
  }
}

async function chosen({ journal }: Services, id: string | undefined): Promise<InterruptedJob | undefined> {
  const { interrupted } = journal;
  if (id !== undefined) return interrupted.find((job) => job.id === id);
  if (interrupted.length <= 1) return interrupted[0];
  const items = interrupted.map((job) => ({ label: labelText(job.title), description: labelText(job.portLabel), job }));
  return (await vscode.window.showQuickPick(items, { title: t("Resume Interrupted Job") }))?.job;
}

/** The port it ran on, or where the device is now. */
async function portOf(services: Services, { portId }: InterruptedJob): Promise<PortEntry | undefined> {
  const { ports } = services;
  if (ports.find(portId) === undefined) await ports.refresh();
  return await portFor(services, ports.find(portId) === undefined ? undefined : { portId });
}

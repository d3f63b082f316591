/** Which backup an action is about: from a menu, from those that are known, or by the file dialog. Judges none. */
import * as vscode from "vscode";
import type { KnownBackup } from "../../storage/backups";
import { formatBytes } from "../../shared/figures";
import { dayOf } from "../../shared/times";
import type { PortArgument } from "../platform/contributions";
import { files, placeOf, uriOf } from "../platform/places";
import { t } from "../text/l10n";
import { labelText } from "../text/plainText";
import { backupFolder } from "../jobs/backupPlaces";
import { deviceKey, type DeviceNames } from "../ports/deviceNames";
import type { Services } from "../services";

interface BackupItem extends vscode.QuickPickItem {
  readonly uri?: vscode.Uri;
}

/** Known backups first, then the dialog. Without any the dialog at once. */
export async function pickBackup(
  services: Services,
  port: PortArgument | undefined,
  title: string,
): Promise<vscode.Uri | undefined> {
  const portId = port?.portId ?? services.ports.selected?.id;
  const mac = portId === undefined ? undefined : services.jobs.chipOn(portId)?.mac;
  const items = backupItems(await services.shelf.all(), mac, services.names);
  if (items.length === 0) return await browse(services, title);
  const other = { label: `$(folder-opened) ${t("Browse...")}`, description: ".bin" };
  const separator = { label: "", kind: vscode.QuickPickItemKind.Separator };
  const picked = await vscode.window.showQuickPick<BackupItem>([...items, separator, other], {
    title,
    placeHolder: t("A backup that is known here, or any file"),
    matchOnDescription: true,
  });
  return picked === other ? await browse(services, title) : picked?.uri;
}

/** One of the others that are known here, its device's first; `browse`: the person would rather choose a file. */
export async function pickKnownBackup(
  { shelf, names }: Services,
  but: vscode.Uri,
  title: string,
): Promise<vscode.Uri | "browse" | undefined> {
  const all = await shelf.all();
  const own = all.find(({ path }) => path === placeOf(but));
  const others = all.filter((backup) => backup !== own);
  if (others.length === 0) return "browse";
  const other: BackupItem = { label: `$(folder-opened) ${t("Browse...")}`, description: ".bin" };
  const separator = { label: "", kind: vscode.QuickPickItemKind.Separator };
  const items = backupItems(others, own?.manifest.device.mac ?? undefined, names);
  const picked = await vscode.window.showQuickPick<BackupItem>([...items, separator, other], {
    title,
    placeHolder: t("A backup that is known here, or any file"),
    matchOnDescription: true,
  });
  return picked === other ? "browse" : picked?.uri;
}

/** Newest first; those of the device with this MAC address above all others. */
function backupItems(
  backups: readonly KnownBackup[],
  mac: string | undefined,
  names: DeviceNames,
): readonly BackupItem[] {
  const itemOf = (backup: KnownBackup): BackupItem => itemFor(backup, names);
  const newestFirst = [...backups].sort((a, b) => Date.parse(b.manifest.date) - Date.parse(a.manifest.date));
  const isOwn = ({ manifest }: KnownBackup): boolean => mac !== undefined && manifest.device.mac === mac;
  const own = newestFirst.filter(isOwn);
  const others = newestFirst.filter((backup) => !isOwn(backup));
  if (own.length === 0) return others.map(itemOf);
  const heading = (label: string): BackupItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
  return [
    heading(t("Of this device")),
    ...own.map(itemOf),
    ...(others.length === 0 ? [] : [heading(t("Of other devices")), ...others.map(itemOf)]),
  ];
}

function itemFor({ path, manifest }: KnownBackup, names: DeviceNames): BackupItem {
  const { chipName, date, device, ranges } = manifest;
  const size = ranges.reduce((sum, { length }) => sum + length, 0);
  const name = names.of(deviceKey({ mac: device.mac ?? undefined })) ?? null;
  const facts = [
    name,
    chipName ?? device.chip,
    device.mac,
    dayOf(Date.parse(date), vscode.env.language),
    formatBytes(size),
  ];
  return {
    label: `$(archive) ${labelText(files.nameOf(path))}`,
    description: labelText(facts.filter((fact) => fact !== null).join(" \u00b7 ")),
    uri: uriOf(path),
  };
}

async function browse({ settings }: Services, title: string): Promise<vscode.Uri | undefined> {
  const folder = backupFolder(settings.backupFolder);
  const chosen = await vscode.window.showOpenDialog({
    title,
    openLabel: t("Choose"),
    canSelectMany: false,
    ...(folder === undefined ? {} : { defaultUri: folder }),
    filters: { [t("Flash backups")]: ["bin"], [t("All files")]: ["*"] },
  });
  return chosen?.[0];
}

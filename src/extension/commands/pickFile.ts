/** Which firmware file an action is about: from a menu, from the builds, or by the file dialog. */
import * as vscode from "vscode";
import { detectImage, type ChipIdentity } from "../../core/index";
import type { PortArgument } from "../platform/contributions";
import type { FittedBuild } from "../builds/buildFits";
import { projectFacts, purposeOf } from "../builds/buildTexts";
import { nameOf, readFirmware } from "../platform/firmwareFiles";
import { say, t } from "../text/l10n";
import { labelText } from "../text/plainText";
import type { Services } from "../services";

interface FileItem extends vscode.QuickPickItem {
  readonly uri?: vscode.Uri;
  readonly browse?: boolean;
}

/**
 * Builds of the workspace first, then the dialog. Without builds the dialog at once, but where it is about a practice device:
 * nothing that a newcomer has would fit it.
 */
export async function pickFirmware(
  services: Services,
  title: string,
  port: PortArgument | undefined,
): Promise<vscode.Uri | undefined> {
  const { builds, jobs, ports, fits } = services;
  await builds.ready();
  const portId = port?.portId ?? ports.selected?.id;
  const chip = portId === undefined ? undefined : jobs.chipOn(portId);
  const known = itemsFor(await fits.for(builds.all, chip), chip);
  const items = known.length > 0 ? known : await practiceItems(services, port);
  if (items.length === 0) return await browse(title);
  const all: FileItem[] = [
    ...items,
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    { label: `$(folder-opened) ${t("Browse...")}`, description: t(".rbl, .uf2, .bin"), browse: true },
  ];
  const picked = await vscode.window.showQuickPick(all, {
    title,
    placeHolder: t("A build of this workspace, or any file"),
    matchOnDescription: true,
  });
  if (picked === undefined) return undefined;
  return picked.uri ?? (await browse(title));
}

async function practiceItems({ practice, ports }: Services, port: PortArgument | undefined): Promise<FileItem[]> {
  const portId = port?.portId ?? ports.selected?.id;
  const uri = portId === undefined ? undefined : await practice.firmwareFor(portId);
  if (uri === undefined) return [];
  return [
    {
      label: `$(beaker) ${t("Practice firmware")}`,
      description: t("for the practice device only"),
      detail: labelText(nameOf(uri)),
      uri,
    },
  ];
}

/** Where the chip is known, its builds stand above the others, which say why they are not for it. */
function itemsFor(fitted: readonly FittedBuild[], identity: ChipIdentity | undefined): readonly FileItem[] {
  const others = fitted.filter(({ misfit }) => misfit !== undefined);
  if (others.length === 0) return fitted.map(itemOf);
  const heading = (label: string): FileItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const name = identity?.chip?.name ?? t("the chip");
  const own = fitted.filter(({ misfit }) => misfit === undefined);
  return [
    ...(own.length === 0 ? [] : [heading(t("For the {0}", name)), ...own.map(itemOf)]),
    heading(t("Not for the {0}", name)),
    ...others.map(itemOf),
  ];
}

function itemOf({ build: { project }, file: { artefact, uri }, facts, misfit }: FittedBuild): FileItem {
  const about = [facts, projectFacts({ ...project, chip: undefined }, Date.now())].filter((part) => part !== "");
  return {
    label: `$(${misfit === undefined ? "package" : "circle-slash"}) ${labelText(project.name)}`,
    description: labelText(about.join(" \u00b7 ")),
    detail: labelText(misfit ?? `${artefact.name}: ${purposeOf(artefact.role)}`),
    uri,
  };
}

export async function browse(title: string): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title,
    canSelectMany: false,
    openLabel: t("Choose"),
    filters: {
      [t("Firmware")]: ["rbl", "uf2", "bin", "crc", "rblh", "zip", "gz", "tgz", "tar"],
      [t("All files")]: ["*"],
    },
  });
  return chosen?.[0];
}

/** The one file to use of what was selected together; each with what it is, those that cannot be flashed last. */
export async function chooseOne(uris: readonly vscode.Uri[], title: string): Promise<vscode.Uri | undefined> {
  const files = uris.length > 1 ? await withoutFolders(uris) : uris;
  const [only] = files;
  if (files.length <= 1) return only;
  const candidates = await Promise.all(files.map(describe));
  candidates.sort((a, b) => Number(b.flashable) - Number(a.flashable));
  const placeHolder = t("Several files are selected: a device takes one of them");
  return (await vscode.window.showQuickPick(candidates, { title, placeHolder }))?.uri;
}

/** A selection in the explorer often has the folder in it, too. */
async function withoutFolders(uris: readonly vscode.Uri[]): Promise<readonly vscode.Uri[]> {
  const isFolder = async (uri: vscode.Uri): Promise<boolean> => {
    try {
      return ((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.Directory) !== 0;
    } catch {
      return false;
    }
  };
  const folders = await Promise.all(uris.map(isFolder));
  return uris.filter((_, index) => folders[index] !== true);
}

async function describe(
  uri: vscode.Uri,
): Promise<FileItem & { readonly uri: vscode.Uri; readonly flashable: boolean }> {
  const label = labelText(nameOf(uri));
  try {
    const { bytes, name } = await readFirmware(uri);
    const image = detectImage(bytes, name);
    const flashable = image.refusal === undefined;
    const icon = flashable ? "$(file-binary)" : "$(circle-slash)";
    return {
      label: `${icon} ${label}`,
      description: labelText(say(image.label)),
      ...(flashable ? {} : { detail: t("not for flashing over serial") }),
      uri,
      flashable,
    };
  } catch {
    return { label: `$(error) ${label}`, description: t("cannot be read"), uri, flashable: false };
  }
}

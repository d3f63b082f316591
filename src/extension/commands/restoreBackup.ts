/** Bringing a backup back: the file, the manifest beside it, and a job that says what it means for the device at hand. */
import type * as vscode from "vscode";
import { isWholeFlash, openArchive } from "../../archives/archive";
import { manifestName, parseManifest, type BackupManifest } from "../../core/index";
import type { PortArgument } from "../platform/contributions";
import { exists, nameOf, readFirmware } from "../platform/firmwareFiles";
import { t } from "../text/l10n";
import { bootloaderConsent } from "./bootloaderConsent";
import type { PortEntry } from "../ports/portEntry";
import { showError } from "../platform/showError";
import { portFor, run } from "./choosePort";
import { openArchived } from "./openArchived";
import { doubtConsent } from "./doubtConsent";
import { pickBackup } from "./pickBackup";
import { chooseOne } from "./pickFile";
import { manifestOf } from "../jobs/backupPlaces";
import type { JobEnd, KeptOf } from "../jobs/jobSpec";
import type { Services } from "../services";

/** Calibration and MAC address of the chip stay, its boot code unless the person types otherwise; the plan is always shown and asked about. */
export async function restoreBackup(
  services: Services,
  uris: readonly vscode.Uri[],
  argument?: PortArgument,
): Promise<void> {
  const title = t("Restore Backup");
  const uri = uris.length > 0 ? await chooseOne(uris, title) : await pickBackup(services, argument, title);
  if (uri === undefined) return;
  try {
    const port = await portFor(services, argument);
    if (port !== undefined) await startRestore(services, port, uri, {});
  } catch (error) {
    await showError(error);
  }
}

/**
 * Undefined when nothing was started.
 * @throws FileError, ImageError where the backup or its manifest cannot be used
 */
export async function startRestore(
  services: Services,
  port: PortEntry,
  uri: vscode.Uri,
  how: Partial<KeptOf<"restore">>,
): Promise<JobEnd<"restore"> | undefined> {
  const { settings } = services;
  const title = t("Restore Backup");
  const opened = await openArchived(await readFirmware(uri), isWholeFlash, title);
  if (opened === undefined) return undefined;
  const { name, bytes } = opened;
  const manifest = await manifestBeside(opened.uri);
  return await run<"restore">(services, {
    port,
    title: t("Restore {0}", name),
    fileName: name,
    source: opened.uri.toString(),
    confirm: true,
    request: {
      kind: "restore",
      file: { name, bytes },
      ...(manifest === undefined ? {} : { manifest }),
      verify: settings.verifyAfterFlash,
      reboot: settings.rebootAfterFlash,
      dryRun: false,
      bootloader: "offered",
      ...how,
    },
    hooks: { bootloader: bootloaderConsent(services, uri, "restore"), askDoubt: doubtConsent(name) },
  });
}

async function manifestBeside(uri: vscode.Uri): Promise<BackupManifest | undefined> {
  if (uri.fragment !== "") return await manifestInside(uri);
  const place = manifestOf(uri);
  if (!(await exists(place))) return undefined;
  const { bytes } = await readFirmware(place);
  return parseManifest(new TextDecoder().decode(bytes), nameOf(place));
}

/** In an archive it is beside the dump, too; there is none where it is not. */
async function manifestInside(uri: vscode.Uri): Promise<BackupManifest | undefined> {
  const { bytes, name } = await readFirmware(uri.with({ fragment: "" }));
  const path = manifestName(uri.fragment);
  const found = openArchive(bytes, name).files.find((file) => file.path === path);
  return found && parseManifest(new TextDecoder().decode(found.bytes), found.name);
}

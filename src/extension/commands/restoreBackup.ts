/** Bringing a backup back: the file, the manifest beside it, and a job that says what it means for the device at hand. */
import type * as vscode from "vscode";
import { parseManifest, type BackupManifest } from "../../core/index";
import type { PortArgument } from "../platform/contributions";
import { exists, nameOf, readFirmware } from "../platform/firmwareFiles";
import { t } from "../text/l10n";
import { bootloaderConsent } from "./bootloaderConsent";
import type { PortEntry } from "../ports/portEntry";
import { showError } from "./chipJobs";
import { portFor } from "./choosePort";
import { doubtConsent } from "./doubtConsent";
import { pickBackup } from "./pickBackup";
import { chooseOne } from "./pickFile";
import { manifestOf } from "../jobs/backupPlaces";
import type { Services } from "../services";

/** Calibration and MAC address of the chip stay, its boot code unless the person types otherwise; the plan is always shown and asked about. */
export async function restoreBackup(
  services: Services,
  uris: readonly vscode.Uri[],
  argument?: PortArgument,
): Promise<void> {
  const uri = uris.length > 0 ? await chooseOne(uris, t("Restore Backup")) : await pickBackup(services, argument);
  if (uri === undefined) return;
  try {
    const port = await portFor(services, argument);
    if (port !== undefined) await startRestore(services, port, uri, {});
  } catch (error) {
    await showError(error);
  }
}

/** @throws FileError, ImageError where the backup or its manifest cannot be used */
export async function startRestore(
  services: Services,
  port: PortEntry,
  uri: vscode.Uri,
  { replaceCalibration = false }: { readonly replaceCalibration?: boolean },
): Promise<void> {
  const { settings, jobs } = services;
  const { name, bytes } = await readFirmware(uri);
  const manifest = await manifestBeside(uri);
  await jobs.start<"restore">({
    port,
    title: t("Restore {0}", name),
    fileName: name,
    source: uri.toString(),
    confirm: true,
    request: {
      kind: "restore",
      file: { name, bytes },
      ...(manifest === undefined ? {} : { manifest }),
      ...(replaceCalibration ? { keepCalibration: false } : {}),
      verify: settings.verifyAfterFlash,
      reboot: settings.rebootAfterFlash,
      dryRun: false,
      bootloader: bootloaderConsent(services, uri, true),
      doubts: doubtConsent(name),
    },
  });
}

async function manifestBeside(uri: vscode.Uri): Promise<BackupManifest | undefined> {
  const place = manifestOf(uri);
  if (!(await exists(place))) return undefined;
  const { bytes } = await readFirmware(place);
  return parseManifest(new TextDecoder().decode(bytes), nameOf(place));
}

/** Bringing a backup back: the file, the manifest beside it, and a job that says what it means for the device at hand. */
import * as vscode from "vscode";
import { parseManifest, type BackupManifest } from "../../core/index";
import type { PortArgument } from "../contributions";
import { exists, nameOf, readFirmware } from "../files";
import { t } from "../l10n";
import { tell } from "./chip";
import { portFor } from "./choosePort";
import { backupFolder, manifestOf } from "./places";
import type { Services } from "./services";

/** Calibration, MAC address and boot code of the chip stay as they are; the plan is always shown and asked about. */
export async function restoreBackup(services: Services, argument?: PortArgument): Promise<void> {
  const { settings, jobs } = services;
  const folder = backupFolder(settings.backupFolder);
  const chosen = await vscode.window.showOpenDialog({
    title: t("Restore Backup"),
    openLabel: t("Restore"),
    canSelectMany: false,
    ...(folder === undefined ? {} : { defaultUri: folder }),
    filters: { [t("Flash backups")]: ["bin"], [t("All files")]: ["*"] },
  });
  const [uri] = chosen ?? [];
  if (uri === undefined) return;
  try {
    const { name, bytes } = await readFirmware(uri);
    const manifest = await manifestBeside(uri);
    const port = await portFor(services, argument);
    if (port === undefined) return;
    await jobs.start<"restore">({
      port,
      title: t("Restore {0}", name),
      fileName: name,
      confirm: true,
      request: {
        kind: "restore",
        file: { name, bytes },
        ...(manifest === undefined ? {} : { manifest }),
        verify: settings.verifyAfterFlash,
        reboot: settings.rebootAfterFlash,
        dryRun: false,
      },
    });
  } catch (error) {
    await tell(error);
  }
}

async function manifestBeside(uri: vscode.Uri): Promise<BackupManifest | undefined> {
  const place = manifestOf(uri);
  if (!(await exists(place))) return undefined;
  const { bytes } = await readFirmware(place);
  return parseManifest(new TextDecoder().decode(bytes), nameOf(place));
}

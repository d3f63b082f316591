/** Boot code alone, out of a backup, a QIO image or a stored copy: what brings a chip with a boot ROM back that does not start. */
import type * as vscode from "vscode";
import type { PortArgument } from "../platform/contributions";
import { readFirmware } from "../platform/firmwareFiles";
import { t } from "../text/l10n";
import { bootloaderConsent } from "../commands/bootloaderConsent";
import { showError } from "../platform/showError";
import { doubtConsent } from "../commands/doubtConsent";
import type { JobEnd, KeptOf } from "../jobs/jobSpec";
import { portFor, run } from "../commands/choosePort";
import type { PortEntry } from "../ports/portEntry";
import { pickBackup } from "../commands/pickBackup";
import { chooseOne } from "../commands/pickFile";
import type { Services } from "../services";

/** The plan is always shown and asked about, after the chip's name was typed. */
export async function bringBackBootCode(
  services: Services,
  uris: readonly vscode.Uri[],
  argument?: PortArgument,
): Promise<void> {
  const title = t("Bring Back Boot Code");
  const port = await portFor(services, argument);
  if (port === undefined) return;
  const uri = uris.length > 0 ? await chooseOne(uris, title) : await pickBackup(services, { portId: port.id }, title);
  if (uri === undefined) return;
  try {
    await startBootCode(services, port, uri);
  } catch (error) {
    await showError(error);
  }
}

export async function startBootCode(
  services: Services,
  port: PortEntry,
  uri: vscode.Uri,
  how: Partial<KeptOf<"flash">> = {},
): Promise<JobEnd<"flash"> | undefined> {
  const { settings } = services;
  const { name, bytes } = await readFirmware(uri);
  return await run<"flash">(services, {
    port,
    title: t("Bring back the boot code of {0}", name),
    fileName: name,
    source: uri.toString(),
    reload: async () => (await readFirmware(uri)).bytes,
    confirm: true,
    request: {
      kind: "flash",
      only: "boot-code",
      file: { name, bytes },
      verify: settings.verifyAfterFlash,
      reboot: settings.rebootAfterFlash,
      dryRun: false,
      bootloader: "wanted",
      ...how,
    },
    hooks: { bootloader: bootloaderConsent(services, uri, "asked"), askDoubt: doubtConsent(name) },
  });
}

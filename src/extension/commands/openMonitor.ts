/** Shows what a device prints, and says on which port it does. */
import * as vscode from "vscode";
import { formatPort } from "../../core/index";
import type { PortArgument } from "../platform/contributions";
import { labelText } from "../text/plainText";
import { t } from "../text/l10n";
import type { Services } from "../services";
import { portMeant } from "./choosePort";

export async function openMonitor(services: Services, argument: PortArgument | undefined): Promise<void> {
  const port = await portMeant(services, argument);
  if (port !== undefined) services.monitors.show(port);
}

/** Another adapter may be on the wire with the log: asked once, remembered for the device. */
export async function chooseLogPort(services: Services, argument: PortArgument | undefined): Promise<void> {
  const { monitors, ports } = services;
  const port = await portMeant(services, argument);
  if (port === undefined) return;
  const now = formatPort(monitors.logPortOf(port));
  const items = ports.ports.map((other) => ({
    label: labelText(other.label),
    description: [other.id === port.id ? t("the same as for flashing") : undefined, ...other.facts]
      .filter((fact) => fact !== undefined)
      .map(labelText)
      .join(" \u00b7 "),
    picked: other.id === now,
    id: other.id,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: t("Port with the Log of {0}", port.label),
    placeHolder: t("Most firmware prints its log on TX2 (P0), which needs an adapter or a wire of its own"),
  });
  if (picked !== undefined) await monitors.useLogPort(port, picked.id);
}

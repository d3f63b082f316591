/** Giving a device or an adapter a name of its own: asked for in a box, kept for all windows. */
import * as vscode from "vscode";
import type { PortArgument } from "../platform/contributions";
import { adapterNameKey, deviceKey } from "../ports/deviceNames";
import { warn } from "../platform/shownMessages";
import { t } from "../text/l10n";
import { portMeant } from "./choosePort";
import type { Services } from "../services";

/** The device goes by its MAC address, whichever port it is wired to next. */
export async function renameDevice(services: Services, argument?: PortArgument): Promise<void> {
  const port = await portMeant(services, argument);
  if (port === undefined) return;
  const chip = services.jobs.chipOn(port.id);
  const key = chip && deviceKey(chip);
  if (key === undefined) {
    void warn(
      chip === undefined
        ? t("Show the chip's info first: a device is named by the MAC address on its chip.")
        : t(
            "Nothing on this chip tells it from others of its kind, so it cannot be given a name. Rename its adapter instead.",
          ),
    );
    return;
  }
  await ask(services, key, t("Rename Device"), t("A name for the device {0}; empty takes it away", chip?.mac ?? ""));
}

export async function renameAdapter(services: Services, argument?: PortArgument): Promise<void> {
  const port = await portMeant(services, argument);
  if (port === undefined) return;
  const { adapterKey = port.id } = port;
  const prompt = t("A name for the adapter or port {0}; empty takes it away", port.id);
  await ask(services, adapterNameKey(adapterKey), t("Rename Adapter"), prompt);
}

async function ask({ names }: Services, key: string, title: string, prompt: string): Promise<void> {
  const value = names.of(key) ?? "";
  const name = await vscode.window.showInputBox({ title, prompt, value, ignoreFocusOut: true });
  if (name !== undefined) await names.rename(key, name);
}

/** The choice of speed, written to the setting. */
import * as vscode from "vscode";
import { SETTING_BOUNDS } from "../platform/contributions";
import { t } from "../text/l10n";
import type { Services } from "../services";

/** Rates that adapters and chips have in common. */
const RATES = [115_200, 230_400, 460_800, 921_600, 1_500_000, 2_000_000, 3_000_000] as const;

export async function selectBaudRate({ settings, rates }: Services): Promise<void> {
  const { baudRate } = settings;
  const current = (value: number | "auto"): string => (value === baudRate ? t("selected") : "");
  const other = {
    label: t("Other..."),
    description: t("from {0} to {1}", SETTING_BOUNDS.baudRate.minimum, SETTING_BOUNDS.baudRate.maximum),
    value: undefined,
  };
  const items = [
    {
      label: t("Automatic"),
      description: [t("as fast as the link holds"), current("auto")].filter(Boolean).join(" \u00b7 "),
      value: "auto",
    },
    ...RATES.map((rate) => ({ label: String(rate), description: current(rate), value: String(rate) })),
    other,
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: t("Select Baud Rate"),
    placeHolder: t("The highest speed to use once the chip is linked"),
  });
  if (picked === undefined) return;
  const value = picked.value ?? (await askRate());
  if (value === undefined) return;
  await settings.update("baudRate", value);
  // Picked anew it is looked for anew, also where it was the setting before.
  if (value === "auto") await rates.forget();
}

function askRate(): Thenable<string | undefined> {
  const { minimum, maximum } = SETTING_BOUNDS.baudRate;
  return vscode.window.showInputBox({
    title: t("Select Baud Rate"),
    prompt: t("Baud rate from {0} to {1}", minimum, maximum),
    validateInput: (text) => {
      const rate = Number(text);
      return Number.isInteger(rate) && rate >= minimum && rate <= maximum
        ? undefined
        : t("A whole number from {0} to {1}", minimum, maximum);
    },
  });
}

/** A box for an address or a length: what cannot be is refused while it is typed. */
import * as vscode from "vscode";
import { t } from "../text/l10n";
import { parseNumber } from "../platform/settingValues";

/** Where applications begin (docs/formats.md); boot code below it is neither erased alone nor written without a recognised image. */
export const BOOT_CODE_END = 0x11000;

/**
 * @param problem what speaks against a number, in words
 * @returns undefined where the person gave up
 */
export async function askNumber(
  title: string,
  prompt: string,
  placeHolder: string,
  problem: (value: number) => string | undefined,
): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    prompt,
    placeHolder,
    ignoreFocusOut: true,
    validateInput: (input) => {
      const value = parseNumber(input);
      return value === undefined ? t("A number such as 0x011000") : problem(value);
    },
  });
  return text === undefined ? undefined : parseNumber(text);
}

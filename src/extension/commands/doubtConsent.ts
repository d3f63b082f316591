/** What a file leaves open, asked in the editor before anything is touched: going on is the person's word, never a default. */
import type { AskDoubt, DoubtCode } from "../../core/index";
import { ask } from "../platform/shownMessages";
import { say, t } from "../text/l10n";

function titleOf(code: DoubtCode, name: string): string {
  return code === "image-chip-unknown"
    ? t("Nothing in {0} tells for sure which chip it is for.", name)
    : t("Code in {0} is damaged.", name);
}

function adviceFor(code: DoubtCode): string {
  return code === "image-chip-unknown"
    ? t("Firmware of another chip is written and verified like any other, and does not start.")
    : t("What is damaged there is damaged on the device afterwards, which may not start with it.");
}

/** @param name of the file */
export function doubtConsent(name: string): AskDoubt {
  return async ({ code, detail }) => {
    const goOn = t("Write It All the Same");
    const told = `${say(detail)}\n\n${adviceFor(code)}`;
    const answer = await ask(true, titleOf(code, name), told, goOn);
    return answer === goOn;
  };
}

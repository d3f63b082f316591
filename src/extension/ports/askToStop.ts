/** The person's yes to ending a program of theirs that has a port. */
import { ask } from "../platform/shownMessages";
import { t } from "../text/l10n";

/** @returns true for the person's yes; false as soon as the signal aborts, whatever is answered later */
export type AskToStop = (title: string, detail: string, signal: AbortSignal) => Promise<boolean>;

export const askToStop: AskToStop = async (title, detail, signal) => {
  const stop = t("Stop It and Go On");
  let aborted = (): void => undefined;
  const over = new Promise<undefined>((resolve) => {
    aborted = () => resolve(undefined);
    signal.addEventListener("abort", aborted, { once: true });
    if (signal.aborted) aborted();
  });
  try {
    return (await Promise.race([ask(false, title, detail, stop), over])) === stop;
  } finally {
    signal.removeEventListener("abort", aborted);
  }
};

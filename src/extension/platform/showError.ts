/** A failure outside of any job, in words: what is wrong, and the first thing to do about it. */
import { asFlasherError } from "../../core/index";
import { errorView } from "../text/errorText";
import { fail } from "./shownMessages";

export async function showError(error: unknown): Promise<void> {
  const { title, steps } = errorView(asFlasherError(error, "use the file"));
  await fail(`${title} ${steps[0] ?? ""}`.trim());
}

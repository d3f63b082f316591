/** Everything that was learnt of adapters is found out anew: for wires that were changed, and for whoever is puzzled. */
import { inform } from "../platform/shownMessages";
import { t } from "../text/l10n";
import type { Services } from "../services";

export async function forgetAdapters({ rates, jobs }: Pick<Services, "rates" | "jobs">): Promise<void> {
  // A session that is kept knows what it has learnt.
  for (const portId of jobs.idlePorts) await jobs.release(portId);
  await rates.forgetAll();
  void inform(
    t("Forgotten: the speeds that held with each adapter, and how each resets its chip. Both are found out anew."),
  );
}

/** Whether updates over the air will be unpacked on a chip on the wire, by its boot code as far as that was read. */
import type { Say } from "../core/base/words";
import { words } from "../core/base/words";
import type { ChipIdentity } from "../core/beken/chips/types";
import { boardFor } from "../core/passport/modules";
import { updateVerdicts } from "../core/passport/otaVerdict";
import { updateDevice } from "../core/plan/updateAdvice";
import type { UpdatesView } from "./dumpView";

/** One for each firmware; none where no boot code was seen. */
export function chipUpdates(identity: ChipIdentity, say: Say): UpdatesView {
  const { bootCode } = updateDevice(identity);
  if (!bootCode.isThere || identity.bootloader.crc256 === undefined) return [];
  const { profile, download, hasTable } = bootCode;
  const chip = identity.chip?.id;
  const verdicts = updateVerdicts({
    hasBootCode: true,
    profile,
    download,
    hasTable,
    chip,
    board: boardFor(undefined, chip)?.board,
  });
  // What was not read may have the table.
  const isOpen = bootCode.isWhole === false && !hasTable && profile?.download === undefined;
  return verdicts.map(({ firmware, works, words: why }) =>
    isOpen
      ? { firmware, works: "unknown", why: say(words`the boot code is in no table, and not all of it was read`) }
      : { firmware, works, why: say(why) },
  );
}

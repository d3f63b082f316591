/** A passport in one line: device, module, firmware, chip. Holds no secrets. */
import { listed, type Text, type Words } from "../base/words";
import type { FactId } from "./facts";
import type { LogSettings } from "./logWire";
import type { Passport } from "./passport";
import { Secret } from "./secret";

/** What names a device, most telling first. */
const LINE: readonly FactId[] = ["module", "firmware", "firmware-version", "chip"];

export interface PassportSummary {
  /** `CB2S, Tuya: oem_bk7231n_plug, 1.1.12 (on 2.3.1), BK7231N`; undefined where nothing was recognised. */
  readonly line: Words | undefined;
  readonly paired: boolean | undefined;
  /** Why the file must not be given away as it is; empty where nothing of a person's was found. */
  readonly private: readonly Words[];
  /** What OpenBeken's settings say of its log, and whether it is OpenBeken that runs; left out where there are none that it would take. */
  readonly openBekenLog?: { readonly settings: LogSettings; readonly runs: boolean };
}

export function summaryOf({ facts, settings, firmware, private: found }: Passport): PassportSummary {
  const parts = LINE.flatMap((id): Text[] => {
    const value = facts.find((fact) => fact.id === id)?.value;
    return value === undefined || value instanceof Secret ? [] : [value];
  });
  const { openBeken } = settings;
  return {
    line: parts.length === 0 ? undefined : listed(parts),
    paired: settings.tuya?.paired,
    private: found,
    ...(openBeken !== undefined &&
      openBeken.sound !== false && {
        openBekenLog: { settings: openBeken.log, runs: firmware.kind === "openbeken" },
      }),
  };
}

/** What is known of the chip that a YAML is for, from an identification or from the passport of a backup. */
import type { ChipId, ChipIdentity, Coefficients, KeyKind, Passport } from "../core/index";

export interface KnownChip {
  readonly chip: ChipId | undefined;
  readonly module: string | undefined;
  readonly key: KeyKind;
  readonly coefficients: Coefficients | undefined;
  readonly calibrationAt: number | undefined;
}

export function chipOfIdentity({ chip, key, calibration }: ChipIdentity): KnownChip {
  const { kind, coefficients } = key;
  return { chip: chip?.id, module: undefined, key: kind, coefficients, calibrationAt: calibration?.address };
}

export function chipOfPassport({ chip, module, key, coefficients, calibrationAt }: Passport): KnownChip {
  return { chip, module, key, coefficients, calibrationAt };
}

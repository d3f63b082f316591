/** Identities, plans and images as plain JSON values for `--json`: names and numbers, no classes, no byte arrays. */
import { hex32, type ChipIdentity, type FirmwareImage, type FlashPlan, type RestorePlan } from "../core/index";

export function plainIdentity(chip: ChipIdentity): Readonly<Record<string, unknown>> {
  return {
    chip: chip.chip?.id ?? null,
    chipName: chip.chip?.name ?? null,
    alternatives: (chip.alternatives ?? []).map(({ id }) => id),
    protocol: chip.protocol.family,
    protocolName: chip.protocol.name,
    bootloader: {
      id: chip.bootloader.profile?.id ?? null,
      name: chip.bootloader.profile?.name ?? null,
      crc: chip.bootloader.crc256 === undefined ? null : hex32(chip.bootloader.crc256),
      version: chip.bootloader.version ?? chip.bootloader.profile?.version ?? null,
      known: chip.bootloader.profile !== undefined,
    },
    chipId: chip.chipIdRegister ?? null,
    flash: {
      id: chip.flash.jedecId ?? null,
      part: chip.flash.part ? `${chip.flash.part.maker} ${chip.flash.part.name}` : null,
      size: chip.flash.size,
      sizeFrom: chip.flash.sizeFrom,
    },
    statusRegister: chip.statusRegister ?? null,
    mac: chip.mac ?? null,
    calibration: chip.calibration ?? null,
    key: { kind: chip.key.kind, from: chip.key.from },
    keyEvidence: (chip.keyEvidence ?? []).map(({ kind, from }) => ({ kind, from })),
    layout: chip.layout?.id ?? null,
    start: chip.start ?? null,
  };
}

export function plainPlan(plan: FlashPlan): Readonly<Record<string, unknown>> {
  return {
    kind: plan.kind,
    flashSize: plan.flashSize,
    writes: plan.writes.map(({ address, data, from }) => ({ address, length: data.length, from })),
    sectors: plan.sectors,
    erases: plan.erases,
    preserved: plan.preserved,
    protected: plan.protectedRanges,
    totals: plan.totals,
    start: plan.start ?? null,
  };
}

export function plainRestore(restore: RestorePlan): Readonly<Record<string, unknown>> {
  const { device, judgement, calibration, mac, refusals, warnings, doubts, leftOut } = restore;
  return { device, verdict: judgement.verdict, calibration, mac: mac ?? null, refusals, warnings, doubts, leftOut };
}

export function plainImage(image: FirmwareImage): Readonly<Record<string, unknown>> {
  const { segments, key, refusal, bootCode, signs = [], ...rest } = image;
  return {
    ...rest,
    key: key ? key.kind : null,
    bootCode: bootCode ? { key: bootCode.key.kind } : null,
    signs: signs.map(({ chips, weight, words }) => ({ chips, weight, words })),
    flashable: refusal === undefined,
    refusal: refusal ?? null,
    segments: segments.map(({ address, data, from }) => ({ address, length: data.length, from })),
  };
}

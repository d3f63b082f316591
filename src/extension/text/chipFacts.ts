/** A chip as lines of name and value for trees and tooltips, in the editor's language. Pure. */
import { formatBytes, hexAddress } from "../../shared/figures";
import { startFact } from "../../shared/startText";
import type { Strings } from "../../shared/strings";
import type { ChipView } from "../../shared/views";
import { localised, t } from "./l10n";

export interface ChipFact {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  /** More to read on hovering. */
  readonly detail?: string;
}

export function chipFacts(chip: ChipView): readonly ChipFact[] {
  const words = localised();
  const { chip: names } = words;
  const facts: (ChipFact | undefined)[] = [
    { id: "chip", name: names.name, value: chipName(chip, words) },
    { id: "protocol", name: names.answers, value: chip.protocol },
    {
      id: "bootloader",
      name: names.bootloader,
      value: bootloaderValue(chip, words),
      ...(chip.bootloader.note === undefined ? {} : { detail: chip.bootloader.note }),
    },
    { id: "flash", name: names.flash, value: flashValue(chip, words) },
    { id: "mac", name: names.mac, value: chip.mac ?? t("not found") },
    { id: "key", name: names.encryption, value: keyValue(chip, words) },
    { id: "calibration", name: names.calibration, value: calibrationValue(chip, words) },
    { id: "layout", name: names.layout, value: chip.layout?.name ?? t("unknown") },
    chip.start && { id: "starts", name: names.starts, value: startFact(chip.start, words) },
    chip.chipIdRegister === undefined ? undefined : { id: "chipId", name: names.chipId, value: chip.chipIdRegister },
    chip.statusRegister && {
      id: "status",
      name: names.status,
      value: chip.statusRegister.value,
      detail: chip.statusRegister.words.join("\n"),
    },
  ];
  return facts.filter((fact) => fact !== undefined);
}

export function chipName(chip: ChipView, words: Strings = localised()): string {
  const name = chip.name ?? words.chip.unknown;
  return chip.alternatives.length === 0
    ? name
    : `${name} (${words.chip.orMaybe.replace("{0}", chip.alternatives.join(", "))})`;
}

function bootloaderValue({ bootloader: { name, version, crc, empty } }: ChipView, { chip: words }: Strings): string {
  if (empty !== undefined) return empty === "blank" ? words.bootloaderBlank : words.bootloaderZeros;
  const fingerprint = crc === undefined ? undefined : words.crc.replace("{0}", crc);
  if (name === undefined) return [words.bootloaderUnknown, fingerprint].filter((part) => part !== undefined).join(", ");
  return version === undefined || name.includes(version) ? name : `${name} ${version}`;
}

function flashValue({ flash: { part, jedecId, size, sizeFrom } }: ChipView, words: Strings): string {
  const known = part ?? (jedecId === undefined ? undefined : words.chip.flashId.replace("{0}", jedecId));
  const amount = sizeFrom === "jedec" ? formatBytes(size) : `${formatBytes(size)} (${words.sizeFrom[sizeFrom]})`;
  return known === undefined ? amount : `${known}, ${amount}`;
}

function keyValue({ key, keyContradiction }: ChipView, words: Strings): string {
  const kind = words.key[key.kind];
  const value = key.kind === "unknown" ? kind : `${kind}, ${words.keyFrom[key.from]}`;
  return keyContradiction ? `${value}. ${words.chip.contradiction}` : value;
}

function calibrationValue({ calibration }: ChipView, { chip: words }: Strings): string {
  if (calibration === undefined) return t("not found");
  const pattern = calibration.from === "scan" ? words.calibrationScan : words.calibrationFound;
  return pattern.replace("{0}", hexAddress(calibration.address));
}

/** A chip's identity as lines in English, for the command line and for diagnostics. Words only; nothing is decided here. */
import { hex32, hexAddress } from "../../base/bytes";
import { english } from "../../base/words";
import type { ChipIdentity, KeyKind, KeyState } from "./types";

export interface IdentityLine {
  readonly name: string;
  readonly value: string;
}

const SIZE_FROM: Readonly<Record<ChipIdentity["flash"]["sizeFrom"], string>> = {
  jedec: "from the flash id",
  "wrap-around": "measured: reads repeat there",
  bootloader: "usual with this bootloader",
  assumed: "assumed",
};

const KEY_KIND: Readonly<Record<KeyKind, string>> = {
  tuya: "Tuya key",
  zero: "zero key (not encrypted)",
  other: "another key",
  unknown: "unknown",
};

const KEY_FROM: Readonly<Record<KeyState["from"], string>> = {
  efuse: "eFuse",
  application: "the application on the flash",
  bootloader: "the bootloader",
  nothing: "nothing to tell it by",
};

/** Everything known about a chip, in reading order. Lines that make no sense for the chip at hand are left out. */
export function describeIdentity(identity: ChipIdentity): readonly IdentityLine[] {
  const { protocol, bootloader, chipIdRegister, statusRegister, mac, calibration, layout } = identity;
  const lines: (IdentityLine | undefined)[] = [
    { name: "Chip", value: chipWords(identity) },
    identity.chip?.inferred && { name: "Seen on hardware", value: `no: ${english(identity.chip.inferred)}` },
    { name: "Answers", value: english(protocol.name) },
    { name: "Bootloader", value: bootloaderWords(identity) },
    bootloader.version === undefined ? undefined : { name: "Bootloader says", value: bootloader.version },
    chipIdRegister === undefined
      ? undefined
      : { name: "Chip id", value: `0x${chipIdRegister.toString(16).toUpperCase()}` },
    { name: "Flash", value: flashWords(identity) },
    statusRegister && {
      name: "Status register",
      value: `0x${statusRegister.value
        .toString(16)
        .toUpperCase()
        .padStart(2 * statusRegister.bytes, "0")} (${statusRegister.words.map(english).join("; ")})`,
    },
    { name: "MAC address", value: mac ?? "not found" },
    {
      name: "Calibration",
      value: calibration
        ? `${hexAddress(calibration.address)}${calibration.from === "scan" ? " (found by a scan)" : ""}`
        : "not found",
    },
    { name: "Key", value: keyWords(identity) },
    { name: "Layout", value: layout?.name ?? "unknown" },
  ];
  return lines.filter((line): line is IdentityLine => line !== undefined);
}

function chipWords({ chip, alternatives = [] }: ChipIdentity): string {
  if (!chip) return "unknown";
  return alternatives.length === 0 ? chip.name : `${chip.name} (or ${alternatives.map(({ name }) => name).join(", ")})`;
}

const NO_BOOT_CODE = {
  blank: "none: the flash is blank there",
  zeros: "none: the flash reads as zeros, as one that does not answer does",
} as const;

function bootloaderWords({ bootloader: { profile, crc256, empty } }: ChipIdentity): string {
  const fingerprint = crc256 === undefined ? undefined : `CRC-32 ${hex32(crc256)}`;
  if (empty) return NO_BOOT_CODE[empty];
  if (!profile) return fingerprint === undefined ? "not read" : `not in the table, ${fingerprint}`;
  const { name, version, note } = profile;
  const title = version === undefined ? english(name) : `${english(name)} ${version}`;
  return [title, fingerprint, note]
    .filter((text) => text !== undefined)
    .map(english)
    .join(", ");
}

function flashWords({ flash: { jedecId, part, size, sizeFrom } }: ChipIdentity): string {
  const sizeWords = `${sizeText(size)} (${SIZE_FROM[sizeFrom]})`;
  if (jedecId === undefined) return sizeWords;
  return `${part ? `${part.maker} ${part.name}` : "unknown part"}, id ${jedecId}, ${sizeWords}`;
}

function sizeText(size: number): string {
  return size % 0x100000 === 0 ? `${size / 0x100000} MiB` : `${size / 1024} KiB`;
}

function keyWords({ key, keyEvidence = [] }: ChipIdentity): string {
  const contradicting = keyEvidence.filter(({ kind }) => kind !== key.kind);
  const words = `${KEY_KIND[key.kind]}, from ${KEY_FROM[key.from]}`;
  if (key.kind === "unknown") return `${KEY_KIND.unknown}: ${KEY_FROM.nothing}`;
  if (contradicting.length === 0) return words;
  return `${words}; but ${contradicting.map(({ kind, from }) => `${KEY_FROM[from]} has ${KEY_KIND[kind]}`).join(", ")}`;
}

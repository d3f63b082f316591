/** Files that are never written over serial: over-the-air containers, RBL headers by themselves, ELF, other makers' firmware. */
import { ascii, equalBytes, hexAddress, readU32, readU32be } from "../../base/bytes";
import { words } from "../../base/words";
import type { ChipId } from "../chips/types";
import { agreeOnChips, agreeOnFormat } from "./agreement";
import { blockState } from "./crcBlocks";
import { chipOfVersion, type NameClaims } from "./fileName";
import type { FirmwareImage } from "./firmwareImage";
import { labelFor } from "./label";
import { flashHeaderAt } from "./recogniseApp";
import { checkFlashRblHeader, describeRblHeader, hasRblMagic, RBL_HEADER_FLASH_SIZE } from "./rblHeader";
import { hasUgMagic, parseOta, parseUg, type OtaContainer } from "./rblOta";
import type { ImageReport } from "./report";

const OTA_DETAIL = words`an over-the-air container, which a running firmware unpacks; written over serial the chip would not start`;

function noteOta(report: ImageReport, ota: OtaContainer): ChipId | undefined {
  report.add(...ota.findings);
  if (ota.header === undefined) return undefined;
  report.facts(describeRblHeader(ota.header));
  return chipOfVersion(ota.header.version);
}

/** RBL header at the start, UG wrapper, or a header alone; undefined when the file is none of them. */
export function recogniseOta(report: ImageReport, claims: NameClaims): FirmwareImage | undefined {
  const { bytes } = report;
  if (hasUgMagic(bytes) || claims.kind === "ug") return ug(report, claims);
  const headerAlone = bytes.length === RBL_HEADER_FLASH_SIZE && blockState(bytes, 0) === "good";
  if (claims.kind === "rbl-header" || (hasRblMagic(bytes) && headerAlone)) return header(report, claims);
  if (hasRblMagic(bytes) || claims.kind === "rbl-ota") return otaRbl(report, claims);
  return undefined;
}

function otaRbl(report: ImageReport, claims: NameClaims): FirmwareImage | undefined {
  // A name alone is not enough to read an application as a damaged OTA container.
  if (!hasRblMagic(report.bytes) && report.bytes[0] !== 0x52 && report.bytes[1] !== 0x42) return undefined;
  const chip = noteOta(report, parseOta(report.bytes));
  agreeOnFormat(report, claims, "rbl-ota");
  const chips = agreeOnChips(report, claims, chip === undefined ? [] : [chip]);
  report.refuse("image-ota-only", { detail: OTA_DETAIL });
  return report.finish({
    format: "rbl-ota",
    label: labelFor(words`Over-the-air container (RBL)`, chips),
    chips,
    key: undefined,
  });
}

function ug(report: ImageReport, claims: NameClaims): FirmwareImage | undefined {
  if (!hasUgMagic(report.bytes) && report.bytes[0] !== 0x55 && report.bytes[1] !== 0xaa) return undefined;
  const wrapper = parseUg(report.bytes);
  report.fact(words`UG version`, wrapper.version);
  report.add(...wrapper.findings);
  const chip = wrapper.payload.length === 0 ? undefined : noteOta(report, parseOta(wrapper.payload));
  agreeOnFormat(report, claims, "ug");
  const chips = agreeOnChips(report, claims, chip === undefined ? [] : [chip]);
  report.refuse("image-ota-only", { detail: OTA_DETAIL });
  return report.finish({
    format: "ug",
    label: labelFor(words`Tuya over-the-air image (UG)`, chips),
    chips,
    key: undefined,
  });
}

function header(report: ImageReport, claims: NameClaims): FirmwareImage {
  const { bytes } = report;
  report.add(...checkFlashRblHeader(bytes, claims.offset ?? 0));
  if (bytes.length > RBL_HEADER_FLASH_SIZE) report.bad(words`File size`, words`${bytes.length} bytes instead of 102`);
  const fields = bytes.length < RBL_HEADER_FLASH_SIZE ? undefined : flashHeaderAt(bytes, 0);
  if (fields !== undefined) report.facts(describeRblHeader(fields));
  if (claims.offset !== undefined) report.fact(words`Belongs at`, hexAddress(claims.offset));
  const chip = chipOfVersion(fields?.version ?? "");
  agreeOnFormat(report, claims, "rbl-header");
  const chips = agreeOnChips(report, claims, chip === undefined ? [] : [chip]);
  report.refuse("image-not-flashable", {
    detail: words`the RBL header alone, without the application it describes`,
  });
  return report.finish({
    format: "rbl-header",
    label: labelFor(words`RBL header alone`, chips),
    chips,
    key: undefined,
  });
}

/** Maker of firmware for other chips, by the first bytes of its image format. Sources: the makers' public flash tools. */
function foreignMaker(bytes: Uint8Array): string | undefined {
  if (bytes.length < 8) return undefined;
  const first = readU32be(bytes, 0);
  if (first === 0x81958711 || (first === 0x99999696 && readU32be(bytes, 4) === 0x3fcc66fc)) return "Realtek RTL87xx";
  if (first === 0x42464e50) return "Bouffalo BL60x";
  if (first === 0x9fffffa0) return "WinnerMicro W600/W800";
  // Espressif's magic is one byte: segment count, flash mode and entry point must make sense too.
  const entry = readU32(bytes, 4) >>> 24;
  const segments = bytes[1] as number;
  if (
    bytes[0] === 0xe9 &&
    segments >= 1 &&
    segments <= 16 &&
    (bytes[2] as number) <= 5 &&
    entry >= 0x40 &&
    entry <= 0x50
  )
    return "Espressif ESP";
  return undefined;
}

/** ELF files, firmware of other makers, and Tuya's patch information; undefined for anything else. */
export function recogniseOther(report: ImageReport, claims: NameClaims): FirmwareImage | undefined {
  const { bytes } = report;
  if (bytes.length >= 4 && equalBytes(bytes.subarray(0, 4), ascii("\x7fELF"))) {
    agreeOnFormat(report, claims, "elf");
    const detail = words`a program with debug information, from which the flashable files are made`;
    report.refuse("image-not-flashable", { detail });
    return report.finish({ format: "elf", label: words`ELF program`, key: undefined });
  }
  const maker = foreignMaker(bytes) ?? claims.foreign;
  if (maker !== undefined) {
    report.refuse("image-wrong-chip", {
      expected: words`a Beken BK72xx image`,
      actual: maker,
      detail: words`firmware for ${maker}`,
    });
    return report.finish({ format: "foreign", label: words`Firmware for ${maker}`, key: undefined });
  }
  if (claims.kind === "diff2ya") {
    report.refuse("image-ota-only", {
      detail: words`Tuya's patch information for over-the-air updates`,
    });
    return report.finish({
      format: "raw",
      label: words`Tuya patch information`,
      chips: agreeOnChips(report, claims, []),
      key: undefined,
    });
  }
  return undefined;
}

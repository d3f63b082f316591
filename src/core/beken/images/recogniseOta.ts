/** Files that are never written over serial: over-the-air containers, RBL headers by themselves, what is other makers' by name. */
import { hexAddress } from "../../base/bytes";
import { words } from "../../base/words";
import type { ChipId } from "../chips/types";
import { agreeOnChips, agreeOnFormat } from "./agreement";
import { blockState } from "./crcBlocks";
import { chipOfVersion, type NameClaims } from "./fileName";
import type { FirmwareImage } from "./firmwareImage";
import { labelFor, type DetectOptions } from "./label";
import { flashHeaderAt } from "./recogniseApp";
import { checkFlashRblHeader, describeRblHeader, hasRblMagic, RBL_HEADER_FLASH_SIZE } from "./rblHeader";
import { refuseMaker } from "./recogniseForeign";
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
export function recogniseOta(
  report: ImageReport,
  claims: NameClaims,
  { offset }: DetectOptions,
): FirmwareImage | undefined {
  const { bytes } = report;
  if (hasUgMagic(bytes) || claims.kind === "ug") return ug(report, claims);
  const headerAlone = bytes.length === RBL_HEADER_FLASH_SIZE && blockState(bytes, 0) === "good";
  if (claims.kind === "rbl-header" || (hasRblMagic(bytes) && headerAlone)) return header(report, claims);
  if (hasRblMagic(bytes) || claims.kind === "rbl-ota") return otaRbl(report, claims, offset);
  return undefined;
}

/** @param offset its address where that was given on purpose; whether boot code unpacks it from there is the plan's to say */
function otaRbl(report: ImageReport, claims: NameClaims, offset: number | undefined): FirmwareImage | undefined {
  // A name alone is not enough to read an application as a damaged OTA container.
  if (!hasRblMagic(report.bytes) && report.bytes[0] !== 0x52 && report.bytes[1] !== 0x42) return undefined;
  const ota = parseOta(report.bytes);
  const chip = noteOta(report, ota);
  agreeOnFormat(report, claims, "rbl-ota");
  const chips = agreeOnChips(report, claims, chip === undefined ? [] : [chip]);
  if (offset === undefined) report.refuse("image-ota-only", { detail: OTA_DETAIL });
  else if (ota.header?.encryption === 0)
    report.warn("package-not-encrypted", words`boot code that wants packages encrypted leaves this one alone`);
  return report.finish({
    format: "rbl-ota",
    label: labelFor(words`Over-the-air container (RBL)`, chips),
    chips,
    key: undefined,
    segments: offset === undefined ? [] : [{ address: offset, data: report.bytes, from: words`update package` }],
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

/** Firmware of other makers by its name, and Tuya's patch information; undefined for anything else. */
export function recogniseOther(report: ImageReport, claims: NameClaims): FirmwareImage | undefined {
  if (claims.foreign !== undefined) return refuseMaker(report, claims.foreign);
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

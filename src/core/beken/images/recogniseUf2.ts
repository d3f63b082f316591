/** UF2 files of LibreTiny: what its flasher scheme writes, checked like the application container it is made from. */
import { hex32, hexAddress } from "../../base/bytes";
import { words } from "../../base/words";
import type { Partition } from "../chips/types";
import { agreeOnChips, agreeOnFormat, agreeOnOffset } from "./agreement";
import { checkAppBlocks, checkAppLength, LARGEST_PARTITION, noteKey } from "./appChecks";
import { APP_PHYSICAL } from "./appKey";
import { BLOCK_SIZE } from "./crcBlocks";
import { chipOfVersion, type NameClaims } from "./fileName";
import type { FirmwareImage, ImageKey, Segment } from "./firmwareImage";
import { labelFor, type DetectOptions } from "./label";
import { flashHeaderAt } from "./recogniseApp";
import { checkFlashRblHeader, describeRblHeader, hasRblMagic, isoTime, RBL_HEADER_FLASH_SIZE } from "./rblHeader";
import { parseOta } from "./rblOta";
import { verifyPartition } from "./rblPartition";
import { overTheAir, type Finding, type ImageReport } from "./report";
import { hasUf2Magic, otaFormatOf, parseUf2, uf2Number, uf2Text, type Uf2File } from "./uf2";
import { UF2_BLOCK, UF2_FAMILIES, UF2_TAG } from "./uf2Format";
import { planUf2, type Uf2Write } from "./uf2Plan";

/** For files without a partition table: the application starts at the same address in every layout. */
const APP_ONLY: readonly Partition[] = [{ name: "app", offset: APP_PHYSICAL, length: LARGEST_PARTITION }];

/** Names the board of a build; told by the tag of a UF2. */
export const BOARD_FACT = words`Board`;

function noteTags(report: ImageReport, file: Uf2File): void {
  const texts = [
    [BOARD_FACT, UF2_TAG.board],
    [words`Firmware`, UF2_TAG.firmware],
    [words`Firmware version`, UF2_TAG.version],
    [words`LibreTiny version`, UF2_TAG.ltVersion],
    [words`Device`, UF2_TAG.device],
  ] as const;
  for (const [name, id] of texts) {
    const text = uf2Text(file, id);
    if (text !== undefined) report.fact(name, text);
  }
  const built = uf2Number(file, UF2_TAG.buildDate);
  if (built !== undefined) report.fact(words`Build date`, isoTime(built));
  const family = UF2_FAMILIES.get(file.family)?.name ?? words`unknown`;
  report.fact(words`UF2 family`, words`${family} (${hex32(file.family)})`);
  report.fact(words`UF2 blocks`, String(file.blocks.length));
  for (const { name, offset, length } of file.partitions) {
    report.fact(words`Partition`, words`${name}: ${hexAddress(offset)}+${hexAddress(length)}`);
  }
}

/** A UF2 file by magic (or by name, with a damaged start); undefined for anything else. */
export function recogniseUf2(
  report: ImageReport,
  claims: NameClaims,
  options: DetectOptions,
): FirmwareImage | undefined {
  if (!hasUf2Magic(report.bytes) && claims.kind !== "uf2") return undefined;
  // Any other content under the name of a UF2 is recognised for itself; only what could have been one is read as one.
  if (!hasUf2Magic(report.bytes) && !looksLikeDamagedUf2(report.bytes)) return undefined;
  const file = parseUf2(report.bytes);
  const family = UF2_FAMILIES.get(file.family);
  if (file.blocks.length > 0 && (family === undefined || family.chips.length === 0))
    return anotherFamily(report, file, family?.name);
  noteTags(report, file);
  report.add(...file.findings);
  const isReadable = report.refused || checkFormat(report, file);
  if (!isReadable)
    return report.finish({
      format: "uf2",
      label: words`LibreTiny UF2 of another format`,
      chips: family?.chips ?? "any",
    });
  if (file.blocks.length === 0) return report.finish({ format: "uf2", label: words`UF2 without one whole block` });
  agreeOnFormat(report, claims, "uf2");
  const plan = planUf2(file, "FLASHER_SINGLE", APP_ONLY);
  // Sound blocks that contradict each other are no damage on the way: they were put together so.
  if (plan.overlap) report.refuse("plan-overlap", plan.overlap);
  report.add(...plan.findings);
  const { segments, key, version } = checkWrites(report, plan.writes);
  if (file.partitions.length > 0) checkDevicePart(report, file);
  else report.warn("no-partition-table", words`the usual application partition at 0x011000 is assumed`);
  const named = chipOfVersion(version ?? "");
  const content = family?.chips ?? [];
  const chips = agreeOnChips(report, claims, content);
  if (named !== undefined && content.length > 0 && !content.includes(named)) {
    const detail = words`family ${family?.name ?? ""} and RBL version ${version ?? ""} name different chips`;
    report.bad(words`Chip in family and RBL header`, detail);
  }
  const end = Math.max(APP_PHYSICAL, ...segments.map(({ address, data }) => address + data.length));
  checkAppLength(report, end, chips);
  agreeOnOffset(report, claims, options.offset, APP_PHYSICAL);
  return report.finish({ format: "uf2", label: labelFor(words`LibreTiny UF2`, chips), chips, key, segments });
}

/** The first three bytes of the magic, or the whole of it at the second block. */
function looksLikeDamagedUf2(bytes: Uint8Array): boolean {
  const start = bytes[0] === 0x55 && bytes[1] === 0x46 && bytes[2] === 0x32;
  return start || hasUf2Magic(bytes.subarray(UF2_BLOCK));
}

/** UF2 is everybody's format: of another chip's file nothing else is LibreTiny's to check. */
function anotherFamily(report: ImageReport, file: Uf2File, name: string | undefined): FirmwareImage {
  const actual =
    name ?? (file.family === 0 ? words`a chip that the file does not name` : words`UF2 family ${hex32(file.family)}`);
  report.fact(words`UF2 family`, words`${name ?? words`unknown`} (${hex32(file.family)})`);
  report.fact(words`UF2 blocks`, String(file.blocks.length));
  report.refuse("image-wrong-chip", {
    expected: words`a Beken BK72xx image`,
    actual,
    detail: words`firmware for ${actual}`,
  });
  return report.finish({ format: "foreign", label: words`UF2 for ${actual}` });
}

/** Other formats place their blocks by other rules: LibreTiny's first tools wrote one without this mark. */
function checkFormat(report: ImageReport, file: Uf2File): boolean {
  const name = words`UF2 OTA format`;
  const format = otaFormatOf(file);
  if (format === 2) {
    report.ok(name, "2");
    return true;
  }
  const detail =
    format === undefined
      ? words`it is in LibreTiny's old UF2 format, which is no longer written; build it again with a current LibreTiny or ESPHome, or download a current version`
      : words`it is in UF2 OTA format ${format}, which this version does not know; a newer flasher may`;
  report.note(name, "skipped", detail);
  report.refuse("image-not-flashable", { detail });
  return false;
}

interface Written {
  readonly segments: readonly Segment[];
  readonly key: ImageKey | undefined;
  readonly version: string | undefined;
}

/** The flasher's part must be an application at 0x11000, and usually its RBL header at the container's end. */
function checkWrites(report: ImageReport, writes: readonly Uf2Write[]): Written {
  const app = writes.find(({ address }) => address === APP_PHYSICAL);
  const first = writes[0];
  if (app === undefined) {
    if (first === undefined)
      report.refuse("image-not-flashable", {
        detail: words`it has no part for a serial flasher, only for over-the-air updates`,
      });
    else
      report.refuse("image-wrong-offset", {
        address: first.address,
        expected: words`an application at 0x011000`,
        actual: hexAddress(first.address),
        detail: words`it places its first part at ${hexAddress(first.address)}, but boot code starts what is at 0x011000: it was built for another flash layout`,
      });
    return { segments: [], key: undefined, version: undefined };
  }
  const key = noteKey(report, app.data);
  report.add(checkAppBlocks(app.data, 0, app.data.length, APP_PHYSICAL));
  const header = writes.find(
    (write) => write !== app && (write.data.length === RBL_HEADER_FLASH_SIZE || hasRblMagic(write.data)),
  );
  if (header === undefined) report.warn("no-rbl-header", words`the file has no RBL header for its application`);
  const fields =
    header === undefined || header.data.length < RBL_HEADER_FLASH_SIZE ? undefined : flashHeaderAt(header.data, 0);
  if (header !== undefined) report.add(...checkFlashRblHeader(header.data, header.address), checkHeaderPlace(header));
  if (header !== undefined && fields !== undefined) {
    if (!report.refused) report.add(...verifyPartition(app.data, fields, APP_PHYSICAL));
    report.facts(describeRblHeader(fields));
    report.fact(words`RBL header at`, hexAddress(header.address));
  }
  const stray = writes.find((write) => write !== app && write !== header);
  if (stray !== undefined) {
    const detail = words`a flasher would also write partition "${stray.partition}", which no build for these chips asks for`;
    report.refuse("image-not-flashable", { address: stray.address, length: stray.data.length, detail });
  }
  const segments: Segment[] = [{ address: app.address, data: app.data, from: words`application` }];
  if (header !== undefined) segments.push({ address: header.address, data: header.data, from: words`RBL header` });
  return { segments, key, version: fields?.version };
}

/** Containers are whole blocks long, so their header is a whole number of blocks behind the application's start. */
function checkHeaderPlace({ address, data: { length } }: Uf2Write): Finding {
  const name = words`RBL header place`;
  if (length !== RBL_HEADER_FLASH_SIZE)
    return { name, verdict: "bad", detail: words`${length} bytes instead of 102`, context: { address } };
  if ((address - APP_PHYSICAL) % BLOCK_SIZE === 0) return { name, verdict: "ok", detail: hexAddress(address) };
  return { name, verdict: "bad", detail: words`it is between two blocks`, context: { address } };
}

/** The over-the-air part is not written, but damage in it is damage to the file. */
function checkDevicePart(report: ImageReport, file: Uf2File): void {
  const plan = planUf2(file, "DEVICE_SINGLE");
  // Builds for T1 modules carry Tuya's patch format instead of RBL there; it has no checks this program knows.
  const containers = plan.writes.filter(({ data }) => hasRblMagic(data));
  const findings = [...plan.findings, ...containers.flatMap(({ data }) => parseOta(data).findings)];
  report.add(...findings.map((finding) => ({ ...finding, name: overTheAir(finding.name) })));
}

/** Files that hold no firmware of these chips as it is: refused under any name, and whatever address is given. */
import { ascii, equalBytes } from "../../base/bytes";
import { words } from "../../base/words";
import { foreignContent } from "./foreignContent";
import type { FirmwareImage } from "./firmwareImage";
import type { ImageReport } from "./report";
import { UF2_BLOCK } from "./uf2Format";

/** undefined for anything that may be firmware of these chips, or raw data. */
export function recogniseForeign(report: ImageReport): FirmwareImage | undefined {
  // The first bytes of a UF2 are letters: of one that was cut there nothing else is left.
  if (report.bytes.length < UF2_BLOCK && equalBytes(report.bytes.subarray(0, 4), ascii("UF2\n"))) return undefined;
  const found = foreignContent(report.bytes);
  if (found === undefined) return undefined;
  const { label, cure, maker, elf } = found;
  if (elf === true) {
    const detail = words`a program with debug information, from which the flashable files are made`;
    report.refuse("image-not-flashable", { detail });
    return report.finish({ format: "elf", label });
  }
  if (maker !== undefined) return refuseMaker(report, maker);
  report.refuse("image-foreign", { detail: words`${label}: ${cure}` });
  return report.finish({ format: "foreign", label });
}

/** Firmware of another maker's chip, by content or by name. */
export function refuseMaker(report: ImageReport, maker: string): FirmwareImage {
  report.refuse("image-wrong-chip", {
    expected: words`a Beken BK72xx image`,
    actual: maker,
    detail: words`firmware for ${maker}`,
  });
  return report.finish({ format: "foreign", label: words`Firmware for ${maker}` });
}

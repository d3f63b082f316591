/** A package for updates over the air, written over serial: where the boot code of the chip at hand looks for it, if it unpacks any. */
import { ImageError, downloadPartition, imageOf, type ChipIdentity, type FirmwareImage } from "../../core/index";
import type { FirmwareFile } from "../platform/firmwareFiles";
import { fail } from "../platform/shownMessages";
import { errorView } from "../text/errorText";
import { t } from "../text/l10n";
import type { PortEntry } from "../ports/portEntry";
import { run } from "./choosePort";
import type { Services } from "../services";

/** Nothing but its place stands against a serial flash of it, and the last chip on the port may well unpack it. */
export function mayBeUnpacked(file: FirmwareFile, { format }: FirmwareImage, chip: ChipIdentity | undefined): boolean {
  if (format !== "rbl-ota") return false;
  const place = chip && downloadPartition(chip);
  if (chip && !place) return false;
  return imageOf(file, place?.start ?? ANYWHERE).refusal === undefined;
}

/** Of a chip that was not identified yet; the chip itself tells where. */
const ANYWHERE = 0x132000;

/** Asks the chip, whatever was there before. Undefined where it has no such place, which is told, or does not answer. */
export async function downloadPlace(
  services: Services,
  port: PortEntry,
  file: FirmwareFile,
): Promise<{ readonly at: number } | undefined> {
  const end = await run<"info">(services, { port, title: t("Show chip info"), request: { kind: "info" } });
  if (end?.status !== "succeeded") return undefined;
  const place = downloadPartition(end.result.chip);
  if (place) return { at: place.start };
  const { title, steps } = errorView(new ImageError("image-ota-only", `check ${file.name}`, { file: file.name }));
  const why = t("The boot code of this chip is not known to unpack packages.");
  void fail(`${file.name}: ${title} ${why} ${steps[0] ?? ""}`.trim());
  return undefined;
}

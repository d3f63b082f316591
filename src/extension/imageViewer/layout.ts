/** Which partition layout a file is drawn on: the usual one of the chip it is for. Pure. */
import { usualLayout, type FirmwareImage, type FlashLayout } from "../../core/index";

/** undefined when the file names no chip, or its chip has no layout we know. */
export function layoutFor({ chips }: FirmwareImage): FlashLayout | undefined {
  if (chips === "any") return undefined;
  for (const id of chips) {
    const layout = usualLayout(id);
    if (layout !== undefined) return layout;
  }
  return undefined;
}

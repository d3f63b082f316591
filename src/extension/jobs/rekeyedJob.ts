/**
 * A flash that was refused because the file is for another key than the chip's: the same flash with the file re-encrypted
 * in memory, where that can be done. Whether to do it is the person's choice.
 */
import { canRekey, imageOf, type ChipIdentity, type FlasherErrorCode } from "../../core/index";
import type { JobSpec } from "./jobSpec";

/** @param code of the failure; @param chip as it was seen on the wire */
export function rekeyedSpec(
  spec: JobSpec | undefined,
  chip: ChipIdentity | undefined,
  code: FlasherErrorCode | undefined,
): JobSpec<"flash"> | undefined {
  if (code !== "image-wrong-key" || spec?.request.kind !== "flash" || chip === undefined) return undefined;
  const { file, at } = spec.request;
  if (!canRekey(imageOf(file, at), chip.key).possible) return undefined;
  const { port, title, fileName, builtFor, confirm, source, reload, hooks } = spec;
  return {
    port,
    title,
    builtFor,
    ...(fileName === undefined ? {} : { fileName }),
    ...(confirm === undefined ? {} : { confirm }),
    ...(source === undefined ? {} : { source }),
    ...(reload === undefined ? {} : { reload }),
    ...(hooks === undefined ? {} : { hooks }),
    request: { ...spec.request, rekey: true },
  };
}

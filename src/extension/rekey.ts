/**
 * A flash that was refused because the file is for another key than the chip's: the same flash with the file re-encrypted
 * in memory, where that can be done. Whether to do it is the person's choice.
 */
import { canRekey, detectImage } from "../core/index";
import type { JobEnd, JobSpec } from "./jobSpec";
import type { JobService } from "./jobs";

export function rekeyedSpec(
  jobs: JobService,
  end: Extract<JobEnd, { readonly status: "failed" }>,
): JobSpec<"flash"> | undefined {
  const spec = jobs.specOf(end.job.id);
  const chip = jobs.chipOn(end.job.port.id);
  if (end.error.code !== "image-wrong-key" || spec?.request.kind !== "flash" || chip === undefined) return undefined;
  const { file, at } = spec.request;
  const image = detectImage(file.bytes, file.name, at === undefined ? {} : { offset: at });
  if (!canRekey(image, chip.key).possible) return undefined;
  const { port, title, fileName, builtFor, confirm, source, reload } = spec;
  return {
    port,
    title,
    builtFor,
    ...(fileName === undefined ? {} : { fileName }),
    ...(confirm === undefined ? {} : { confirm }),
    ...(source === undefined ? {} : { source }),
    ...(reload === undefined ? {} : { reload }),
    request: { ...spec.request, rekey: true },
  };
}

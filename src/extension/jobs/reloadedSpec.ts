/** A job that runs again: with its file as it is now, for between a failure and the next try it may have been built again. */
import { recogniseFile } from "../../core/index";
import type { OutputLog } from "../platform/outputLog";
import { untilAborted } from "../platform/untilAborted";
import type { JobSpec } from "./jobSpec";

/** The same job where its file is gone: what was read of it before is still what the person chose. */
export async function reloadedSpec(spec: JobSpec, signal: AbortSignal, log: Pick<OutputLog, "info">): Promise<JobSpec> {
  const { request, reload, fileName = "" } = spec;
  if (!reload || !("file" in request)) return spec;
  try {
    const bytes = await untilAborted(reload(), signal);
    const at = "at" in request ? request.at : undefined;
    return { ...spec, request: { ...request, file: recogniseFile({ ...request.file, bytes }, at) } };
  } catch (error) {
    if (signal.aborted) throw error;
    log.info(`${fileName}: ${String(error)}`);
    return spec;
  }
}

/** What other extensions get: api/index.d.ts over the services. Consent is asked for as everywhere else. */
import type {
  BekenFlasherApi,
  BekenFlasherExports,
  Device,
  Disposable,
  FileOnDevice,
  Monitor,
  Outcome,
} from "../../../api/index";
import { asFlasherError, fileAlone } from "../../core/index";
import { fileMeant, portMeant } from "../assistants/toolInput";
import { startFlash } from "../commands/flashFile";
import type { JobEnd, Refused } from "../jobs/jobSpec";
import type { Services } from "../services";
import { t } from "../text/l10n";

export function publicApi(services: Services): BekenFlasherExports {
  return {
    getApi(version) {
      // Whoever calls this may be no TypeScript.
      if (version !== 1) throw new Error(t("Beken Flasher has version 1 of its interface, not {0}.", String(version)));
      return version1(services);
    },
  };
}

function version1(services: Services): BekenFlasherApi {
  const { ports, jobs } = services;
  return {
    version: 1,
    async devices() {
      await ports.refresh();
      return ports.ports.map(({ id, label, kind }): Device => ({
        port: id,
        label,
        isPractice: kind === "practice",
        isSelected: ports.selected?.id === id,
        isBusy: jobs.runningOn(id) !== undefined,
        chip: jobs.chipOn(id)?.chip?.id,
      }));
    },
    flash: (what) => outcome(what, "flash", (checked) => flash(services, checked)),
    verify: (what) => outcome(what, "verify", (checked) => verify(services, checked)),
    monitor: (port) => monitorOf(services, port),
    onDidChangeDevices: (listener) => plain(ports.onDidChange(() => listener())),
    onDidStartJob: (listener) =>
      plain(jobs.onDidStart(({ port, kind, title }) => listener({ port: port.id, kind, title }))),
    onDidEndJob: (listener) => plain(jobs.onDidEnd((end) => listener(outcomeOf(end.job.port.id, end.job.kind, end)))),
  };
}

type Ended = JobEnd | Refused | undefined;

async function flash(services: Services, { port: named, file: path, at }: FileOnDevice): Promise<Ended> {
  const port = await portMeant(services, named);
  const how = at === undefined ? {} : { at };
  return await startFlash(services, port, await fileMeant(path), how, "always");
}

async function verify(services: Services, { port: named, file: path, at }: FileOnDevice): Promise<Ended> {
  const port = await portMeant(services, named);
  const file = await fileMeant(path);
  return await services.jobs.start<"verify">({
    port,
    title: t("Verify {0}", file.name),
    fileName: file.name,
    source: file.uri.toString(),
    request: { kind: "verify", file: fileAlone(file), ...(at !== undefined && { at }) },
  });
}

/** @param what whoever calls may be no TypeScript */
async function outcome(
  what: Partial<FileOnDevice> | undefined,
  kind: Outcome["kind"],
  work: (what: FileOnDevice) => Promise<Ended>,
): Promise<Outcome> {
  const { port, file, at } = what ?? {};
  const isAddress = at === undefined || (Number.isSafeInteger(at) && at >= 0);
  const named = typeof port === "string" ? port : "";
  const refused = { port: named, kind, status: "refused", verified: false, flash: "untouched" } as const;
  if (named === "" || typeof file !== "string" || !isAddress) return { ...refused, code: "wrong-arguments" };
  try {
    return outcomeOf(named, kind, await work({ port: named, file, ...(at !== undefined && { at }) }));
  } catch (error) {
    return { ...refused, code: asFlasherError(error, kind).code };
  }
}

function outcomeOf(port: string, kind: Outcome["kind"], end: Ended): Outcome {
  const common = { port, kind, verified: false, flash: "untouched", code: undefined } as const;
  switch (end?.status) {
    case "succeeded": {
      const { result } = end;
      const isWritten = "bytesWritten" in result && result.bytesWritten + result.bytesErased > 0;
      return {
        ...common,
        status: end.status,
        verified: "verified" in result && result.verified,
        flash: isWritten ? "written" : "untouched",
      };
    }
    case "failed":
      return { ...common, status: end.status, flash: end.error.flash, code: end.error.code };
    case "cancelled":
      return { ...common, status: end.status, flash: end.job.flash ?? "untouched" };
    default:
      return { ...common, status: "refused", code: "busy" };
  }
}

function monitorOf({ ports, monitors }: Services, named: string): Monitor | undefined {
  const port = ports.find(named);
  if (port === undefined) return undefined;
  const listening: Disposable[] = [];
  const during = (disposable: { dispose(): unknown }): Disposable => {
    const one = plain(disposable);
    listening.push(one);
    return one;
  };
  monitors.show(port);
  return {
    onLine: (listener) =>
      during(monitors.onDidPrint(({ portId, line }) => (portId === port.id ? listener(line) : undefined))),
    onVerdict: (listener) =>
      during(
        monitors.onDidChange((portId) => {
          const verdict = portId === port.id ? monitors.verdictOn(portId) : undefined;
          if (verdict !== undefined) listener(verdict.kind);
        }),
      ),
    dispose() {
      for (const each of listening) each.dispose();
    },
  };
}

/** Without anything else that it can do. */
function plain(disposable: { dispose(): unknown }): Disposable {
  return { dispose: () => void disposable.dispose() };
}

/**
 * What the extension does around a job that changes flash, without an editor: its journals, its copy before a first write, and the list
 * of interrupted jobs that it offers to go on with.
 */
import { isFlasherError } from "../../src/core/index";
import { JobJournal, type JobJournalOptions } from "../../src/extension/jobs/jobJournal";
import type { JobEnd, JobSpec } from "../../src/extension/jobs/jobSpec";
import type { Caution, Host, Program, write } from "./programs";

const PORT = {
  id: "virtual",
  ref: { kind: "serial", path: "virtual" },
  kind: "adapter",
  label: "virtual",
  facts: [],
  isUsb: true,
} as const;

export const inTheEditor: typeof write = (request, { backUp }: Caution = {}): Program => {
  return async (host) => {
    const window = new JobJournal(optionsIn(host, backUp === true));
    await window.refresh();
    host.offers(window.interrupted.length);
    const fileName = request.kind === "erase" ? "erase" : request.file.name;
    const spec: JobSpec = { port: PORT, request, title: `Flash ${fileName}`, fileName, source: `file:///${fileName}` };
    const keep = window.forJob(spec, {
      backupGoesTo: () => undefined,
      backedUp: () => undefined,
      accept: ({ verdict }) => Promise.resolve(verdict !== "worthless"),
    });
    if (!keep) throw new Error("the extension keeps nothing of this job");
    const end = async (how: unknown): Promise<void> => keep.end(how as JobEnd);
    try {
      const result = await host.run(request, keep.hooks, (event) => keep.store(event));
      await end({ status: "succeeded", result });
      return result;
    } catch (error) {
      if (isFlasherError(error)) await end({ status: "failed", error, job: { flash: error.flash } });
      throw error;
    } finally {
      window.dispose();
    }
  };
};

function optionsIn({ files, folder, pid }: Host, backUpBeforeFirstWrite: boolean): JobJournalOptions {
  return {
    files,
    // Of the processes of a scenario only the last is alive.
    programs: { own: pid, isAlive: () => false },
    folder,
    memory: { keys: () => [], get: () => undefined, update: () => Promise.resolve() } as JobJournalOptions["memory"],
    settings: { backUpBeforeFirstWrite },
    chosenFolder: () => undefined,
    workspace: () => null,
    version: "0",
    log: { info: () => undefined, error: () => undefined },
    setContext: () => undefined,
    timers: { now: () => 0, after: () => () => undefined },
  };
}

/** What every command that changes flash has around its job: a backup first, and what is needed to go on after a kill. */
import {
  FlasherError,
  type ChipIdentity,
  type FlashPlan,
  type JobEvent,
  type JobHooks,
  type JobRequest,
} from "../../core/index";
import { nodeFiles, runningPrograms } from "../../storage/nodeFileSystem";
import { WriteJournal } from "../../storage/writeJournalStore";
import { backupBefore, both, openToOthers, type BackupOptions } from "./backupQuestion";
import { stateFolder } from "./dataFolders";
import type { Output } from "../terminal/output";
import { runCommandJob, type ConnectionOptions, type Outcome, type StoreEvent } from "./jobRunner";
import type { ChangingKind } from "../../shared/jobKinds";

/** Why bytes that an interrupted write had taken out of a sector are not written back. */
const LEFT_ALONE = {
  doubt:
    "An interrupted write has left bytes of a device that cannot be told from this one: they are not written to it.",
  newer: "Where an interrupted write had taken bytes out, the chip holds something else now, which stays as it is.",
} as const;

/** Runs a job with what it is asked and told on the way. */
type Runner<K extends ChangingKind> = (hooks: JobHooks, store: StoreEvent) => Promise<Outcome<K>>;

/**
 * The journal is kept until the job has come to its end.
 * @param watch sees every event before the job goes on
 */
export async function runWriting<K extends ChangingKind>(
  request: Extract<JobRequest, { readonly kind: K }>,
  hooks: JobHooks,
  what: string,
  options: ConnectionOptions & BackupOptions,
  output: Output,
  watch?: (event: JobEvent) => void,
): Promise<Outcome<K>> {
  return await withJournal<K>(
    (kept, store) =>
      runCommandJob<K>(
        request,
        { ...hooks, ...kept },
        options,
        output,
        both({ store }, watch && { store: (event) => Promise.resolve(watch(event)) }),
      ),
    what,
    options,
    output,
  );
}

/** @param run gets what lets the job be resumed, and the copy that comes first */
export async function withJournal<K extends ChangingKind>(
  run: Runner<K>,
  what: string,
  options: BackupOptions,
  output: Output,
): Promise<Outcome<K>> {
  let begun = false;
  const journal = new WriteJournal({
    files: nodeFiles,
    programs: runningPrograms,
    folder: stateFolder(),
    fileName: what,
    leftAlone: (file, why) =>
      output.facts([LEFT_ALONE[why], `They stay in ${file}.`], { type: "journal-unused", file, why }),
    openToOthers: openToOthers(output),
    begun: () => {
      begun = true;
      return Promise.resolve();
    },
    warn: (why) =>
      output.facts([`This write could not be resumed after a kill: ${why}.`], {
        type: "journal-unavailable",
        detail: why,
      }),
  });
  const backUpFirst = await backupBefore(options, output);
  const resumeWrite = (chip: ChipIdentity, plan: FlashPlan): ReturnType<WriteJournal["resume"]> =>
    journal.resume(chip, plan);
  try {
    const outcome = await run({ resumeWrite, ...(backUpFirst && { backUpFirst }) }, both(backUpFirst, journal));
    await journal.remove();
    return outcome;
  } catch (error) {
    if (begun && error instanceof FlasherError && error.flash !== "untouched")
      output.facts(["The same command goes on where this write was stopped."], { type: "resumable", detail: what });
    throw error;
  } finally {
    await journal.close();
    await backUpFirst?.close();
  }
}

/**
 * What of a job outlives it: the backup before a first write, the journal to go on from, and the list of jobs that were
 * interrupted. Gives every job that changes flash what it needs for that; knows folders and settings, and no views.
 */
import type { Memory } from "../platform/memory";
import {
  keptRequest,
  type ChipIdentity,
  type DumpJudgement,
  type FlashPlan,
  type JobEvent,
  type JobHooks,
} from "../../core/index";
import type { FileSystem } from "../../storage/fileSystem";
import { BackupBeforeWrite } from "../../storage/firstBackup";
import { forgetJob, interruptedJobs, rememberJob, type InterruptedJob, type Programs } from "../../storage/interrupted";
import { WriteJournal } from "../../storage/writeJournalStore";
import type { SetContext } from "../platform/contextKeys";
import { Owner, disposableFrom } from "../platform/disposables";
import { Emitter } from "../platform/emitter";
import { changesFlash, type JobEnd, type JobSpec } from "./jobSpec";
import { t } from "../text/l10n";
import type { OutputLog } from "../platform/outputLog";
import type { Settings } from "../platform/settings";
import { realTimers, type Timers } from "../platform/timers";

/** What a running job is asked on the way, and told. */
export interface KeepHooks {
  /** Where a copy goes, if one is made. */
  readonly backupGoesTo: (folder: string) => void;
  readonly backedUp: (path: string) => void;
  /** There is one already, verified. */
  readonly backupFound?: (path: string) => void;
  /** A copy that is not good; false ends the job. */
  readonly accept: (judgement: DumpJudgement) => Promise<boolean>;
}

export interface Keep {
  readonly hooks: JobHooks;
  /** Before the job goes on. */
  store(event: JobEvent): Promise<void>;
  /** After the job, however it ended. */
  end(end: JobEnd): Promise<void>;
}

export interface JobJournalOptions {
  readonly files: FileSystem;
  readonly programs: Programs;
  /** The extension's own folder, for all windows. */
  readonly folder: string;
  readonly memory: Memory;
  readonly settings: Pick<Settings, "backUpBeforeFirstWrite">;
  /** The folder of the setting, where it names one. */
  readonly chosenFolder: () => string | undefined;
  /** The first folder of the workspace, as a URI. */
  readonly workspace: () => string | null;
  readonly version: string;
  readonly log: Pick<OutputLog, "info" | "error">;
  readonly setContext: SetContext;
  readonly timers?: Timers;
}

/** Paths of backups that were saved in places of their own. */
const SAVED = "beken.backups";
const SAVED_KEPT = 64;
const LOOK_AGAIN_MS = 2_000;

export class JobJournal extends Owner {
  private readonly changed = this.register(
    new Emitter<void>((error) => this.options.log.error("tell of interrupted jobs", error)),
  );
  /** Another list of interrupted jobs. */
  readonly onDidChange = this.changed.event;
  private readonly kept = this.register(new Emitter<void>((error) => this.options.log.error("tell of backups", error)));
  /** There may be other backups now. */
  readonly onDidChangeBackups = this.kept.event;
  private all: readonly InterruptedJob[] = [];
  /** Journals that a job of this window is at work on. */
  private readonly atWork = new Set<string>();
  private stopTimer = (): void => undefined;
  /** How often the list was looked for. */
  private looks = 0;

  constructor(private readonly options: JobJournalOptions) {
    super();
    this.register(disposableFrom(() => this.stopTimer()));
    this.options.setContext("beken.backupFiles", this.savedBackups);
  }

  /** Jobs that were stopped on their way, newest first; not those that run again. */
  get interrupted(): readonly InterruptedJob[] {
    return this.all.filter(({ journal }) => !this.atWork.has(journal));
  }

  /** Where backups go whose place was not asked for. */
  get backupsFolder(): string {
    return this.options.chosenFolder() ?? this.options.files.join(this.options.folder, "backups");
  }

  /** Paths of backups at places of their own, latest first; one may be gone since. */
  get savedBackups(): readonly string[] {
    const stored = this.options.memory.get<unknown>(SAVED);
    return Array.isArray(stored) ? stored.filter((path): path is string => typeof path === "string") : [];
  }

  /** Reads the list anew. */
  async refresh(): Promise<void> {
    const turn = ++this.looks;
    this.stopTimer();
    try {
      const { jobs, busyElsewhere } = await interruptedJobs(this.options.files, this.journals, this.options.programs);
      // Who looked later has seen more.
      if (turn !== this.looks) return;
      this.all = jobs;
      const { timers = realTimers } = this.options;
      if (busyElsewhere && !this.disposed) this.stopTimer = timers.after(LOOK_AGAIN_MS, () => void this.refresh());
    } catch (error) {
      this.options.log.error("look for interrupted jobs", error);
    }
    this.publish();
  }

  async dismiss(id: string): Promise<void> {
    await forgetJob(this.options.files, this.journals, id);
    await this.refresh();
  }

  /** A backup at a place of its own counts as one, as long as it is there. */
  async rememberBackup(path: string): Promise<void> {
    const known = this.savedBackups.filter((other) => other !== path);
    await this.options.memory.update(SAVED, [path, ...known].slice(0, SAVED_KEPT));
    this.options.setContext("beken.backupFiles", this.savedBackups);
    this.backupsChanged();
  }

  /** A backup was made, or put somewhere else, or is gone. */
  backupsChanged(): void {
    if (!this.disposed) this.kept.fire();
  }

  /** What a backup at a path of the person's choice gets; its own end belongs to `partial`. */
  forBackup(
    spec: JobSpec,
    path: string,
  ): { begun(journal: string, chip: ChipIdentity): Promise<void>; end(): Promise<void> } {
    const work = new Work(this.atWork);
    return {
      begun: (journal, chip) => this.remember(work, spec, journal, path, chip),
      end: () => this.ended(work),
    };
  }

  /** What a job that changes flash gets on its way; undefined for all others. */
  forJob(spec: JobSpec, hooks: KeepHooks): Keep | undefined {
    const { request } = spec;
    if (!changesFlash(request) || request.dryRun) return undefined;
    const work = new Work(this.atWork);
    const backUpFirst = this.options.settings.backUpBeforeFirstWrite ? this.backupFor(work, spec, hooks) : undefined;
    const journal = this.journalFor(work, spec);
    const resumeWrite = (chip: ChipIdentity, plan: FlashPlan): ReturnType<WriteJournal["resume"]> => {
      work.chip = chip;
      return journal.resume(chip, plan);
    };
    return {
      hooks: { resumeWrite, ...(backUpFirst && { backUpFirst }) },
      store: async (event) => {
        await backUpFirst?.store(event);
        await journal.store(event);
      },
      end: async (end) => {
        await backUpFirst?.close();
        if (end.status === "succeeded") await journal.remove();
        else if (end.job.flash === "untouched") await journal.abandon();
        await journal.close();
        await this.ended(work);
      },
    };
  }

  private backupFor(work: Work, spec: JobSpec, hooks: KeepHooks): BackupBeforeWrite {
    const { backedUp, backupFound, accept, backupGoesTo } = hooks;
    const folder = this.backupsFolder;
    backupGoesTo(folder);
    return new BackupBeforeWrite({
      files: this.options.files,
      folder,
      elsewhere: this.savedBackups,
      toolVersion: this.options.version,
      accept,
      openToOthers: this.openToOthers,
      found: (path) => {
        this.options.log.info(`${spec.port.label}: ${path} is a verified backup of this device`);
        backupFound?.(path);
      },
      begun: (path, journal, chip) =>
        this.remember(work, { ...spec, title: t("Back up flash"), request: { kind: "backup" } }, journal, path, chip),
      saved: (path) => {
        backedUp(path);
        this.backupsChanged();
      },
    });
  }

  private journalFor(work: Work, spec: JobSpec): WriteJournal {
    const { source, fileName = spec.title } = spec;
    return new WriteJournal({
      files: this.options.files,
      folder: this.journals,
      fileName,
      programs: this.options.programs,
      atWork: this.atWork,
      leftAlone: (path, why) =>
        this.options.log.info(
          `${spec.port.label}: ${path} has bytes of an interrupted write that are not used (${why})`,
        ),
      openToOthers: this.openToOthers,
      warn: (why) => this.options.log.info(`${spec.port.label}: this write could not be resumed: ${why}`),
      begun: async (path) => {
        work.take(path);
        if (source !== undefined) await this.remember(work, spec, path, source, work.chip);
      },
    });
  }

  /** Told in the log, and no reason to end a job: what is new is private in any case. */
  readonly openToOthers = (path: string, why: string): void =>
    this.options.log.info(`others on this computer may be able to read ${path}, and that could not be changed: ${why}`);

  private async remember(
    work: Work,
    { request, port, title }: JobSpec,
    journal: string,
    file: string,
    chip: ChipIdentity | undefined,
  ): Promise<void> {
    work.take(journal);
    const kept = keptRequest(request);
    if (!kept) return;
    const job = {
      request: kept,
      journal,
      title,
      portId: port.id,
      portLabel: port.label,
      chip: chip?.chip?.name ?? null,
      file,
      workspace: this.options.workspace(),
      startedAt: Date.now(),
      pid: this.options.programs.own,
    };
    await rememberJob(this.options.files, this.journals, job).catch((error: unknown) =>
      // The job goes on; the editor will not offer to go on with it.
      this.options.log.error("remember a job that could be interrupted", error),
    );
  }

  private async ended(work: Work): Promise<void> {
    work.release();
    await this.refresh();
  }

  private get journals(): string {
    return this.options.files.join(this.options.folder, "journals");
  }

  private publish(): void {
    if (this.disposed) return;
    this.options.setContext("beken.hasInterrupted", this.interrupted.length > 0);
    this.changed.fire();
  }
}

/** The journals of one running job, among those of the window. */
class Work {
  chip: ChipIdentity | undefined;
  private readonly own: string[] = [];

  constructor(private readonly all: Set<string>) {}

  take(journal: string): void {
    this.own.push(journal);
    this.all.add(journal);
  }

  release(): void {
    for (const journal of this.own.splice(0)) this.all.delete(journal);
  }
}

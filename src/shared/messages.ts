/**
 * Everything that crosses between the host and a webview. To a webview goes the whole state, and to the image viewer the bytes it
 * asks for; back come intents from a closed list, each checked before it is believed. Knows neither editor nor browser.
 */
import type { ResumableKind } from "../core/jobs/keptRequest";
import { DASHBOARD_COMMANDS, type DashboardCommand } from "./pageCommands";
import type { HistoryEntry } from "./historyEntry";
import type { DumpView, FileVerbsView } from "./dumpView";
import { isFinished, type JobPort, type JobState } from "./jobState";
import type { Strings } from "./strings";
import type { ArchiveView, ChipView, ImageView } from "./views";

export { DASHBOARD_COMMANDS, type DashboardCommand };

/** Raised when either side could no longer read the other: a webview kept over an update is told to load again. */
export const PROTOCOL_VERSION = 3;

export interface PortView extends JobPort {
  /** Manufacturer, ids: what tells two adapters of a kind apart. */
  readonly description?: string | undefined;
  /** False for a port that was unplugged or removed and is still shown for its job. */
  readonly present: boolean;
  /** The chip last seen there in this session. */
  readonly chip?: ChipView | undefined;
  /** What its flash held when a job last read all of it, and nothing has changed it since. */
  readonly passport?: DevicePassportView | undefined;
  /** When the newest backup of the device was made, in ms since 1970; undefined where none is known. */
  readonly backedUpAt?: number | undefined;
  /** The newest build for its chip, where that is known: `none` where no build is for it. */
  readonly latestBuild?: BuildView | "none" | undefined;
}

/** A device in short. Holds no secrets. */
export interface DevicePassportView {
  /** Module, firmware and chip in one line; undefined where nothing was recognised. */
  readonly line?: string | undefined;
  readonly paired?: boolean | undefined;
  /** What of a person's is in it, a clause each. */
  readonly private: readonly string[];
}

/** A build of the workspace, offered by name when nothing runs. */
export interface BuildView {
  readonly label: string;
  readonly uri: string;
}

/** A job that was stopped on its way and can go on. */
export interface InterruptedView {
  readonly id: string;
  readonly kind: ResumableKind;
  readonly title: string;
  readonly portLabel: string;
  readonly startedAt: number;
}

/** What a page says things with; the same as long as it lives. */
export interface PageTexts {
  /** BCP 47, for the document's language. */
  readonly locale: string;
  readonly strings: Strings;
}

export interface DashboardState extends PageTexts {
  readonly ports: readonly PortView[];
  readonly selectedPortId?: string | undefined;
  /** The device to be shown, until the page says that it shows it. */
  readonly wantedPortId?: string | undefined;
  /** Jobs that run, and the last one of each port; newest first. */
  readonly jobs: readonly JobState[];
  /** Finished jobs of this workspace, newest first. */
  readonly history: readonly HistoryEntry[];
  readonly interrupted: readonly InterruptedView[];
  /** The newest, for devices whose chip is not known. */
  readonly latestBuild?: BuildView | undefined;
}

/** The whole state; texts are long, and told once to a page that says it is ready. */
export type DashboardSnapshot = Omit<DashboardState, keyof PageTexts> & Partial<PageTexts>;

/** Host to dashboard. A revision that is not newer than the last one is dropped. */
export interface ToDashboard {
  readonly type: "state";
  readonly version: number;
  readonly revision: number;
  readonly state: DashboardSnapshot;
}

/** Dashboard to host. */
export type FromDashboard =
  | { readonly type: "ready"; readonly version: number }
  | { readonly type: "cancel"; readonly jobId: string }
  | { readonly type: "retry"; readonly jobId: string }
  | { readonly type: "rekey"; readonly jobId: string }
  | { readonly type: "approve"; readonly jobId: string; readonly yes: boolean }
  /** Opens the user guide at what that job failed with. */
  | { readonly type: "guide"; readonly jobId: string }
  /** Puts the lines for the next build into the clipboard. */
  | { readonly type: "copyYaml"; readonly jobId: string }
  /** Shows the file that the job has saved. */
  | { readonly type: "reveal"; readonly jobId: string }
  | { readonly type: "resume"; readonly interruptedId: string }
  | { readonly type: "dismiss"; readonly interruptedId: string }
  /** Which device the page shows now. */
  | { readonly type: "shows"; readonly portId: string }
  /** Files with an address, as `text/uri-list`, to be flashed to the device. */
  | { readonly type: "drop"; readonly list: string; readonly portId?: string }
  /** A file without one; no bytes where they could not be read, or are more than {@link MOST_DROPPED}. */
  | {
      readonly type: "dropFile";
      readonly name: string;
      readonly size: number;
      readonly bytes?: Uint8Array;
      readonly portId?: string;
    }
  /** `jobId`: the job whose button it was. */
  | { readonly type: "run"; readonly command: DashboardCommand; readonly portId?: string; readonly jobId?: string };

/** What became of opening a firmware file. */
export type ImageViewerState = PageTexts &
  (
    | { readonly status: "loading"; readonly fileName: string }
    | {
        readonly status: "unreadable";
        readonly fileName: string;
        readonly reason: string;
        readonly steps: readonly string[];
      }
    /** An archive of which no file was chosen. */
    | { readonly status: "archive"; readonly archive: ArchiveView }
    | {
        readonly status: "shown";
        readonly image: ImageView;
        /** Why it cannot be flashed over serial, localised, and what to use instead. */
        readonly refusal?:
          | { readonly title: string; readonly steps: readonly string[]; readonly instead?: string | undefined }
          | undefined;
        /** The layout the file is drawn on, by name. */
        readonly layoutName?: string | undefined;
        /** Name of the device that a flash would go to, where one is selected. */
        readonly target?: string | undefined;
        /** What the file lies in, where that is an archive. */
        readonly archive?: ArchiveView | undefined;
        /** What can be done with it, by its content. */
        readonly verbs: FileVerbsView;
        /** Its bytes, and what they tell. */
        readonly dump: DumpView;
      }
  );

/** Host to image viewer. */
export interface ToImageViewer {
  readonly type: "image";
  readonly version: number;
  readonly revision: number;
  readonly state: ImageViewerState;
}

/** Host to image viewer: a piece of the file, as it was asked for. */
export interface BytesAnswer {
  readonly type: "bytes";
  readonly version: number;
  /** Of the {@link DumpView} that it is a piece of. */
  readonly generation: number;
  readonly start: number;
  /** Two digits for each byte; two dots for one that is hidden. */
  readonly hex: string;
}

/** What a part of a dump can be asked for. */
export const PART_ACTIONS = ["save", "decrypt", "verify", "write"] as const;
export type PartAction = (typeof PART_ACTIONS)[number];

/** Bytes of a file that is dropped on a page: more than any firmware or archive of it has. */
export const MOST_DROPPED = 64 * 1024 * 1024;

/** Characters of a list of dropped files. */
const MOST_LISTED = 0x10000;

/** Bytes that may be asked for at once. */
export const MOST_BYTES = 0x10000;

/** Image viewer to host. */
export type FromImageViewer =
  | { readonly type: "ready"; readonly version: number }
  | { readonly type: "flash" }
  | { readonly type: "restore" }
  /** A configuration of the settings in the dump: a new project, or opened unsaved. */
  | { readonly type: "createProject" | "showConfiguration" }
  | { readonly type: "verify" }
  | { readonly type: "openInstead" }
  /** Shows a file of the archive, by its path there. */
  | { readonly type: "choose"; readonly path: string }
  /** A piece of the file: answered with {@link BytesAnswer}. */
  | { readonly type: "bytes"; readonly start: number; readonly length: number }
  | { readonly type: "secrets"; readonly shown: boolean }
  /** `from`: the place from which on the first is shown. */
  | { readonly type: "search"; readonly text: string; readonly as: "hex" | "text"; readonly from: number }
  | { readonly type: "hit"; readonly by: 1 | -1 }
  | { readonly type: "stopSearch" }
  | { readonly type: "part"; readonly action: PartAction; readonly start: number; readonly end: number }
  | { readonly type: "compare"; readonly with: "file" | "chip" | "nothing" }
  | { readonly type: "hexEditor"; readonly at: number };

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Texts from a webview name jobs and ports: long ones are nonsense. */
export const isName = (value: unknown): value is string =>
  typeof value === "string" && value.length > 0 && value.length <= 4096;

const isNameOrNone = (value: unknown): boolean => value === undefined || isName(value);

export const isOneOf = <T extends string>(list: readonly T[], value: unknown): value is T =>
  list.some((entry) => entry === value);

const isPlace = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export const isVersion = (value: unknown): value is number => Number.isSafeInteger(value);

export function isFromDashboard(message: unknown): message is FromDashboard {
  if (!isFields(message)) return false;
  switch (message["type"]) {
    case "ready":
      return isVersion(message["version"]);
    case "cancel":
    case "retry":
    case "guide":
    case "rekey":
    case "copyYaml":
    case "reveal":
      return isName(message["jobId"]);
    case "resume":
    case "dismiss":
      return isName(message["interruptedId"]);
    case "approve":
      return isName(message["jobId"]) && typeof message["yes"] === "boolean";
    case "run":
      return (
        isOneOf(DASHBOARD_COMMANDS, message["command"]) && [message["portId"], message["jobId"]].every(isNameOrNone)
      );
    case "shows":
      return isName(message["portId"]);
    case "drop":
      return (
        typeof message["list"] === "string" && message["list"].length <= MOST_LISTED && isNameOrNone(message["portId"])
      );
    case "dropFile":
      return (
        isName(message["name"]) &&
        isPlace(message["size"]) &&
        (message["bytes"] === undefined ||
          (message["bytes"] instanceof Uint8Array && message["bytes"].length <= MOST_DROPPED)) &&
        isNameOrNone(message["portId"])
      );
    default:
      return false;
  }
}

export function isFromImageViewer(message: unknown): message is FromImageViewer {
  if (!isFields(message)) return false;
  switch (message["type"]) {
    case "ready":
      return isVersion(message["version"]);
    case "flash":
    case "restore":
    case "createProject":
    case "showConfiguration":
    case "verify":
    case "openInstead":
    case "stopSearch":
      return true;
    case "choose":
      return isName(message["path"]);
    case "bytes":
      return isPlace(message["start"]) && isPlace(message["length"]) && message["length"] <= MOST_BYTES;
    case "secrets":
      return typeof message["shown"] === "boolean";
    case "search":
      return (
        isOneOf(["hex", "text"], message["as"]) &&
        isPlace(message["from"]) &&
        typeof message["text"] === "string" &&
        message["text"].length <= 4096
      );
    case "hit":
      return message["by"] === 1 || message["by"] === -1;
    case "part":
      return isOneOf(PART_ACTIONS, message["action"]) && isPlace(message["start"]) && isPlace(message["end"]);
    case "compare":
      return isOneOf(["file", "chip", "nothing"], message["with"]);
    case "hexEditor":
      return isPlace(message["at"]);
    default:
      return false;
  }
}

/** The envelope only: what is inside comes from our own host, of the same version. */
export function isToDashboard(message: unknown): message is ToDashboard {
  return isSnapshot(message, "state") && Array.isArray((message["state"] as Fields)["jobs"]);
}

export function isToImageViewer(message: unknown): message is ToImageViewer {
  return isSnapshot(message, "image") && typeof (message["state"] as Fields)["status"] === "string";
}

export function isBytesAnswer(message: unknown): message is BytesAnswer {
  return (
    isFields(message) &&
    message["type"] === "bytes" &&
    message["version"] === PROTOCOL_VERSION &&
    isPlace(message["generation"]) &&
    isPlace(message["start"]) &&
    typeof message["hex"] === "string"
  );
}

/** The envelope of a whole state. */
export function isSnapshot(message: unknown, type: string): message is Fields {
  return (
    isFields(message) &&
    message["type"] === type &&
    message["version"] === PROTOCOL_VERSION &&
    Number.isSafeInteger(message["revision"]) &&
    isFields(message["state"])
  );
}

/** A snapshot with the texts that the page was told before; undefined while it was told none. */
export function withTexts<Told extends Partial<PageTexts>>(
  snapshot: Told,
  before: PageTexts | undefined,
): (Told & PageTexts) | undefined {
  const { strings = before?.strings, locale = before?.locale } = snapshot;
  return strings && locale !== undefined ? { ...snapshot, strings, locale } : undefined;
}

/** From all jobs of the session: those that run and the last one of each port, newest first. */
export function jobsToShow(jobs: readonly JobState[]): readonly JobState[] {
  const newestFirst = [...jobs].sort((a, b) => b.startedAt - a.startedAt);
  const seen = new Set<string>();
  return newestFirst.filter((job) => {
    const isLatest = !seen.has(job.port.id);
    seen.add(job.port.id);
    return isLatest || !isFinished(job);
  });
}

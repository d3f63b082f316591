/**
 * One firmware file that is looked at, by itself or inside an archive: read, inspected, read again when it changes on disk. Never
 * throws; a file that cannot be read is a state like others. Knows no webview, and writes nothing.
 */
import * as vscode from "vscode";
import {
  archiveKind,
  canBeFlashed,
  choicesIn,
  openArchive,
  type Archive,
  type ArchivedFile,
} from "../../archives/archive";
import {
  ImageError,
  asFlasherError,
  english,
  inspectImage,
  verbsOf,
  type FirmwareImage,
  type Text,
} from "../../core/index";
import type { ImageViewerState } from "../../shared/messages";
import { toArchiveView, toImageView } from "../../shared/views";
import { Owner } from "../platform/disposables";
import { errorView } from "../text/errorText";
import { folderOf, nameOf, readFirmware } from "../platform/firmwareFiles";
import { withStar } from "../platform/starred";
import { say } from "../text/l10n";
import { contentOf, type DumpContent } from "./dumpContent";
import { layoutFor } from "./layout";

/** Everything a page shows but its words, and but what one page has for itself. */
export type ImageState = ImageViewerState extends infer State
  ? State extends unknown
    ? Omit<State, "strings" | "locale" | "dump">
    : never
  : never;

/** A build writes its files piece by piece. */
const SETTLE_MS = 250;

export class ImageDocument extends Owner implements vscode.CustomDocument {
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  readonly onDidChange = this.changed.event;
  private current: ImageState;
  private instead: vscode.Uri | undefined;
  private shownContent: DumpContent | undefined;
  /** Path of a file in the archive that this document is; empty: whichever is meant. */
  private wanted: string;
  private reading = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param star the file of the same build that is recommended, by name */
  constructor(
    readonly uri: vscode.Uri,
    private readonly star: (uri: vscode.Uri) => string | undefined = () => undefined,
  ) {
    super();
    this.wanted = uri.fragment;
    this.current = { status: "loading", fileName: nameOf(uri) };
    const watcher = this.register(
      vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folderOf(uri), escapeGlob(nameOf(uri)))),
    );
    const soon = (): void => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.load(), SETTLE_MS);
    };
    this.register(watcher.onDidChange(soon));
    this.register(watcher.onDidCreate(soon));
    this.register(watcher.onDidDelete(soon));
    this.register({ dispose: () => clearTimeout(this.timer) });
    void this.load();
  }

  get state(): ImageState {
    return this.current;
  }

  /** The file that is shown; inside an archive behind a `#`. */
  get shownUri(): vscode.Uri {
    return this.uri.with({ fragment: this.wanted });
  }

  /** The bytes of the file that is shown, and what they tell; undefined while none is. */
  get content(): DumpContent | undefined {
    return this.shownContent;
  }

  /** Shows another file of the archive. */
  choose(path: string): void {
    this.wanted = path;
    void this.load();
  }

  /** The file to use instead of this one, when it lies next to it. */
  get insteadUri(): vscode.Uri | undefined {
    return this.instead;
  }

  private async load(): Promise<void> {
    const turn = ++this.reading;
    const state = await this.read();
    // A newer reading has begun meanwhile: its answer counts.
    if (turn !== this.reading || this.disposed) return;
    this.current = state;
    this.changed.fire();
  }

  private async read(): Promise<ImageState> {
    const fileName = nameOf(this.uri);
    this.shownContent = undefined;
    try {
      const file = await readFirmware(this.uri.with({ fragment: "" }));
      if (archiveKind(file.bytes) === undefined) {
        const beside = file.beside.map((name) => ({ name, uri: vscode.Uri.joinPath(folderOf(this.uri), name) }));
        return await this.shown(file.bytes, fileName, beside);
      }
      return await this.inside(openArchive(file.bytes, fileName), fileName);
    } catch (error) {
      const failure = asFlasherError(error, `open ${fileName}`);
      const { title, steps } = errorView(failure);
      return { status: "unreadable", fileName, reason: title, steps };
    }
  }

  private async inside(archive: Archive, fileName: string): Promise<ImageState> {
    const { files, unread } = archive;
    if (files.length === 0 && unread[0] !== undefined) throw unread[0];
    const chosen = files.find(({ path }) => path === this.wanted) ?? theOnlyOne(archive, fileName);
    this.wanted = chosen?.path ?? "";
    const why = unread.map((error) => errorView(error)).map(({ title, evidence }) => [title, ...evidence].join(" "));
    const view = toArchiveView(fileName, files, why, chosen?.path, say);
    if (chosen === undefined) return { status: "archive", archive: view };
    const beside = files.map(({ name, path }) => ({ name, uri: this.uri.with({ fragment: path }) }));
    return { ...(await this.shown(chosen.bytes, chosen.name, beside)), archive: view };
  }

  private async shown(
    bytes: Uint8Array,
    fileName: string,
    beside: readonly Beside[],
  ): Promise<Extract<ImageState, { status: "shown" }>> {
    const image = await inspectImage(bytes, fileName, { beside: beside.map(({ name }) => name) });
    const layout = layoutFor(image);
    const file = { name: fileName, bytes };
    const recognised = { ...file, recognised: { ...file, image } };
    this.shownContent = contentOf(recognised, image);
    const verbs = verbsOf(recognised);
    return {
      status: "shown",
      verbs,
      image: toImageView(verbs.restore ? asCopy(image) : image, layout, say),
      refusal: this.refusalOf(image, beside),
      layoutName: layout?.name,
    };
  }

  private refusalOf(
    { refusal, fileName }: FirmwareImage,
    beside: readonly Beside[],
  ): Extract<ImageState, { status: "shown" }>["refusal"] {
    this.instead = undefined;
    if (refusal === undefined) return undefined;
    const { context } = withStar(refusal, this.star(this.uri));
    const { title, steps } = errorView(new ImageError(refusal.code, `check ${fileName}`, context));
    const { instead } = context;
    this.instead = beside.find(({ name }) => name === instead)?.uri;
    return { title, steps, instead };
  }
}

/** Of a copy that is restored as a whole: what a flash would leave out of it misleads. */
function asCopy(image: FirmwareImage): FirmwareImage {
  const isOfFlashing = (text: Text): boolean => /^(?:application-area-only|Writes)\b/.test(english(text));
  return {
    ...image,
    warnings: image.warnings.filter((warning) => !isOfFlashing(warning)),
    details: image.details.filter(({ name }) => !isOfFlashing(name)),
  };
}

/** A file in the same place, whose name an advice may give. */
interface Beside {
  readonly name: string;
  readonly uri: vscode.Uri;
}

/** The file that is meant without a question; undefined where there are several, or none that could be flashed. */
function theOnlyOne(archive: Archive, fileName: string): ArchivedFile | undefined {
  try {
    const choices = choicesIn(archive, fileName, canBeFlashed);
    return choices.length === 1 ? choices[0] : undefined;
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}

function escapeGlob(name: string): string {
  return name.replace(/[[\]{}*?]/g, (char) => `[${char}]`);
}

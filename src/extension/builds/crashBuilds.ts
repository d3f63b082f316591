/**
 * The build that crashed, found by itself among those of the workspace: by the time in its banner, which is in the ELF file too; and
 * what of its sources is on this machine. Reads ELF files only when something has crashed.
 */
import * as vscode from "vscode";
import {
  FlasherError,
  decodeCrash,
  readElf,
  readableName,
  type BootVerdict,
  type CrashDump,
  type CrashPlace,
} from "../../core/index";
import { exists } from "../platform/firmwareFiles";
import type { OutputLog } from "../platform/outputLog";
import { inform } from "../platform/shownMessages";
import { t } from "../text/l10n";
import type { Build, BuildFile, Builds } from "./workspaceBuilds";

/** A line for a terminal; the part of it that leads somewhere, and where. */
export interface CrashLine {
  readonly text: string;
  readonly link?: { readonly text: string; readonly follow: () => Promise<void> };
}

interface Named {
  readonly build: Build;
  readonly elf: vscode.Uri;
  readonly places: readonly CrashPlace[];
}

/** Bytes of an ELF file; with all its debug information one of LibreTiny has a tenth. */
const LARGEST_ELF = 256 * 1024 * 1024;
/** Folders above an ELF file in which its sources may lie. */
const MOST_ABOVE = 8;

type Firmware = BootVerdict["firmware"];

export class CrashBuilds {
  constructor(
    private readonly builds: Pick<Builds, "refresh" | "all">,
    private readonly log: Pick<OutputLog, "info">,
  ) {}

  /** What there is to say of a crash: the places, or why there are none. */
  async linesFor(crash: CrashDump, firmware: Firmware): Promise<readonly CrashLine[]> {
    // It may have been built since the last look.
    await this.builds.refresh();
    const candidates = inOrder(this.builds.all, firmware);
    let others = 0;
    for (const [build, { uri }] of candidates) {
      const places = await this.placesIn(uri, crash, firmware);
      if (places !== undefined) return await linesOf({ build, elf: uri, places }, firmware);
      others++;
    }
    const when = firmware?.compiled ?? "";
    if (others > 0)
      return [
        {
          text: t(
            "The builds here are all of other times than the one that crashed ({0}): build and flash it again to see where it crashes.",
            when,
          ),
        },
      ];
    return [{ text: t("To see where it crashes, open the folder with its build: raw_firmware.elf names the places.") }];
  }

  /** undefined where the file is of another build, or of none. */
  private async placesIn(
    uri: vscode.Uri,
    crash: CrashDump,
    firmware: Firmware,
  ): Promise<readonly CrashPlace[] | undefined> {
    try {
      const { size } = await vscode.workspace.fs.stat(uri);
      if (size > LARGEST_ELF) return undefined;
      return decodeCrash(crash, readElf(await vscode.workspace.fs.readFile(uri)), firmware);
    } catch (error) {
      if (!(error instanceof FlasherError || error instanceof vscode.FileSystemError)) throw error;
      this.log.info(`${uri.toString()} does not name the crash: ${String(error)}`);
      return undefined;
    }
  }
}

/** Those of the board that crashed first, then the newest, which is their order. */
function inOrder(builds: readonly Build[], firmware: Firmware): readonly (readonly [Build, BuildFile])[] {
  const board = firmware?.board;
  const isIts = ({ project }: Build): boolean => board !== undefined && project.board === board;
  return [...builds.filter(isIts), ...builds.filter((build) => !isIts(build))].flatMap((build) =>
    build.files.filter(({ artefact }) => artefact.role === "elf").map((file) => [build, file] as const),
  );
}

async function linesOf({ build, elf, places }: Named, firmware: Firmware): Promise<readonly CrashLine[]> {
  const name = build.project.name;
  const head =
    firmware?.compiled === undefined
      ? t("Where it crashed, if it is the newest build of {0}, which its log does not show:", name)
      : t("Where it crashed, by the build of {0}:", name);
  return [{ text: head }, ...(await Promise.all(places.map((place) => lineOf(place, elf))))];
}

async function lineOf({ role, address, symbol, source }: CrashPlace, elf: vscode.Uri): Promise<CrashLine> {
  const roles = { fault: t("trapped in"), caller: t("called from"), stack: t("on the stack") };
  const where = symbol === undefined ? `0x${address.toString(16).padStart(8, "0")}` : readableName(symbol);
  if (source === undefined) return { text: `  ${roles[role]} ${where}` };
  const uri = await sourceAt(source.file, elf);
  const text = `${uri === undefined ? source.file : vscode.workspace.asRelativePath(uri, false)}:${source.line}`;
  const follow = async (): Promise<void> => {
    if (uri === undefined) {
      void inform(t("{0} is not on this machine.", source.file));
      return;
    }
    const at = new vscode.Position(Math.max(0, source.line - 1), 0);
    await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at) });
  };
  return { text: `  ${roles[role]} ${where}  ${text}`, link: { text, follow } };
}

/** A source file by the path that the compiler saw, or, where that was on another machine or in a container, beside the ELF file. */
async function sourceAt(file: string, elf: vscode.Uri): Promise<vscode.Uri | undefined> {
  const path = file.replaceAll("\\", "/");
  const isWhole = /^(?:\/|[a-z]:\/)/i.test(path);
  const candidates = isWhole && elf.scheme === "file" ? [vscode.Uri.file(path)] : [];
  let folder = vscode.Uri.joinPath(elf, "..");
  for (let above = 0; above < MOST_ABOVE && folder.path !== "/"; above++) {
    const name = folder.path.slice(folder.path.lastIndexOf("/") + 1);
    const from = `/${path}`.lastIndexOf(`/${name}/`);
    if (from >= 0) candidates.push(vscode.Uri.joinPath(folder, `/${path}`.slice(from + name.length + 2)));
    if (!isWhole) candidates.push(vscode.Uri.joinPath(folder, path));
    folder = vscode.Uri.joinPath(folder, "..");
  }
  for (const candidate of candidates) if (await exists(candidate)) return candidate;
  return undefined;
}

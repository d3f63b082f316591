/** Flashing and verifying a file: from what was clicked to a running job. Refuses what cannot work before a port is opened. */
import * as vscode from "vscode";
import {
  asFlasherError,
  fileAlone,
  ImageError,
  recogniseFile,
  words,
  type ChipIdentity,
  type FirmwareImage,
  type NamedFile,
} from "../../core/index";
import { hexAddress } from "../../shared/figures";
import { canBeFlashed } from "../../archives/archive";
import { logSettingsOf } from "../builds/buildLog";
import { cutWords } from "../builds/buildTexts";
import { COMMANDS, type PortArgument } from "../platform/contributions";
import { errorView } from "../text/errorText";
import { folderOf, readFirmware, type FirmwareFile } from "../platform/firmwareFiles";
import { starBeside, withStar } from "../platform/starred";
import type { JobEnd, KeptOf } from "../jobs/jobSpec";
import { say, t } from "../text/l10n";
import { fail, inform } from "../platform/shownMessages";
import { fileLabel, type BuiltFor } from "../text/planText";
import type { PortEntry } from "../ports/portEntry";
import { isPracticeFile } from "../practice/practiceFiles";
import { BOOT_CODE_END, askNumber } from "./askNumber";
import { bootloaderConsent } from "./bootloaderConsent";
import { portFor, run } from "./choosePort";
import { downloadPlace, mayBeUnpacked } from "./downloadPlace";
import { openArchived } from "./openArchived";
import { placeFile } from "./placeFile";
import { doubtConsent } from "./doubtConsent";
import { chooseOne, pickFirmware } from "./pickFile";
import type { Services } from "../services";

/**
 * Flashes one of `uris`, or a file the person picks. Undefined when nothing was started.
 * @param at where bytes without an address of their own go; asked where it is left out
 */
export async function flashFile(
  services: Services,
  uris: readonly vscode.Uri[],
  port?: PortArgument,
  at?: number,
): Promise<JobEnd<"flash"> | undefined> {
  const { chip, label } = deviceAt(services, port);
  const title = label === undefined ? t("Flash to Device") : t("Flash to {0}", label);
  const file = await fileFor(services, uris, title, port);
  if (file === undefined) return undefined;
  const instead = (better: vscode.Uri): Promise<unknown> => flashFile(services, [better], port);
  const placed = await placeFile(
    file,
    () => (at === undefined ? askAddress(title, file, BOOT_CODE_END, chip?.flash.size) : Promise.resolve(at)),
    (image) => refuse(services, file, image, instead, mayBeUnpacked(file, image, chip)),
  );
  if (placed === undefined) return undefined;
  const target = await portFor(services, port);
  if (target === undefined) return undefined;
  if (placed !== "download") return await startFlash(services, target, placed.file, placed.where);
  const how = await downloadPlace(services, target, file);
  return how && (await startFlash(services, target, file, how));
}

/**
 * @param how what is asked for otherwise than is set: `at`, where bytes without an address of their own go; all of an interrupted job
 * @param asks `always`: the plan waits for a yes whatever the settings say, for it was no person who started this
 */
export async function startFlash(
  services: Services,
  port: PortEntry,
  file: FirmwareFile,
  how: Partial<KeptOf<"flash">>,
  asks: "always" | "as-set" = "as-set",
): Promise<JobEnd<"flash"> | undefined> {
  const { settings, builds } = services;
  if (isPracticeFile(file.uri) && port.kind !== "practice") {
    void fail(t("Practice firmware is no program: {0} would not start with it. Select a practice device.", port.label));
    return undefined;
  }
  await builds.readySoon();
  const build = buildOf(services, file.uri);
  return await run<"flash">(services, {
    port,
    title: t("Flash {0}", fileLabel(file.name, build)),
    fileName: file.name,
    source: file.uri.toString(),
    reload: () => reload(file),
    builtFor: build,
    logSettings: () => logSettingsOf(file.uri),
    confirm: asks === "always" || settings.confirmBeforeFlash,
    request: {
      kind: "flash",
      file: recogniseFile(fileAlone(file), how.at),
      verify: settings.verifyAfterFlash,
      reboot: settings.rebootAfterFlash,
      checkStart: settings.checkAfterFlash,
      dryRun: false,
      bootloader: "offered",
      ...how,
    },
    hooks: { bootloader: bootloaderConsent(services, file.uri, "flash"), askDoubt: doubtConsent(file.name) },
  });
}

/** The file of the last flash of this window once more, whatever became of it; a file that is asked for where there was none. */
export async function flashLastFile(services: Services, port?: PortArgument): Promise<JobEnd<"flash"> | undefined> {
  const { jobs } = services;
  const sources = jobs.jobs.filter(({ kind }) => kind === "flash").map(({ id }) => jobs.specOf(id)?.source);
  const source = sources.find((each) => each !== undefined);
  return await flashFile(services, source === undefined ? [] : [vscode.Uri.parse(source, true)], port);
}

export async function flashLatestBuild(services: Services, port?: PortArgument): Promise<JobEnd<"flash"> | undefined> {
  const { builds } = services;
  await builds.ready();
  const portId = port?.portId ?? services.ports.selected?.id;
  const chip = portId === undefined ? undefined : services.jobs.chipOn(portId);
  const [latest] = await services.fits.for(builds.all, chip);
  if (latest !== undefined) {
    if (latest.misfit === undefined) return await flashFile(services, [latest.file.uri], port);
    // None is for this chip: the list says of each why not, and has the way to any other file.
    return await flashFile(services, [], port);
  }
  const other = t("Choose a File");
  const firmware = portId === undefined ? undefined : await services.practice.firmwareFor(portId);
  const practise = t("Flash Practice Firmware");
  const answer = await inform(
    [t("There is no build in this workspace that can be flashed."), cutWords(builds.cut)]
      .filter((sentence) => sentence !== undefined)
      .join(" "),
    ...(firmware === undefined ? [] : [practise]),
    other,
  );
  if (firmware !== undefined && answer === practise) return await flashFile(services, [firmware], port);
  return answer === other ? await flashFile(services, [], port) : undefined;
}

export async function verifyFile(
  services: Services,
  uris: readonly vscode.Uri[],
  port?: PortArgument,
  at?: number,
): Promise<JobEnd<"verify"> | undefined> {
  const title = t("Verify Against File");
  const file = await fileFor(services, uris, title, port);
  if (file === undefined) return undefined;
  const instead = (better: vscode.Uri): Promise<unknown> => verifyFile(services, [better], port);
  const { chip } = deviceAt(services, port);
  const placed = await placeFile(
    file,
    () => (at === undefined ? askAddress(title, file, 0, chip?.flash.size) : Promise.resolve(at)),
    (image) => refuse(services, file, image, instead, false),
  );
  if (placed === undefined || placed === "download") return undefined;
  const target = await portFor(services, port);
  if (target === undefined) return undefined;
  return await run<"verify">(services, {
    port: target,
    title: t("Verify {0}", fileLabel(file.name, buildOf(services, file.uri))),
    fileName: file.name,
    source: file.uri.toString(),
    reload: () => reload(file),
    request: {
      kind: "verify",
      file: fileAlone(placed.file),
      ...placed.where,
    },
  });
}

/** The device that is meant, as far as it is known before a port is opened. */
function deviceAt(
  { ports, jobs }: Services,
  port: PortArgument | undefined,
): { readonly chip: ChipIdentity | undefined; readonly label: string | undefined } {
  const id = port?.portId ?? ports.selected?.id;
  return {
    chip: id === undefined ? undefined : jobs.chipOn(id),
    label: id === undefined ? undefined : ports.find(id)?.label,
  };
}

async function reload({ uri }: FirmwareFile): Promise<Uint8Array> {
  return (await readFirmware(uri)).bytes;
}

/** The firmware that is meant, told where it cannot be read; undefined where the person gave up, too. */
export async function fileFor(
  services: Services,
  uris: readonly vscode.Uri[],
  title: string,
  port: PortArgument | undefined,
): Promise<FirmwareFile | undefined> {
  const uri = uris.length > 0 ? await chooseOne(uris, title) : await pickFirmware(services, title, port);
  if (uri === undefined) return undefined;
  try {
    return await openArchived(await readFirmware(uri), canBeFlashed, title);
  } catch (error) {
    tellUnread(error);
    return undefined;
  }
}

export function tellUnread(error: unknown): void {
  const failure = asFlasherError(error, "read the file");
  const { title: what, steps } = errorView(failure);
  const { detail } = failure.context;
  void fail(`${what} ${detail === undefined ? (steps[0] ?? "") : say(words`(${detail})`)}`.trim());
}

/** What the build that a file came out of says it was made for. */
export function buildOf({ builds }: Services, uri: vscode.Uri): BuiltFor | undefined {
  const project = builds.buildOf(uri)?.project;
  return project && { device: project.name, chip: project.chip, board: project.board };
}

/**
 * @param from the first address that may be named
 * @param flashSize of the chip, where it is known
 */
export function askAddress(
  title: string,
  { name, bytes }: NamedFile,
  from: number,
  flashSize: number | undefined,
): Promise<number | undefined> {
  return askNumber(title, t("{0} does not tell where it belongs. Address in the flash:", name), "0x011000", (value) =>
    value < from
      ? t("Below {0} is the boot code, which Bring Back Boot Code is for", hexAddress(from))
      : flashSize !== undefined && value + bytes.length > flashSize
        ? t("The flash of this chip ends at {0}", hexAddress(flashSize))
        : undefined,
  );
}

/**
 * Says why a file is not for a serial flash, and offers the one that is.
 * @param canBePlaced also offers to write it all the same, for the boot code to unpack: `download`
 */
export async function refuse(
  { builds }: Services,
  file: FirmwareFile,
  image: FirmwareImage,
  useInstead: (uri: vscode.Uri) => Promise<unknown>,
  canBePlaced: boolean,
): Promise<"download" | undefined> {
  if (image.refusal === undefined) return undefined;
  const refusal = withStar(image.refusal, starBeside(builds, file.uri));
  const error = new ImageError(refusal.code, `check ${file.name}`, { file: file.name, ...refusal.context });
  const { title, steps } = errorView(error);
  const { instead } = refusal.context;
  const better = instead === undefined ? undefined : vscode.Uri.joinPath(folderOf(file.uri), instead);
  const use = instead && t("Use {0}", instead);
  const unpack = canBePlaced ? t("Write It for the Boot Code to Unpack") : undefined;
  const inspect = t("Inspect File");
  const message = `${file.name}: ${title} ${steps[0] ?? ""}`.trim();
  const answer = await fail(message, ...[use, unpack].filter((button) => button !== undefined), inspect);
  if (answer === inspect) await vscode.commands.executeCommand(COMMANDS.inspectImage, file.uri);
  else if (better !== undefined && answer === use) await useInstead(better);
  return unpack !== undefined && answer === unpack ? "download" : undefined;
}

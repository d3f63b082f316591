/** Flashing devices one after another: from what was clicked to a round, which asks about the first device on its page. */
import * as vscode from "vscode";
import { recogniseFile, fileAlone, sha256 } from "../../core/index";
import type { PortArgument } from "../platform/contributions";
import { readFirmware, type FirmwareFile } from "../platform/firmwareFiles";
import { fail, warn } from "../platform/shownMessages";
import { portIcon, type PortEntry } from "../ports/portEntry";
import { isPracticeFile } from "../practice/practiceFiles";
import type { LastRound } from "../rounds/rounds";
import { t } from "../text/l10n";
import { labelText } from "../text/plainText";
import { fileLabel } from "../text/planText";
import type { Services } from "../services";
import { portFor } from "./choosePort";
import { BOOT_CODE_END } from "./askNumber";
import { askAddress, buildOf, fileFor, refuse, tellUnread } from "./flashFile";
import { placeFile } from "./placeFile";

const title = (): string => t("Flash Devices One After Another");

/**
 * A round with one of `uris`, or a file the person picks; of several adapters the person chooses. Where a round runs, it is shown.
 * @param port the only one where it is named
 */
export async function flashEach(services: Services, uris: readonly vscode.Uri[], port?: PortArgument): Promise<void> {
  const { rounds } = services;
  if (rounds.isRunning) {
    rounds.show();
    return;
  }
  if (uris.length === 0 && port === undefined) {
    const answer = await offerLast(services);
    if (answer === undefined) return;
    if (answer !== "another") {
      await goOnWithRound(services, answer);
      return;
    }
  }
  const file = await fileFor(services, uris, title(), port);
  if (file === undefined) return;
  const placed = await placeFile(
    file,
    () => askAddress(title(), file, BOOT_CODE_END, undefined),
    (image) => refuse(services, file, image, (better) => flashEach(services, [better], port), false),
  );
  if (placed === undefined || placed === "download") return;
  const ports = await choosePorts(services, port, []);
  if (ports === undefined) return;
  const ledger = await chooseLedger(services, file);
  if (ledger === undefined) return;
  const most = await askCount();
  if (most === undefined) return;
  await begin(services, placed.file, placed.where.at, ports, ledger, most === "unknown" ? undefined : most);
}

/** The last round, with the same file and ledger; ports that are gone are asked for. */
export async function goOnWithRound(services: Services, last = services.rounds.lastRound): Promise<void> {
  const { rounds } = services;
  if (rounds.isRunning || last === undefined) {
    rounds.show();
    return;
  }
  try {
    const file = await readFirmware(vscode.Uri.parse(last.source, true));
    const ports = await choosePorts(services, undefined, last.ports);
    if (ports !== undefined) await begin(services, file, last.at, ports, last.ledger, last.most);
  } catch (error) {
    tellUnread(error);
  }
}

async function begin(
  services: Services,
  file: FirmwareFile,
  at: number | undefined,
  ports: readonly PortEntry[],
  ledger: string,
  most: number | undefined,
): Promise<void> {
  const { settings, builds, rounds } = services;
  const real = ports.find(({ kind }) => kind !== "practice");
  if (isPracticeFile(file.uri) && real !== undefined) {
    void fail(t("Practice firmware is no program: {0} would not start with it. Select a practice device.", real.label));
    return;
  }
  await builds.readySoon();
  const build = buildOf(services, file.uri);
  await rounds.start({
    order: {
      title: t("Flash {0}", fileLabel(file.name, build)),
      fileName: file.name,
      source: file.uri.toString(),
      builtFor: build,
      request: {
        kind: "flash",
        file: recogniseFile(fileAlone(file), at),
        // What is not proven is not done.
        verify: true,
        reboot: true,
        checkStart: settings.checkAfterFlash,
        dryRun: false,
        ...(at !== undefined && { at }),
      },
    },
    bytes: file.bytes,
    ports,
    most,
    ledger,
  });
}

/** Whether to go on with the last round; undefined where the person gave up. */
async function offerLast({ rounds }: Services): Promise<LastRound | "another" | undefined> {
  const last = rounds.lastRound;
  const progress = last && (await rounds.progressOf(last.ledger));
  if (last === undefined || progress === undefined) return "another";
  const goOn = {
    label: `$(debug-continue) ${t("Go On with {0}", labelText(last.fileName))}`,
    description: t("devices that are done: {0}", progress.done),
    detail: labelText(last.ports.join(", ")),
  };
  const another = { label: `$(add) ${t("Another Round...")}` };
  const picked = await vscode.window.showQuickPick([goOn, another], { title: title() });
  if (picked === undefined) return undefined;
  return picked === goOn ? last : "another";
}

interface PortItem extends vscode.QuickPickItem {
  readonly port: PortEntry;
}

/**
 * The adapters to work with: asked where there are several.
 * @param wanted by id; where all of them are there, nothing is asked
 */
async function choosePorts(
  services: Services,
  named: PortArgument | undefined,
  wanted: readonly string[],
): Promise<readonly PortEntry[] | undefined> {
  const { ports, jobs } = services;
  await ports.refresh();
  const known = wanted.map((id) => ports.find(id)).filter((port) => port !== undefined);
  if (wanted.length > 0 && known.length === wanted.length) return areFree(services, known) ? known : undefined;
  if (named !== undefined || ports.ports.length <= 1) {
    const port = await portFor(services, named);
    return port && [port];
  }
  const chosen = new Set(known.length > 0 ? known : ports.selected ? [ports.selected] : []);
  const items = ports.ports
    .filter(({ id }) => jobs.runningOn(id) === undefined)
    .map((port): PortItem => ({
      label: `$(${portIcon(port)}) ${labelText(port.label)}`,
      description: labelText(port.facts.join(" \u00b7 ")),
      picked: chosen.has(port),
      port,
    }));
  const placeHolder = t("One adapter or several: they work side by side");
  const picked = await vscode.window.showQuickPick(items, { title: title(), placeHolder, canPickMany: true });
  return picked === undefined || picked.length === 0 ? undefined : picked.map(({ port }) => port);
}

function areFree({ jobs }: Services, ports: readonly PortEntry[]): boolean {
  const busy = ports.map(({ id }) => jobs.runningOn(id)).find((job) => job !== undefined);
  if (busy !== undefined) void warn(t("{0} is busy: {1}", busy.port.label, busy.title));
  return busy === undefined;
}

/** Where the round is written down: a ledger of the same file goes on, unless the person wants another. */
async function chooseLedger({ rounds }: Services, { name, bytes }: FirmwareFile): Promise<string | undefined> {
  const ledger = rounds.ledgerOf({ name, sha256: await sha256(bytes), size: bytes.length });
  const progress = await rounds.progressOf(ledger);
  if (progress === undefined || progress.known === 0) return ledger;
  const goOn = {
    label: `$(debug-continue) ${t("Go On with the Ledger of This File")}`,
    description: t("devices that are done: {0}", progress.done),
    detail: t("They are not flashed again."),
  };
  const another = { label: `$(add) ${t("Begin a New Ledger")}`, detail: t("The one before stays as it is.") };
  const picked = await vscode.window.showQuickPick([goOn, another], { title: title() });
  if (picked === undefined) return undefined;
  return picked === goOn ? ledger : await rounds.otherLedger(ledger);
}

const MOST_DEVICES = 100_000;

/** undefined where the person gave up. */
async function askCount(): Promise<number | "unknown" | undefined> {
  const isCount = (text: string): boolean => /^\d+$/.test(text) && Number(text) > 0 && Number(text) <= MOST_DEVICES;
  const text = await vscode.window.showInputBox({
    title: title(),
    prompt: t("How many devices will it be? Leave it empty where you do not know: you end the round."),
    ignoreFocusOut: true,
    validateInput: (input) => (input.trim() === "" || isCount(input.trim()) ? undefined : t("A number such as 15")),
  });
  if (text === undefined) return undefined;
  return text.trim() === "" ? "unknown" : Number(text.trim());
}

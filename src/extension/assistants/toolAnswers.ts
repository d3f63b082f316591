/** The tools of the editor's language models: each from what a model asks to a plain answer. None of them writes without the person's yes. */
import type * as vscode from "vscode";
import { asFlasherError, formatPort, inspectImage, passportOf } from "../../core/index";
import { buildAnswer, chipAnswer, failureAnswer, fileAnswer, logAnswer } from "../../shared/assistantAnswers";
import type { ToolName } from "../../shared/assistantTools";
import type { Build } from "../builds/workspaceBuilds";
import { startFlash } from "../commands/flashFile";
import { startRestore } from "../commands/restoreBackup";
import type { JobEnd, Refused } from "../jobs/jobSpec";
import type { PortEntry } from "../ports/portEntry";
import type { Services } from "../services";
import { t } from "../text/l10n";
import { ToolArguments, fileMeant, portMeant, uriOf } from "./toolInput";

type Tool = (services: Services, input: ToolArguments, token: vscode.CancellationToken) => Promise<unknown>;

const TOOLS: Readonly<Record<ToolName, Tool>> = {
  beken_list_devices: listDevices,
  beken_chip_info: chipInfo,
  beken_inspect_file: inspectFile,
  beken_find_builds: findBuilds,
  beken_flash: flash,
  beken_restore: restore,
  beken_read_log: readLog,
};

/** Never rejects: what fails is an answer too. */
export async function answerTool(
  services: Services,
  name: ToolName,
  input: unknown,
  token: vscode.CancellationToken,
): Promise<unknown> {
  try {
    return await TOOLS[name](services, new ToolArguments(input), token);
  } catch (error) {
    services.log.error(name, error);
    return failureAnswer(asFlasherError(error, name));
  }
}

async function listDevices({ ports, jobs, monitors }: Services): Promise<unknown> {
  await ports.refresh();
  return {
    devices: ports.ports.map((port) => ({
      port: port.id,
      kind: port.kind === "practice" ? "simulated" : port.ref.kind,
      facts: port.facts,
      selected: ports.selected?.id === port.id,
      busy: jobs.runningOn(port.id)?.kind ?? null,
      chip: jobs.chipOn(port.id)?.chip?.name ?? null,
      verdict: monitors.verdictOn(port.id)?.kind ?? null,
    })),
  };
}

async function chipInfo(services: Services, input: ToolArguments, token: vscode.CancellationToken): Promise<unknown> {
  const port = await portMeant(services, input.text("port"));
  const title = t("Show chip info");
  const end = await stoppable(services, port, token, () =>
    services.jobs.start<"info">({ port, title, request: { kind: "info" } }),
  );
  return end?.status === "succeeded" ? { ok: true, port: port.id, chip: chipAnswer(end.result.chip) } : notDone(end);
}

async function inspectFile(_: Services, input: ToolArguments): Promise<unknown> {
  const { bytes, name, beside, uri } = await fileMeant(input.text("file"));
  return fileAnswer(uri.toString(), await inspectImage(bytes, name, { beside }), passportOf(bytes));
}

async function findBuilds({ builds }: Services): Promise<unknown> {
  await builds.ready();
  const answer = ({ project, files }: Build): unknown => {
    const place = (path: string): string => files.find(({ artefact }) => artefact.path === path)?.uri.fsPath ?? path;
    return buildAnswer(project, place);
  };
  return { builds: builds.all.map(answer) };
}

async function flash(services: Services, input: ToolArguments, token: vscode.CancellationToken): Promise<unknown> {
  const file = await fileMeant(input.text("file"));
  const port = await portMeant(services, input.text("port"));
  const at = input.number("at");
  const how = at === undefined ? {} : { at };
  return writeAnswer(await stoppable(services, port, token, () => startFlash(services, port, file, how, "always")));
}

async function restore(services: Services, input: ToolArguments, token: vscode.CancellationToken): Promise<unknown> {
  const uri = await uriOf(input.text("file") ?? "");
  const port = await portMeant(services, input.text("port"));
  return writeAnswer(await stoppable(services, port, token, () => startRestore(services, port, uri, {})));
}

const SECONDS = { usual: 30, most: 300 } as const;

async function readLog(services: Services, input: ToolArguments, token: vscode.CancellationToken): Promise<unknown> {
  const port = await portMeant(services, input.text("port"));
  const wire = formatPort(services.monitors.logPortOf(port));
  const busy = services.jobs.runningOn(wire);
  if (busy !== undefined) return notDone({ status: "refused", job: busy });
  const seconds = Math.min(SECONDS.most, Math.max(1, input.number("seconds") ?? SECONDS.usual));
  const stop = new AbortController();
  const listening = token.onCancellationRequested(() => stop.abort());
  try {
    const { verdict, lines } = await services.monitors.read(port, seconds * 1000, stop.signal);
    return logAnswer(verdict, lines);
  } finally {
    listening.dispose();
  }
}

type Ended = JobEnd | Refused | undefined;

/** Who stops the model stops the job it has started. */
async function stoppable<T extends Ended>(
  { jobs }: Services,
  { id }: PortEntry,
  token: vscode.CancellationToken,
  start: () => Promise<T>,
): Promise<T> {
  const before = jobs.runningOn(id)?.id;
  const listening = token.onCancellationRequested(() => {
    const job = jobs.runningOn(id);
    if (job !== undefined && job.id !== before) jobs.cancel(job.id);
  });
  try {
    return await start();
  } finally {
    listening.dispose();
  }
}

function writeAnswer(end: JobEnd<"flash"> | JobEnd<"restore"> | undefined): unknown {
  if (end?.status !== "succeeded") return notDone(end);
  const { verified, rebooted, bytesWritten, bytesErased, bytesSkipped, chip } = end.result;
  return { ok: true, verified, rebooted, bytesWritten, bytesErased, bytesSkipped, chip: chipAnswer(chip) };
}

/** Why there is no result, and what that means for the flash. */
function notDone(end: Ended): unknown {
  switch (end?.status) {
    case "failed":
      return failureAnswer(end.error);
    case "cancelled":
      return { ok: false, code: "cancelled", by: "person", flash: end.job.flash ?? "untouched" };
    case "refused":
      return { ok: false, code: "busy", job: end.job.kind, flash: "untouched" };
    default:
      return { ok: false, code: "not-started", flash: "untouched" };
  }
}

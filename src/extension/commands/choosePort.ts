/** Which port an action is about, and whether it is free: one decision the first time, none after that. */
import * as vscode from "vscode";
import { TransportError, bridgeSurroundings, surroundingSteps, surroundings, type JobKind } from "../../core/index";
import type { JobState } from "../../shared/jobState";
import { COMMANDS, type PortArgument } from "../platform/contributions";
import type { JobEnd, JobSpec } from "../jobs/jobSpec";
import type { JobService } from "../jobs/jobService";
import { errorView } from "../text/errorText";
import { t } from "../text/l10n";
import { inform, warn } from "../platform/shownMessages";
import { extraEntry, withExtra, type PortEntry } from "../ports/portEntry";
import { askForPort, pickPort } from "../ports/portPicker";
import { requestPort } from "../ports/requestPort";
import type { PracticeChoice } from "../practice/practiceDevices";
import type { Services } from "../services";

/** More would fill a message. */
const STEPS_TOLD = 3;

/** The picker, and what follows from adding a port or starting a practice device in it. The result is selected. */
export async function choosePort(services: Services): Promise<PortEntry | undefined> {
  const { ports, jobs } = services;
  const picked = await pickPort(ports, (id) => jobs.runningOn(id) !== undefined);
  if (picked === undefined) return undefined;
  if ("port" in picked) {
    await ports.select(picked.port);
    return picked.port;
  }
  switch (picked.action) {
    case "add":
      return await addPort(services);
    case "practice":
      return await startPractice(services);
    case "missing":
      await tellMissing(services);
      return undefined;
    default:
      return await connectPort(services, picked.action === "request");
  }
}

/** What keeps an adapter from being listed here, as far as it can be told; the likeliest first. */
async function tellMissing({ jobs }: Services): Promise<void> {
  const error = new TransportError("port-not-found", "list the ports");
  error.around = await surroundings(error.code);
  const { steps } = errorView(error, jobs.describeSide());
  const how = t("Open Guide");
  const answer = await warn(steps.slice(0, STEPS_TOLD).join(" "), how);
  if (answer === how) await vscode.commands.executeCommand(COMMANDS.openGuide, error.code);
}

/** Has the browser ask for a port, and selects it. */
async function connectPort({ ports }: Services, known: boolean): Promise<PortEntry | undefined> {
  const port = await requestPort(ports, known);
  if (port !== undefined) await ports.select(port);
  return port;
}

/** Asks for a port, keeps it in the settings, and selects it. */
export async function addPort({ settings, ports }: Services): Promise<PortEntry | undefined> {
  const name = (await askForPort())?.trim();
  if (name === undefined || name === "") return undefined;
  const entry = extraEntry(name);
  if (entry === undefined) return undefined;
  const extras = withExtra(settings.extraPorts, name);
  if (extras.length > settings.extraPorts.length) await settings.update("extraPorts", extras);
  await ports.refresh();
  const port = ports.find(entry.id);
  if (port !== undefined) await ports.select(port);
  const limits = surroundingSteps(bridgeSurroundings(entry.ref), t);
  if (limits.length > 0) void inform(limits.join(" "));
  return port;
}

export async function removePort({ settings, jobs }: Services, portId: string): Promise<void> {
  await jobs.release(portId);
  await settings.update(
    "extraPorts",
    settings.extraPorts.filter((name) => extraEntry(name)?.id !== portId),
  );
}

export async function startPractice({ practice }: Services, presetId?: string): Promise<PortEntry | undefined> {
  if (presetId !== undefined) return await practice.start(presetId);
  const items = (await practice.choices()).map(({ id, name }: PracticeChoice) => ({ label: `$(beaker) ${name}`, id }));
  const picked = await vscode.window.showQuickPick(items, {
    title: t("Start Practice Device"),
    placeHolder: t("Which chip to simulate; nothing of it is real"),
  });
  return picked && (await practice.start(picked.id));
}

/** The port an action is about, free for a job; undefined when the person gave up or the port is busy. */
export async function portFor(services: Services, argument: PortArgument | undefined): Promise<PortEntry | undefined> {
  const port = await portMeant(services, argument);
  return port !== undefined && (await isFree(services, port)) ? port : undefined;
}

/** The port an action is about, whatever runs on it; undefined when the person gave up. */
export async function portMeant(
  services: Services,
  argument: PortArgument | undefined,
): Promise<PortEntry | undefined> {
  const { ports } = services;
  const port =
    argument === undefined
      ? ((await ports.resolve()) ?? (await choosePort(services)))
      : await findPort(services, argument);
  if (port === undefined) return undefined;
  if (ports.selected?.id !== port.id) await ports.select(port);
  return port;
}

/** This one and no other: who named a device did not mean the one that is selected. */
async function findPort({ ports }: Services, { portId }: PortArgument): Promise<PortEntry | undefined> {
  if (ports.find(portId) === undefined) await ports.refresh();
  const port = ports.find(portId);
  if (port === undefined) void warn(t("{0} is not there any more. Plug it in again, or choose another port.", portId));
  return port;
}

async function isFree({ jobs }: Services, port: PortEntry): Promise<boolean> {
  const running = jobs.runningOn(port.id);
  if (running === undefined) return true;
  await tellBusy(jobs, running);
  return false;
}

/**
 * Runs a job to its end; where another one has taken the port since it was chosen, that is told.
 * @returns undefined when nothing was started
 */
export async function run<K extends JobKind>({ jobs }: Services, spec: JobSpec<K>): Promise<JobEnd<K> | undefined> {
  const end = await jobs.start(spec);
  if (end.status !== "refused") return end;
  await tellBusy(jobs, end.job);
  return undefined;
}

async function tellBusy(jobs: JobService, { id, port, title }: JobState): Promise<void> {
  const stop = t("Stop It");
  const show = t("Open Dashboard");
  const answer = await warn(t("{0} is busy: {1}", port.label, title), stop, show);
  if (answer === stop) jobs.cancel(id);
  else if (answer === show) await vscode.commands.executeCommand(COMMANDS.openDashboard, { portId: port.id });
}

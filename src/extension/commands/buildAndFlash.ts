/** Build and Flash: from a configuration to a device that runs it, and its log, in one command. */
import * as vscode from "vscode";
import { isForTheseChips } from "../../builds/project";
import { ageOf } from "../builds/buildTexts";
import { runBuild } from "../builds/buildTask";
import { belongsTo, isSameSource, targetsIn, yamlTarget, type BuildTarget } from "../builds/buildTargets";
import { toolFor } from "../builds/machineTools";
import type { Build } from "../builds/workspaceBuilds";
import { COMMANDS, SETTINGS_SECTION, type SettingName } from "../platform/contributions";
import { fail, inform, warn } from "../platform/shownMessages";
import { labelText } from "../text/plainText";
import { t } from "../text/l10n";
import type { Services } from "../services";
import type { JobEnd } from "../jobs/jobSpec";
import { portMeant } from "./choosePort";
import { flashFile } from "./flashFile";

/** File systems round their times, and may be another machine's. */
const CLOCKS_DIFFER_MS = 2_500;

const REMEMBERED = "beken.buildTarget";

/**
 * @param asked a target, or a YAML, that the command is about; undefined: the file in front, the only one there is, or the person's choice
 * @returns how the flash ended; undefined where it never began
 */
export async function buildAndFlash(
  services: Services,
  asked: BuildTarget | vscode.Uri | undefined,
): Promise<JobEnd<"flash"> | undefined> {
  const { builds, memory, settings } = services;
  if (!vscode.workspace.isTrusted) {
    const manage = t("Manage Workspace Trust");
    const answer = await warn(
      t("A build runs what the workspace brings along, so nothing is built in a workspace that is not trusted."),
      manage,
    );
    if (answer === manage) await vscode.commands.executeCommand("workbench.trust.manage");
    return undefined;
  }
  const target = await targetFor(services, asked);
  if (target === undefined) return undefined;
  await memory.update(REMEMBERED, target.id);
  const tool = await programFor(target, settings);
  if (tool === undefined) return await tellMissing(services, target);
  // Asked for before minutes of building, not after them.
  const port = await portMeant(services, undefined);
  if (port === undefined) return undefined;
  await save(target);
  const begun = Date.now();
  const code = await builds.withoutOffers(() => runBuild(target, tool));
  if (code !== 0) {
    if (code !== undefined) await tellFailed(target);
    return undefined;
  }
  await builds.refresh();
  const built = buildOf(builds.all, target)?.recommended;
  if (built === undefined) {
    void fail(t("{0} was built, but its firmware was not found. Look for it in the Firmware view.", target.name));
    return undefined;
  }
  if (built.artefact.modified < begun - CLOCKS_DIFFER_MS && !(await wantsOlder(target, built.artefact.modified)))
    return undefined;
  const end = await flashFile(services, [built.uri], { portId: port.id });
  // Who watched it before watches it again.
  if (end?.status === "succeeded" && !services.others.isWatching(port.id)) services.monitors.show(port);
  return end;
}

function buildOf(all: readonly Build[], { source }: BuildTarget): Build | undefined {
  return all.find(({ project, recommended }) => recommended !== undefined && isSameSource(project.source, source));
}

async function targetFor(
  { memory }: Services,
  asked: BuildTarget | vscode.Uri | undefined,
): Promise<BuildTarget | undefined> {
  if (asked !== undefined) return "source" in asked ? asked : yamlTarget(asked);
  const front = vscode.window.activeTextEditor?.document;
  if (front !== undefined && /\.ya?ml$/i.test(front.uri.path) && isForTheseChips(front.getText()))
    return yamlTarget(front.uri);
  const all = await targetsIn();
  const around = front === undefined ? [] : all.filter((target) => belongsTo(target, front.uri));
  const choices = around.length > 0 ? around : all;
  const [only] = choices;
  if (only === undefined) {
    void inform(
      t(
        "There is nothing here to build: no ESPHome YAML with bk72xx: or libretiny:, and no platformio.ini with LibreTiny.",
      ),
    );
    return undefined;
  }
  if (choices.length === 1) return only;
  const last = memory.get<unknown>(REMEMBERED);
  const items = choices
    .map((target) => ({
      label: `$(${target.source.kind === "esphome" ? "file-code" : "circuit-board"}) ${labelText(target.name)}`,
      description: labelText(
        [vscode.workspace.asRelativePath(target.uri), target.id === last ? t("last time") : undefined]
          .filter((part) => part !== undefined)
          .join(" \u00b7 "),
      ),
      target,
    }))
    .sort((a, b) => Number(b.target.id === last) - Number(a.target.id === last));
  const placeHolder = t("What to build");
  const picked = await vscode.window.showQuickPick(items, { title: t("Build and Flash"), placeHolder });
  return picked?.target;
}

/** On another machine, where this window's extension cannot look, what is in PATH there. */
async function programFor({ source, uri }: BuildTarget, settings: Services["settings"]): Promise<string | undefined> {
  const tool = source.kind === "esphome" ? "esphome" : "pio";
  if (uri.scheme === "vscode-remote")
    return (tool === "esphome" ? settings.esphomePath : settings.platformioPath) || tool;
  if (uri.scheme !== "file") return undefined;
  const folder = source.kind === "esphome" ? vscode.Uri.joinPath(uri, "..") : uri;
  return await toolFor(tool, folder.fsPath, settings);
}

/** How to get it, and what can be done without it. */
async function tellMissing(services: Services, target: BuildTarget): Promise<JobEnd<"flash"> | undefined> {
  const { builds } = services;
  const isEsphome = target.source.kind === "esphome";
  const setting: SettingName = isEsphome ? "esphomePath" : "platformioPath";
  await builds.ready();
  const last = buildOf(builds.all, target)?.recommended;
  const flashLast = t("Flash the Last Build");
  const open = t("Open Setting");
  const how = t("How to Install");
  const answer = await fail(
    isEsphome
      ? t(
          "esphome was not found: not in the setting beken.esphomePath, in .venv or venv of the workspace, in PATH, or where PlatformIO is. Install it with: pip install esphome",
        )
      : t(
          "pio was not found: not in the setting beken.platformioPath, in .venv or venv of the workspace, in PATH, or where PlatformIO is. Install it with: pip install platformio",
        ),
    ...(last === undefined ? [] : [flashLast]),
    open,
    how,
  );
  if (answer === open)
    await vscode.commands.executeCommand("workbench.action.openSettings", `${SETTINGS_SECTION}.${setting}`);
  else if (answer === how) await vscode.commands.executeCommand(COMMANDS.openGuide);
  else if (answer === flashLast && last !== undefined) return await flashFile(services, [last.uri]);
  return undefined;
}

/** Nothing changed since, or what was built went elsewhere: that is the person's to know before it is on a chip. */
async function wantsOlder({ name }: BuildTarget, modified: number): Promise<boolean> {
  const flash = t("Flash the Last Build");
  const text = t(
    "The build of {0} left no new firmware; the last one there was built {1}.",
    name,
    ageOf(modified, Date.now()),
  );
  return (await warn(text, flash)) === flash;
}

async function tellFailed({ name }: BuildTarget): Promise<void> {
  const show = t("Show Problems");
  const answer = await fail(t("{0} was not built; its terminal says why. Nothing was flashed.", name), show);
  if (answer === show) await vscode.commands.executeCommand("workbench.actions.view.problems");
}

/** What is typed is what is built. */
async function save(target: BuildTarget): Promise<void> {
  const dirty = vscode.workspace.textDocuments.filter(({ isDirty, uri }) => isDirty && belongsTo(target, uri));
  for (const document of dirty) await document.save();
}

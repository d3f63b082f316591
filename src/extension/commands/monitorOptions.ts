/** What a person does with the log that a monitor shows: filter, hold, clear, save, other times and speeds. */
import * as vscode from "vscode";
import { LOG_SPEEDS } from "../../core/index";
import type { PortArgument } from "../platform/contributions";
import { LOG_LEVELS, type LogFilter } from "../monitor/logView";
import type { MonitorView } from "../monitor/deviceMonitor";
import { inform } from "../platform/shownMessages";
import type { Services } from "../services";
import { t } from "../text/l10n";
import { portMeant } from "./choosePort";

interface Choice extends vscode.QuickPickItem {
  readonly run: () => Promise<void> | void;
}

export async function monitorOptions(services: Services, argument: PortArgument | undefined): Promise<void> {
  const port = await portMeant(services, argument);
  if (port === undefined) return;
  const monitor = services.monitors.viewOf(port.id);
  if (monitor === undefined) {
    services.monitors.show(port);
    return;
  }
  const { filter } = monitor;
  const items: readonly Choice[] = [
    { label: t("Filter by Level…"), description: filter.level, run: () => pickLevel(monitor) },
    { label: t("Filter by Text…"), description: filter.text, run: () => askText(monitor) },
    monitor.isPaused
      ? { label: t("Go On"), run: () => monitor.goOn() }
      : { label: t("Pause"), run: () => monitor.pause() },
    { label: t("Clear"), run: () => monitor.clear() },
    { label: t("Save Log…"), run: () => save(monitor, port.label) },
    { label: t("Times Before Lines…"), description: timesName(monitor.times), run: () => pickTimes(monitor) },
    { label: t("Find the Speed"), run: () => monitor.findSpeed() },
    { label: t("Listen at Another Speed…"), description: `${monitor.baudRate}`, run: () => pickSpeed(monitor) },
  ];
  const picked = await vscode.window.showQuickPick(items, { title: t("Log of {0}", port.label) });
  await picked?.run();
}

async function pickLevel(monitor: MonitorView): Promise<void> {
  const names: Readonly<Record<LogFilter["level"], string>> = {
    error: t("Errors alone"),
    warning: t("Warnings and errors"),
    info: t("All but debug lines"),
    debug: t("Everything"),
  };
  const items = LOG_LEVELS.map((level) => ({ label: names[level], level, picked: level === monitor.filter.level }));
  const picked = await vscode.window.showQuickPick(items, { title: t("Filter by Level…") });
  if (picked !== undefined) monitor.show({ ...monitor.filter, level: picked.level });
}

async function askText(monitor: MonitorView): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: t("Filter by Text…"),
    prompt: t("Lines with this in them are shown; empty shows all"),
    value: monitor.filter.text,
  });
  if (text !== undefined) monitor.show({ ...monitor.filter, text: text.trim() });
}

function timesName(times: MonitorView["times"]): string {
  return times === "off" ? t("none") : times === "clock" ? t("time of day") : t("since the device started");
}

async function pickTimes(monitor: MonitorView): Promise<void> {
  const items = (["off", "clock", "start"] as const).map((times) => ({ label: timesName(times), times }));
  const picked = await vscode.window.showQuickPick(items, { title: t("Times Before Lines…") });
  if (picked !== undefined) monitor.times = picked.times;
}

async function pickSpeed(monitor: MonitorView): Promise<void> {
  const items = LOG_SPEEDS.map((baud) => ({ label: `${baud}`, baud }));
  const picked = await vscode.window.showQuickPick(items, { title: t("Listen at Another Speed…") });
  if (picked !== undefined) await monitor.listenAt(picked.baud);
}

async function save(monitor: MonitorView, label: string): Promise<void> {
  const name = `${label.replace(/[^\p{L}\p{N}.-]+/gu, "-")}.log`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, name) }),
    filters: { [t("Logs")]: ["log", "txt"] },
  });
  if (target === undefined) return;
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(monitor.saved()));
  void inform(
    t("The log is in {0}; networks, passwords and keys in it are masked.", vscode.workspace.asRelativePath(target)),
  );
}

/**
 * What a report about a problem needs, as text for the clipboard: versions, settings, ports, chips, the last log lines.
 * MAC addresses, keys, names of networks and people are taken out.
 */
import * as vscode from "vscode";
import { describeIdentity, scrub } from "../../core/index";
import { runtime } from "../platform/hostMachine";
import type { Services } from "../services";

export function diagnostics({ settings, ports, jobs, log, version }: Services): string {
  const lines = [
    `Beken Flasher ${version}`,
    `VS Code ${vscode.version}, ${vscode.env.appName}, ${vscode.env.uiKind === vscode.UIKind.Web ? "web" : "desktop"}`,
    `Remote: ${vscode.env.remoteName ?? "none"}`,
    runtime(),
    `Settings that differ from their defaults: ${JSON.stringify(settings.changes)}`,
    "",
    "Ports:",
    ...ports.ports.map(({ id, kind, facts }) => `  ${id} (${[kind, ...facts.slice(0, 2)].join(", ")})`),
    ...ports.ports.flatMap(({ id }) => {
      const chip = jobs.chipOn(id);
      return chip === undefined
        ? []
        : ["", `Chip on ${id}:`, ...describeIdentity(chip).map(({ name, value }) => `  ${name}: ${value}`)];
    }),
    "",
    "Jobs:",
    ...jobs.jobs.map(
      ({ kind, status, error, startedAt, endedAt }) =>
        `  ${kind}: ${status}${error === undefined ? "" : ` ${error.code}`}, ${Math.round(((endedAt ?? Date.now()) - startedAt) / 100) / 10} s`,
    ),
    "",
    "Log:",
  ];
  const macs = ports.ports.flatMap(({ id }) => jobs.chipOn(id)?.mac ?? []);
  return `${scrub(`${lines.join("\n")}\n${log.recent.text}`, macs)}\n`;
}

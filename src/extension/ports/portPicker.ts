/**
 * The port picker: adapters with names and ids, last used first, kept fresh while it is open, with ways to add a port or
 * start a practice device. Asks; what is picked is the caller's business.
 */
import * as vscode from "vscode";
import { isFlasherError, formatPort, parsePort } from "../../core/index";
import { say, t } from "../text/l10n";
import { labelText } from "../text/plainText";
import { HOST, hasSerialPorts } from "../platform/hostMachine";
import { portIcon, type PortEntry } from "./portEntry";
import type { PortRegistry } from "./portRegistry";

interface PortItem extends vscode.QuickPickItem {
  readonly port?: PortEntry;
  readonly action?: PortAction;
}

/** What else there is to choose than a port that is known: `request` and `requestAny` show the browser's own chooser. */
export type PortAction = "add" | "missing" | "practice" | "request" | "requestAny";

const INFO = vscode.InputBoxValidationSeverity.Info;

export type Picked = { readonly port: PortEntry } | { readonly action: PortAction } | undefined;

export async function pickPort(ports: PortRegistry, isBusy: (portId: string) => boolean): Promise<Picked> {
  const picker = vscode.window.createQuickPick<PortItem>();
  const refresh: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("refresh"), tooltip: t("Look Again") };
  const settings: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("settings-gear"), tooltip: t("Settings") };
  picker.title = t("Select Port");
  picker.placeholder = t("The serial port your chip is wired to");
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  picker.buttons = HOST === "browser" ? [refresh] : [refresh, settings];
  const draw = (): void => {
    const active = picker.activeItems[0]?.port?.id;
    picker.items = itemsFor(ports, isBusy);
    const again = picker.items.find(({ port }) => port !== undefined && port.id === active);
    if (again !== undefined) picker.activeItems = [again];
  };
  draw();
  const watching = ports.watch();
  const listening = ports.onDidChange(draw);
  try {
    return await new Promise<Picked>((resolve) => {
      picker.onDidTriggerButton((button) => {
        if (button === refresh) void ports.refresh();
        else void vscode.commands.executeCommand("workbench.action.openSettings", "beken.extraPorts");
      });
      picker.onDidAccept(() => {
        const [item] = picker.selectedItems;
        if (item?.port !== undefined) resolve({ port: item.port });
        else if (item?.action !== undefined) resolve({ action: item.action });
      });
      picker.onDidHide(() => resolve(undefined));
      picker.show();
    });
  } finally {
    listening.dispose();
    watching.dispose();
    picker.dispose();
  }
}

function itemsFor(ports: PortRegistry, isBusy: (portId: string) => boolean): PortItem[] {
  const rank = new Map(ports.recent.map((id, index) => [id, index]));
  const sorted = [...ports.ports].sort((a, b) => (rank.get(a.id) ?? Infinity) - (rank.get(b.id) ?? Infinity) || 0);
  const items = sorted.map((port): PortItem => {
    const notes = [
      ports.selected?.id === port.id ? t("selected") : undefined,
      isBusy(port.id) ? t("job running") : undefined,
    ].filter((note) => note !== undefined);
    return {
      label: `$(${portIcon(port)}) ${labelText(port.label)}`,
      description: labelText([...port.facts, ...notes].join(" \u00b7 ")),
      ...(port.label === port.id ? {} : { detail: labelText(port.id) }),
      port,
    };
  });
  return [
    ...items,
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    ...(HOST === "node" ? add() : hasSerialPorts() ? requests() : none()),
    ...(HOST === "browser" || sorted.some(({ isUsb }) => isUsb) ? [] : missing()),
    {
      label: `$(beaker) ${t("Start Practice Device")}`,
      description: t("a simulated chip, no hardware needed"),
      action: "practice",
    },
  ];
}

const add = (): readonly PortItem[] => [
  {
    label: `$(add) ${t("Add Port...")}`,
    description: t("a device path or a serial port on the network"),
    action: "add",
  },
];

const missing = (): readonly PortItem[] => [
  {
    label: `$(question) ${t("My Adapter Is Not Listed...")}`,
    description: t("what may be in its way on this machine"),
    action: "missing",
  },
];

/** In a browser a port has to be given to the page once, by the person, in the browser's own chooser. */
const requests = (): readonly PortItem[] => [
  {
    label: `$(plug) ${t("Connect an Adapter...")}`,
    description: t("the browser asks which; it remembers your answer"),
    action: "request",
  },
  {
    label: `$(add) ${t("Connect Another Serial Port...")}`,
    description: t("also of makers that are not known here"),
    action: "requestAny",
  },
];

const none = (): readonly PortItem[] => [
  {
    label: `$(circle-slash) ${t("This browser cannot open serial ports.")}`,
    description: t("Chrome, Edge and Opera can, and so can the desktop editor."),
    action: "request",
  },
];

/** Asks for the name of a port; undefined when the person gave up. */
export function askForPort(): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: t("Add Port"),
    prompt: t(
      "A device such as /dev/serial/by-id/... or COM5, or a serial port on the network as tcp://host:port or rfc2217://host:port",
    ),
    placeHolder: "tcp://192.168.1.20:8880",
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (text.trim() === "") return undefined;
      try {
        const name = formatPort(parsePort(text));
        const isAsTyped = name.includes("?") || name === text.trim();
        return isAsTyped ? undefined : { message: t("It is added as {0}.", name), severity: INFO };
      } catch (error) {
        return isFlasherError(error) ? say(error.context.detail ?? error.message) : String(error);
      }
    },
  });
}

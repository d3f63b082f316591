/**
 * A port that the browser does not let this page have yet: the editor's window shows the browser's chooser, for a worker may not.
 * Which port was chosen is told by its ids alone, so the new one is found by comparing what there was before and after.
 */
import * as vscode from "vscode";
import { ADAPTERS } from "../../core/index";
import { t } from "../text/l10n";
import { hasSerialPorts } from "../platform/hostMachine";
import { fail, warn } from "../platform/shownMessages";
import { chosenPort } from "./chosenPort";
import type { PortEntry } from "./portEntry";
import type { PortRegistry } from "./portRegistry";

const REQUEST = "workbench.experimental.requestSerialPort";

/** The page that asked knows at once; the worker this runs in hears of it a moment later. */
const LOOK_EVERY_MS = 100;
const HEARD_AFTER_TRIES = 50;

interface Chosen {
  readonly usbVendorId?: number;
  readonly usbProductId?: number;
}

/** @param known only adapters whose ids are known; else whatever the browser lists */
export async function requestPort(ports: PortRegistry, known: boolean): Promise<PortEntry | undefined> {
  await ports.refresh();
  const before = new Set(ports.ports.map(({ id }) => id));
  const vendors = [...new Set(ADAPTERS.map(({ vendorId }) => Number.parseInt(vendorId, 16)))];
  const filters = known ? vendors.map((usbVendorId) => ({ usbVendorId })) : [];
  const chosen = await askBrowser(filters);
  if (chosen === undefined) return undefined;
  for (let tries = 0; ; tries++) {
    await ports.refresh();
    const choice = chosenPort(before, ports.ports, idsOf(chosen), tries);
    if (typeof choice !== "string") return choice;
    if (choice === "unclear" || tries === HEARD_AFTER_TRIES) {
      void warn(t("Which of the ports was chosen cannot be told: choose it in the list of ports."));
      return undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Undefined when the person chose nothing. */
async function askBrowser(filters: readonly Chosen[]): Promise<Chosen | undefined> {
  const commands = await vscode.commands.getCommands(true);
  if (!hasSerialPorts() || !commands.includes(REQUEST)) return withoutSerial();
  try {
    return (await vscode.commands.executeCommand<Chosen | undefined>(REQUEST, { filters })) ?? withoutSerial();
  } catch (error) {
    // A chooser that was closed is said by an error too, of which the editor may hand on the text alone.
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if (!/NotFoundError|no port selected/i.test(said)) void fail(t("The browser shows no ports: {0}", said));
    return undefined;
  }
}

function withoutSerial(): undefined {
  void fail(t("This browser cannot open serial ports. Chrome, Edge and Opera can, and so can the desktop editor."));
  return undefined;
}

/** Undefined for a port of the machine itself, or one that is not on USB. */
function idsOf({ usbVendorId, usbProductId = 0 }: Chosen): string | undefined {
  if (usbVendorId === undefined) return undefined;
  return [usbVendorId, usbProductId].map((id) => id.toString(16).padStart(4, "0")).join(":");
}

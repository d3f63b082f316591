/** The interfaces of Microsoft's and Eclipse's serial monitors, where those extensions run. */
import * as vscode from "vscode";
import { ECLIPSE_MONITOR, MICROSOFT_MONITOR } from "./otherTools";

interface Exported {
  readonly getApi?: (version: number, context?: vscode.ExtensionContext) => unknown;
}

/** Microsoft's of this version; undefined where the extension does not run, or has none. */
export function serialMonitorApi(version: number, context: vscode.ExtensionContext): unknown {
  return exportsOf(MICROSOFT_MONITOR)?.getApi?.(version, context);
}

/** Eclipse's of version 1; undefined where the extension does not run, or has none. */
export function eclipseMonitorApi(): unknown {
  return exportsOf(ECLIPSE_MONITOR)?.getApi?.(1);
}

function exportsOf(id: string): Exported | undefined {
  const extension = vscode.extensions.getExtension<Exported | undefined>(id);
  return extension?.isActive === true ? extension.exports : undefined;
}

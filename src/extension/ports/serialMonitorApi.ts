/** The interface of Microsoft's Serial Monitor, where that extension runs. */
import * as vscode from "vscode";
import { MICROSOFT_MONITOR } from "./otherTools";

interface Exported {
  readonly getApi?: (version: number, context: vscode.ExtensionContext) => unknown;
}

/** Of this version; undefined where the extension does not run, or has none. */
export function serialMonitorApi(version: number, context: vscode.ExtensionContext): unknown {
  const extension = vscode.extensions.getExtension<Exported | undefined>(MICROSOFT_MONITOR);
  return extension?.isActive === true ? extension.exports?.getApi?.(version, context) : undefined;
}

/** What a model hands a tool: anything. Narrowed here before a flow sees it. */
import * as vscode from "vscode";
import { TransportError } from "../../core/index";
import { exists, readFirmware, type FirmwareFile } from "../platform/firmwareFiles";
import type { PortEntry } from "../ports/portEntry";
import type { Services } from "../services";

type Fields = Readonly<Record<string, unknown>>;

export class ToolArguments {
  private readonly fields: Fields;

  constructor(input: unknown) {
    this.fields = typeof input === "object" && input !== null ? (input as Fields) : {};
  }

  text(name: string): string | undefined {
    const value = this.fields[name];
    return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
  }

  number(name: string): number | undefined {
    const value = this.fields[name];
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  }
}

/** @throws TransportError `port-not-found` with the ports there are */
export async function portMeant({ ports }: Services, named: string | undefined): Promise<PortEntry> {
  const find = (): PortEntry | undefined => ports.ports.find(({ id, label }) => id === named || label === named);
  if (named !== undefined && find() === undefined) await ports.refresh();
  const port = named === undefined ? await ports.resolve() : find();
  if (port !== undefined) return port;
  const known = ports.ports.map(({ id }) => id).join(", ");
  throw new TransportError("port-not-found", "choose a port", { ...(named && { port: named }), detail: known });
}

/** @throws FileError, ImageError */
export async function fileMeant(named: string | undefined): Promise<FirmwareFile> {
  return await readFirmware(await uriOf(named ?? ""));
}

/** A path, absolute or below what is open, or a URI; what is in an archive stands behind a `#`. */
export async function uriOf(named: string): Promise<vscode.Uri> {
  if (/^[a-z][\w+.-]+:\//i.test(named)) return vscode.Uri.parse(named);
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const isAbsolute = /^(?:[\\/]|[a-z]:[\\/])/i.test(named);
  const at = (path: string): vscode.Uri =>
    isAbsolute || folder === undefined ? vscode.Uri.file(path) : vscode.Uri.joinPath(folder.uri, path);
  const whole = at(named);
  const inside = named.indexOf("#");
  if (inside < 0 || (await exists(whole))) return whole;
  return at(named.slice(0, inside)).with({ fragment: named.slice(inside + 1) });
}

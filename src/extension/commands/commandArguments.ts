/** Guards for what commands are called with: anything can call a command with anything. Pure. */
import type { Uri } from "vscode";
import type { PortArgument } from "../platform/contributions";

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;

/**
 * Whether a row of a view was meant that the editor cannot find any more: it passes what it found, so undefined. Called
 * without a row, by palette or key, a command has no arguments at all. (Seen in VS Code 1.100.)
 */
export function isLostRow(args: readonly unknown[]): boolean {
  return args.length > 0 && (args[0] === undefined || args[0] === null);
}

/** A tree item of a port, a fact or a job, or a link that names a port. */
export function portOf(value: unknown): PortArgument | undefined {
  if (!isFields(value)) return undefined;
  const { portId } = value;
  return typeof portId === "string" && portId !== "" ? { portId } : undefined;
}

/** A tree item, a notification or the dashboard that names an interrupted job. */
export function interruptedOf(value: unknown): string | undefined {
  const id = isFields(value) ? value["interruptedId"] : undefined;
  return typeof id === "string" && id !== "" ? id : undefined;
}

/** The page of a round, or the offer after a start of the editor. */
export function wantsToGoOn(value: unknown): boolean {
  return isFields(value) && value["goOn"] === true;
}

/** The value of a fact in the device tree. */
export function factOf(value: unknown): string | undefined {
  const fact = isFields(value) ? value["fact"] : undefined;
  const text = isFields(fact) ? fact["value"] : undefined;
  return typeof text === "string" ? text : undefined;
}

/** URIs are told by their shape: they may come from another copy of the class. */
export function isUri(value: unknown): value is Uri {
  return (
    isFields(value) &&
    typeof value["scheme"] === "string" &&
    typeof value["path"] === "string" &&
    typeof value["with"] === "function"
  );
}

/**
 * The files a command is about: the selection when the clicked file is part of it, else the clicked one; the recommended
 * file of a build, or the file of a tree item.
 */
export function filesOf(args: readonly unknown[]): readonly Uri[] {
  const [first, second] = args;
  const clicked = isUri(first) ? first : fileOfItem(first);
  const selected = Array.isArray(second)
    ? second.map((entry) => (isUri(entry) ? entry : fileOfItem(entry))).filter((uri) => uri !== undefined)
    : [];
  if (clicked === undefined) return selected;
  const isSelected = selected.some((uri) => uri.toString() === clicked.toString());
  return isSelected ? selected : [clicked];
}

function fileOfItem(value: unknown): Uri | undefined {
  if (!isFields(value)) return undefined;
  if (isUri(value["resourceUri"])) return value["resourceUri"];
  const build = value["build"];
  const recommended = isFields(build) ? build["recommended"] : undefined;
  const uri = isFields(recommended) ? recommended["uri"] : undefined;
  return isUri(uri) ? uri : undefined;
}

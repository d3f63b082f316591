/** What a button of a job hands the command behind it: the port, and the job's own file where the command is about a file. */
import * as vscode from "vscode";
import type { JobPort } from "../../shared/jobState";
import { COMMANDS, type CommandId, type PortArgument } from "../platform/contributions";
import type { JobSpec } from "./jobSpec";

export interface JobArgument extends PortArgument {
  /** By the name under which tree items name their file. */
  readonly resourceUri?: vscode.Uri;
}

/** @param spec undefined for a job that is forgotten: then the command asks for the file */
export function jobArgument(command: CommandId, { id }: Pick<JobPort, "id">, spec: JobSpec | undefined): JobArgument {
  const { source, request } = spec ?? {};
  // What is on the chip after a re-encryption is not what is in the file.
  const isOnChip = request?.kind !== "flash" || request.rekey !== true;
  const isAbout = command === COMMANDS.inspectImage || (command === COMMANDS.verifyFile && isOnChip);
  return source === undefined || !isAbout
    ? { portId: id }
    : { portId: id, resourceUri: vscode.Uri.parse(source, true) };
}

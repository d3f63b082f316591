/** The backup command: the dump, the manifest beside it, and what the dump is worth. */
import { dirname } from "node:path";
import {
  hex32,
  hexAddress,
  judgeDump,
  manifestName,
  type BaseBackup,
  type JobEvent,
  type JobHooks,
} from "../../core/index";
import { readBase, storeBackup } from "../../storage/backups";
import { nodeFiles } from "../../storage/nodeFileSystem";
import { PartialBackup, type FinishedBackup } from "../../storage/partialBackup";
import { makePrivate } from "../../storage/privateFiles";
import { openToOthers } from "../jobs/backupQuestion";
import { plainIdentity } from "../../shared/describe";
import type { Output } from "../terminal/output";
import { runCommandJob, type ConnectionOptions, type Outcome } from "../jobs/jobRunner";
import { judgementWords } from "../terminal/eventTexts";
import { formatBytes, formatTook } from "../../shared/figures";

export interface BackupCommandOptions extends ConnectionOptions {
  /** An earlier backup of the same device, its manifest beside it: only what changed since is transferred. */
  readonly since?: string;
}

/** @param toolVersion goes into the manifest */
export async function backup(
  path: string,
  toolVersion: string,
  options: BackupCommandOptions,
  output: Output,
): Promise<void> {
  const base = options.since === undefined ? undefined : await readBase(nodeFiles, options.since);
  await makePrivate(nodeFiles, dirname(path), "files", openToOthers(output));
  const partial = await PartialBackup.prepare(nodeFiles, path);
  if (!(partial instanceof PartialBackup)) return tellFinished(path, partial, output);
  const { result, elapsedMs, file } = await store(path, partial, base, toolVersion, options, output);
  const { chip, data, bytesTaken, bytesFromBase } = result;
  const judgement = judgeDump(data, chip.flash.size);
  output.result(
    [
      `Backed up ${formatBytes(data.length)} into ${file} in ${formatTook(elapsedMs)}, equal to the chip by its own CRC.`,
      ...(file === path ? [] : [`Another backup has taken the name ${path} meanwhile.`]),
      ...(bytesTaken === 0 ? [] : [`${formatBytes(bytesTaken)} of it an interrupted backup had read already.`]),
      ...(base === undefined ? [] : [`${formatBytes(bytesFromBase)} of it are as in ${base.name}.`]),
      `CRC-32 ${hex32(result.crc32)}${chip.calibration ? `, calibration at ${hexAddress(chip.calibration.address)}` : ""}. Its manifest is ${manifestName(file)}.`,
      ...judgementWords(judgement),
    ],
    {
      command: "backup",
      file,
      manifest: manifestName(file),
      length: data.length,
      crc32: hex32(result.crc32),
      verified: true,
      bytesResumed: bytesTaken,
      bytesFromBase,
      verdict: judgement.verdict,
      findings: judgement.findings,
      identity: plainIdentity(chip),
      elapsedMs,
    },
  );
}

/** The dump and its manifest, both complete. Where the run was stopped while it read, what it has read stays for the next. */
async function store(
  path: string,
  partial: PartialBackup,
  base: BaseBackup | undefined,
  toolVersion: string,
  options: ConnectionOptions,
  output: Output,
): Promise<Outcome<"backup"> & { readonly file: string }> {
  try {
    const hooks: JobHooks = {
      resumeBackup: (chip) => partial.resume(chip),
      ...(base && { baseBackup: () => Promise.resolve(base) }),
    };
    const store = (event: JobEvent): Promise<void> => partial.store(event);
    const outcome = await runCommandJob<"backup">({ kind: "backup" }, hooks, options, output, store);
    const { chip, data } = outcome.result;
    const file = await storeBackup(nodeFiles, path, chip, data, toolVersion);
    await partial.remove();
    return { ...outcome, file };
  } finally {
    await partial.close();
  }
}

function tellFinished(path: string, { data, manifest }: FinishedBackup, output: Output): void {
  const judgement = judgeDump(data, manifest.device.flashSize);
  output.result(
    [`The backup in ${path} was complete already; only its journal was left.`, ...judgementWords(judgement)],
    {
      command: "backup",
      file: path,
      manifest: manifestName(path),
      length: data.length,
      crc32: manifest.crc32,
      verified: true,
      bytesResumed: data.length,
      bytesFromBase: 0,
      verdict: judgement.verdict,
      findings: judgement.findings,
      identity: null,
      elapsedMs: 0,
    },
  );
}

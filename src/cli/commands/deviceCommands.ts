/** Commands that talk to a chip and write no file to it: info, read, verify, erase, reboot. */
import { basename } from "node:path";
import { figuresOf, fileAlone, hexAddress } from "../../core/index";
import { nodeFiles } from "../../storage/nodeFileSystem";
import { assertCanCreate, createFile } from "../../storage/wholeFiles";
import { canBeFlashed } from "../../archives/archive";
import { openFirmware } from "../jobs/firmwareFile";
import type { BackupOptions } from "../jobs/backupQuestion";
import { plainIdentity, plainPlan } from "../../shared/describe";
import type { Output } from "../terminal/output";
import { runCommandJob, type ConnectionOptions } from "../jobs/jobRunner";
import { NO_CALIBRATION, identityWords, startWords } from "../terminal/eventTexts";
import { formatBytes, formatTook } from "../../shared/figures";
import { runWriting } from "../jobs/writeJobs";

export async function info(options: ConnectionOptions, output: Output): Promise<void> {
  const { result, port, elapsedMs } = await runCommandJob({ kind: "info" }, {}, options, output);
  output.result([`${port}: ${result.chip.chip?.name ?? "unknown chip"}`, ...identityWords(result.chip)], {
    command: "info",
    port,
    baudRate: result.baudRate,
    identity: plainIdentity(result.chip),
    elapsedMs,
  });
}

export async function read(
  path: string,
  options: ConnectionOptions & { readonly start?: number; readonly length?: number },
  output: Output,
): Promise<void> {
  await assertCanCreate(nodeFiles, path);
  const start = options.start ?? 0;
  const { result, elapsedMs } = await runCommandJob(
    { kind: "read", start, length: options.length ?? "all" },
    {},
    options,
    output,
  );
  await createFile(nodeFiles, path, result.data);
  output.result(
    [`Read ${formatBytes(result.data.length)} from ${hexAddress(start)} into ${path} in ${formatTook(elapsedMs)}.`],
    {
      command: "read",
      file: path,
      start,
      length: result.data.length,
      elapsedMs,
    },
  );
}

export async function verify(
  path: string,
  options: ConnectionOptions & { readonly at?: number; readonly rekey?: boolean },
  output: Output,
): Promise<void> {
  const file = await openFirmware(path, canBeFlashed, output);
  const { result, elapsedMs } = await runCommandJob(
    {
      kind: "verify",
      file: fileAlone(file),
      rekey: options.rekey === true,
      ...(options.at !== undefined && { at: options.at }),
    },
    {},
    options,
    output,
  );
  const { start } = result.chip;
  output.result(
    [
      `The chip holds ${basename(file.identity)}: ${formatBytes(result.bytesRead)} compared in ${formatTook(elapsedMs)}.`,
      ...(start ? [`It ${startWords(start)}.`, ...(start.calibration ? [] : [NO_CALIBRATION])] : []),
    ],
    {
      command: "verify",
      file: file.identity,
      ...figuresOf(result),
      bytesChecked: result.bytesRead,
      compared: result.compared,
      start: start ?? null,
      identity: plainIdentity(result.chip),
      elapsedMs,
    },
  );
}

export async function erase(
  options: ConnectionOptions & BackupOptions & { readonly start: number; readonly length: number },
  output: Output,
): Promise<void> {
  const { start, length } = options;
  const range = `${hexAddress(start)}-${hexAddress(start + length)}`;
  const request = { kind: "erase", start, length, dryRun: options.dryRun === true } as const;
  const { result, elapsedMs } = await runWriting(request, {}, `erase ${range}`, options, output);
  output.result(
    [
      result.dryRun
        ? `Dry run: ${range} would be erased.`
        : `Erased ${range} in ${formatTook(elapsedMs)}, blank by the chip's own CRC.`,
      ...(result.dryRun || !result.plan.start || result.plan.start.starts === "yes"
        ? []
        : [`The device ${startWords(result.plan.start)}.`]),
    ],
    {
      command: "erase",
      start,
      length,
      ...figuresOf(result),
      plan: plainPlan(result.plan),
      elapsedMs,
    },
  );
}

export async function reboot(options: ConnectionOptions, output: Output): Promise<void> {
  const { result, elapsedMs } = await runCommandJob({ kind: "reboot" }, {}, options, output);
  const start = result.chip?.start;
  const told =
    !start || start.starts === "yes"
      ? ["The chip was told to reboot into its firmware."]
      : ["The chip was reset.", `It ${startWords(start)}.`];
  output.result(told, { command: "reboot", start: start ?? null, elapsedMs });
}

/** Commands that talk to a chip: info, read, flash, verify, erase, reboot. */
import { basename, dirname, join } from "node:path";
import { hexAddress, type ChipIdentity } from "../../core/index";
import { plainIdentity, plainPlan } from "../describe";
import { assertCanCreate, createFile, readFirmware } from "../files";
import type { Output } from "../output";
import { runCommandJob, type ConnectionOptions } from "../session";
import { formatBytes, formatDuration, identityWords } from "../words";

export async function info(options: ConnectionOptions, output: Output): Promise<void> {
  const { result, port, elapsedMs } = await runCommandJob({ kind: "info" }, options, output);
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
  await assertCanCreate(path);
  const start = options.start ?? 0;
  const { result, elapsedMs } = await runCommandJob({ kind: "read", start, length: options.length ?? "all" }, options, output);
  await createFile(path, result.data);
  output.result([`Read ${formatBytes(result.data.length)} from ${hexAddress(start)} into ${path} in ${formatDuration(elapsedMs)}.`], {
    command: "read",
    file: path,
    start,
    length: result.data.length,
    elapsedMs,
  });
}

export interface FlashOptions extends ConnectionOptions {
  readonly at?: number;
  readonly dryRun?: boolean;
  readonly verify: boolean;
  readonly reboot: boolean;
  readonly allowBootloader?: boolean;
  readonly full?: boolean;
  readonly rekey?: boolean;
}

export async function flash(path: string, options: FlashOptions, output: Output): Promise<void> {
  const file = await readFirmware(path);
  const { result, elapsedMs } = await runCommandJob(
    {
      kind: "flash",
      file,
      verify: options.verify,
      reboot: options.reboot,
      dryRun: options.dryRun === true,
      full: options.full === true,
      rekey: options.rekey === true,
      ...(options.at !== undefined && { at: options.at }),
      ...(options.allowBootloader === true && { saveBootloader: bootloaderCopyBeside(path, output) }),
    },
    options,
    output,
  );
  const figures = {
    command: "flash",
    file: path,
    bytesWritten: result.bytesWritten,
    bytesErased: result.bytesErased,
    bytesSkipped: result.bytesSkipped,
    verified: result.verified,
    dryRun: result.dryRun,
    rebooted: result.rebooted,
    repairedSectors: result.repairedSectors,
    written: result.image.label,
    yaml: result.yaml,
    plan: plainPlan(result.plan),
    identity: plainIdentity(result.chip),
    elapsedMs,
  };
  if (result.dryRun) {
    output.result(["Dry run: this is what would happen; the flash was not touched."], figures);
    return;
  }
  const proof = result.verified ? "verified on the chip" : "not verified, as asked";
  output.result(
    [
      `Flashed ${basename(path)} in ${formatDuration(elapsedMs)}: ${formatBytes(result.bytesWritten)} written, ${formatBytes(result.bytesErased)} erased, ${formatBytes(result.bytesSkipped)} right already, ${proof}.`,
      result.rebooted ? "The chip was told to start it." : "The chip still waits in its loader.",
      ...yamlWords(result.yaml),
    ],
    figures,
  );
}

function yamlWords(yaml: readonly string[]): string[] {
  return yaml.length === 0 ? [] : ["For a build that fits this chip by itself, put this into the ESPHome configuration:", ...yaml.map((line) => `  ${line}`)];
}

/** The copy of the boot code that the token for writing it needs, stored before anything is erased. */
function bootloaderCopyBeside(path: string, output: Output): (bytes: Uint8Array, chip: ChipIdentity) => Promise<void> {
  return async (bytes, chip) => {
    const stamp = new Date().toISOString().replace(/[:.]/g, "-");
    const name = join(dirname(path), `bootloader-${chip.chip?.id ?? "unknown"}-${stamp}.bin`);
    await createFile(name, bytes);
    output.facts([`The boot code as it was is in ${name}.`], { type: "bootloader-saved", file: name });
  };
}

export async function verify(
  path: string,
  options: ConnectionOptions & { readonly at?: number; readonly rekey?: boolean },
  output: Output,
): Promise<void> {
  const file = await readFirmware(path);
  const { result, elapsedMs } = await runCommandJob(
    { kind: "verify", file, rekey: options.rekey === true, ...(options.at !== undefined && { at: options.at }) },
    options,
    output,
  );
  output.result([`The chip holds ${basename(path)}: ${formatBytes(result.bytesChecked)} compared in ${formatDuration(elapsedMs)}.`], {
    command: "verify",
    file: path,
    verified: true,
    bytesChecked: result.bytesChecked,
    elapsedMs,
  });
}

export async function erase(
  options: ConnectionOptions & { readonly start: number; readonly length: number; readonly dryRun?: boolean },
  output: Output,
): Promise<void> {
  const { start, length } = options;
  const { result, elapsedMs } = await runCommandJob({ kind: "erase", start, length, dryRun: options.dryRun === true }, options, output);
  const range = `${hexAddress(start)}-${hexAddress(start + length)}`;
  output.result(
    [result.dryRun ? `Dry run: ${range} would be erased.` : `Erased ${range} in ${formatDuration(elapsedMs)}, blank by the chip's own CRC.`],
    { command: "erase", start, length, bytesErased: result.bytesErased, dryRun: result.dryRun, plan: plainPlan(result.plan), elapsedMs },
  );
}

export async function reboot(options: ConnectionOptions, output: Output): Promise<void> {
  const { elapsedMs } = await runCommandJob({ kind: "reboot" }, options, output);
  output.result(["The chip was told to reboot into its firmware."], { command: "reboot", elapsedMs });
}

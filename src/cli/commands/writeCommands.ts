/** Commands that write a file to a chip: flash, restore. */
import { basename, dirname, join } from "node:path";
import {
  english,
  manifestName,
  type AskDoubt,
  type AskRekey,
  type BootloaderConsent,
  type JobRequest,
  type RestorePlan,
} from "../../core/index";
import { readManifest } from "../../storage/backups";
import { createFile, exists, readFirmware } from "../../storage/wholeFiles";
import { askLine, askYesNo } from "../terminal/ask";
import type { BackupOptions } from "../jobs/backupQuestion";
import { plainIdentity, plainPlan, plainRestore } from "../terminal/describe";
import type { Output } from "../terminal/output";
import type { ConnectionOptions, Outcome } from "../jobs/jobRunner";
import { formatBytes, formatDuration } from "../terminal/eventTexts";
import { runWriting } from "../jobs/writeJobs";

interface WriteOptions extends ConnectionOptions, BackupOptions {
  readonly verify: boolean;
  readonly reboot: boolean;
  /** The chip's name, or true to be asked for it. */
  readonly allowBootloader?: string | true;
  readonly evenIfChipUnknown?: boolean;
}

export interface FlashOptions extends WriteOptions {
  readonly at?: number;
  readonly full?: boolean;
  readonly rekey?: boolean;
}

export interface RestoreOptions extends WriteOptions {
  readonly replaceCalibration?: boolean;
  readonly evenIfDamaged?: boolean;
}

export async function flash(path: string, options: FlashOptions, output: Output): Promise<void> {
  const file = await readFirmware(path);
  const { result, elapsedMs } = await runWriting(
    {
      kind: "flash",
      file,
      ...common(path, options, output),
      full: options.full === true,
      rekey: options.rekey === true || (output.isInteractive && offerRekey(output)),
      ...(options.at !== undefined && { at: options.at }),
    },
    file.name,
    options,
    output,
  );
  const figures = {
    command: "flash",
    file: path,
    ...figuresOf(result),
    written: result.image.label,
    yaml: result.yaml,
    elapsedMs,
  };
  if (result.dryRun) return output.result([DRY_RUN], figures);
  const { yaml } = result;
  const forTheNextBuild = [
    "For a build that fits this chip by itself, put this into the ESPHome configuration:",
    ...yaml.map((line) => `  ${line}`),
  ];
  output.result(
    [...doneWords(`Flashed ${basename(path)}`, result, elapsedMs), ...(yaml.length === 0 ? [] : forTheNextBuild)],
    figures,
  );
}

export async function restore(path: string, options: RestoreOptions, output: Output): Promise<void> {
  const file = await readFirmware(path);
  // Without a manifest the backup is judged by what it holds.
  const manifest = (await exists(manifestName(path))) ? await readManifest(path) : undefined;
  let planned: RestorePlan | undefined;
  // All that speaks against it is on the screen by then. A program has said what it wants by its arguments.
  const approve = async (): Promise<boolean> =>
    !isDoubtful(planned) || (await askYesNo("Restore it to this device all the same?"));
  const { result, elapsedMs } = await runWriting<"restore">(
    {
      kind: "restore",
      file,
      ...common(path, options, output),
      ...(manifest && { manifest }),
      ...(options.replaceCalibration === true && { keepCalibration: false }),
      ...(output.isInteractive && { approve }),
    },
    file.name,
    options,
    output,
    (event) => {
      if (event.type === "restore-planned") planned = event.restore;
    },
  );
  const figures = {
    command: "restore",
    file: path,
    ...figuresOf(result),
    restore: plainRestore(result.restore),
    elapsedMs,
  };
  if (result.dryRun) return output.result([DRY_RUN], figures);
  output.result(doneWords(`Restored ${basename(path)}`, result, elapsedMs), figures);
}

/** A backup of something else than this device, or one that lacks what a whole flash has. */
function isDoubtful(restore: RestorePlan | undefined): boolean {
  return restore === undefined || restore.device !== "same" || restore.judgement.verdict !== "good";
}

const DRY_RUN = "Dry run: this is what would happen; the flash was not touched.";

function common(
  path: string,
  { verify, reboot, dryRun, allowBootloader, evenIfChipUnknown, evenIfDamaged }: WriteOptions & RestoreOptions,
  output: Output,
): Pick<Extract<JobRequest, { kind: "restore" }>, "verify" | "reboot" | "dryRun" | "bootloader" | "doubts"> {
  const ask = output.isInteractive && askDoubt(path, output);
  const doubts = { evenIfChipUnknown: evenIfChipUnknown === true || ask, evenIfDamaged: evenIfDamaged === true || ask };
  const bootloader = allowBootloader !== undefined && { bootloader: bootloaderConsent(path, allowBootloader, output) };
  return { verify, reboot, dryRun: dryRun === true, doubts, ...bootloader };
}

type Written = Pick<
  Outcome<"flash" | "restore">["result"],
  | "chip"
  | "plan"
  | "bytesWritten"
  | "bytesErased"
  | "bytesSkipped"
  | "verified"
  | "dryRun"
  | "rebooted"
  | "repairedSectors"
>;

function figuresOf({
  chip,
  plan,
  bytesWritten,
  bytesErased,
  bytesSkipped,
  verified,
  dryRun,
  rebooted,
  repairedSectors,
}: Written): Readonly<Record<string, unknown>> {
  return {
    bytesWritten,
    bytesErased,
    bytesSkipped,
    verified,
    dryRun,
    rebooted,
    repairedSectors,
    plan: plainPlan(plan),
    identity: plainIdentity(chip),
  };
}

function doneWords(
  what: string,
  { bytesWritten, bytesErased, bytesSkipped, verified, rebooted }: Written,
  elapsedMs: number,
): string[] {
  const proof = verified ? "verified on the chip" : "not verified, as asked";
  return [
    `${what} in ${formatDuration(elapsedMs)}: ${formatBytes(bytesWritten)} written, ${formatBytes(bytesErased)} erased, ${formatBytes(bytesSkipped)} right already, ${proof}.`,
    rebooted ? "The chip was told to start it." : "The chip still waits in its loader.",
  ];
}

/** At a terminal; elsewhere the refusal names the option. */
function askDoubt(path: string, output: Output): AskDoubt {
  return async ({ code, detail }) => {
    const what = code === "backup-unsound" ? "Code in it is damaged" : "Which chip it is for is not told";
    output.facts([`${basename(path)}: ${what}: ${english(detail)}`], { type: "doubt-question", code, detail });
    return await askYesNo("Write it all the same?");
  };
}

/** At a terminal; elsewhere the refusal names the option. */
function offerRekey(output: Output): AskRekey {
  return async (image, { key }) => {
    const words = [
      `${image.fileName} is encrypted for the ${image.key?.kind} key; this chip has the ${key.kind} key, as its ${key.from} shows. As it is, it would not start.`,
      "The application can be re-encrypted for this chip, in memory. That changes every byte of it on the flash, with its CRC-16s and the checksums of its header; its place, its length and what it does stay, and the file itself stays as it is.",
    ];
    output.facts(words, { type: "rekey-question", file: image.fileName });
    return await askYesNo("Re-encrypt it and go on?");
  };
}

/** The name that came with the command, or is asked for at a terminal; the copy goes beside the file. */
function bootloaderConsent(path: string, given: string | true, output: Output): BootloaderConsent {
  return {
    async confirm({ name, chip }) {
      if (given !== true) return given;
      // Nobody to ask is no yes: an empty answer is refused with the name that was missing.
      if (!output.isInteractive) return "";
      const words = [
        `This replaces the boot code of the ${chip.chip?.name ?? "chip"}, 0x000000-0x011000. A copy of what is there goes beside the file first.`,
        "Without working boot code the device does not start. The chip's ROM still answers, so that it can be flashed again.",
      ];
      output.facts(words, { type: "bootloader-question", name });
      return (await askLine(`Type ${name} to go on: `)) ?? "";
    },
    async save(bytes, chip) {
      const stamp = new Date().toISOString().replace(/[:.]/g, "-");
      const name = join(dirname(path), `bootloader-${chip.chip?.id ?? "unknown"}-${stamp}.bin`);
      await createFile(name, bytes);
      output.facts([`The boot code as it was is in ${name}.`], { type: "bootloader-saved", file: name });
      return (await readFirmware(name)).bytes;
    },
  };
}

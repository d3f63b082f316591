/** Commands that write a file to a chip: flash, restore. */
import { basename, dirname, join } from "node:path";
import {
  english,
  fileAlone,
  figuresOf,
  isAboutBootCode,
  manifestName,
  parseManifest,
  type Approve,
  type AskDoubt,
  type AskRekey,
  type AskStart,
  type BackupManifest,
  type BuildAdvice,
  type BootloaderConsent,
  type JobHooks,
  type RestorePlan,
  type RestoreRequest,
  type StartCheck,
  type StartVerdict,
} from "../../core/index";
import { canBeFlashed, hasBootCode, isWholeFlash } from "../../archives/archive";
import { readManifest } from "../../storage/backups";
import { nodeFiles } from "../../storage/nodeFileSystem";
import { createFile, exists, readFirmware } from "../../storage/wholeFiles";
import { askLine, askYesNo } from "../terminal/ask";
import type { BackupOptions } from "../jobs/backupQuestion";
import { plainIdentity, plainPlan, plainRestore } from "../../shared/describe";
import type { Output } from "../terminal/output";
import type { ConnectionOptions, Outcome } from "../jobs/jobRunner";
import { openFirmware, type FirmwareFile } from "../jobs/firmwareFile";
import { NO_CALIBRATION, startWords } from "../terminal/eventTexts";
import { formatBytes, formatTook } from "../../shared/figures";
import { runWriting } from "../jobs/writeJobs";
import { UPDATES_WORK } from "./yamlCommands";

interface WriteOptions extends ConnectionOptions, BackupOptions {
  readonly verify: boolean;
  readonly reboot: boolean;
  /** The chip's name, or true to be asked for it. */
  readonly allowBootloader?: string | true;
  readonly evenIfItCannotStart?: boolean;
  readonly evenIfChipUnknown?: boolean;
  /** Asked with the plan before anything is written, where it was no person who gave the command. */
  readonly approve?: Approve;
}

export interface FlashOptions extends WriteOptions {
  readonly at?: number;
  readonly full?: boolean;
  readonly rekey?: boolean;
  /** False with `--no-check`. */
  readonly check: boolean;
}

export interface RestoreOptions extends WriteOptions {
  readonly replaceCalibration?: boolean;
  /** As `allowBootloader`, and nothing but the boot code. */
  readonly onlyBootloader?: string | true;
  readonly evenIfDamaged?: boolean;
}

export async function flash(path: string, options: FlashOptions, output: Output): Promise<void> {
  const file = await openFirmware(path, canBeFlashed, output);
  const { result, elapsedMs } = await runWriting(
    {
      kind: "flash",
      file: fileAlone(file),
      ...common(options),
      checkStart: options.check,
      full: options.full === true,
      rekey: options.rekey === true,
      ...(options.at !== undefined && { at: options.at }),
    },
    {
      ...consent(file.path, options, output),
      ...(options.approve && { approve: options.approve }),
      ...(output.isInteractive && { askRekey: offerRekey(output) }),
    },
    file.name,
    options,
    output,
  );
  const figures = {
    command: "flash",
    file: file.identity,
    ...plainResult(result),
    started: result.started === undefined ? null : plainStart(result.started),
    written: result.image.label,
    yaml: result.advice.yaml,
    updates: result.advice.updates ?? null,
    elapsedMs,
  };
  const done = result.dryRun
    ? [DRY_RUN]
    : doneWords(`Flashed ${basename(file.identity)}`, result, elapsedMs, result.started);
  output.result([...done, ...adviceLines(result.advice)], figures);
}

/** What the project of the build should know of the chip. */
function adviceLines({ yaml, updates }: BuildAdvice): readonly string[] {
  const forTheNextBuild = [
    "For a build that fits this chip by itself, put this into the ESPHome configuration:",
    ...yaml.map((line) => `  ${line}`),
  ];
  return [
    ...(updates ? [`Updates over the air: ${UPDATES_WORK[updates.works]}, ${english(updates.words)}.`] : []),
    ...(yaml.length === 0 ? [] : forTheNextBuild),
  ];
}

export async function restore(path: string, options: RestoreOptions, output: Output): Promise<void> {
  const { onlyBootloader } = options;
  if (onlyBootloader !== undefined)
    return await restoreBootCode(path, { ...options, allowBootloader: onlyBootloader }, output);
  const file = await openFirmware(path, isWholeFlash, output);
  // Without a manifest the backup is judged by what it holds.
  const manifest = await manifestOf(file);
  let planned: RestorePlan | undefined;
  // All that speaks against it is on the screen by then, also when damage is asked about. A program has said what it wants by
  // its arguments.
  const asked = onceForDamage(consent(file.path, options, output));
  const approve = async (): Promise<boolean> =>
    !isDoubtful(planned) || asked.hasAgreed() || (await askYesNo("Restore it to this device all the same?"));
  const { result, elapsedMs } = await runWriting<"restore">(
    {
      kind: "restore",
      file: fileAlone(file),
      ...common(options),
      ...(manifest && { manifest }),
      ...(options.replaceCalibration === true && { keepCalibration: false }),
    },
    { ...asked.hooks, ...(options.approve ? { approve: options.approve } : output.isInteractive && { approve }) },
    file.name,
    options,
    output,
    (event) => {
      if (event.type === "restore-planned") planned = event.restore;
    },
  );
  const figures = {
    command: "restore",
    file: file.identity,
    ...plainResult(result),
    restore: plainRestore(result.restore),
    elapsedMs,
  };
  if (result.dryRun) return output.result([DRY_RUN], figures);
  output.result(doneWords(`Restored ${basename(file.identity)}`, result, elapsedMs), figures);
}

async function manifestOf({ path, identity, sibling }: FirmwareFile): Promise<BackupManifest | undefined> {
  if (identity === path)
    return (await exists(nodeFiles, manifestName(path))) ? await readManifest(nodeFiles, path) : undefined;
  const name = manifestName(identity.slice(path.length + 1));
  const bytes = sibling(name);
  return bytes && parseManifest(new TextDecoder().decode(bytes), basename(name));
}

/** Boot code alone, out of whatever has some. */
async function restoreBootCode(path: string, options: RestoreOptions, output: Output): Promise<void> {
  const file = await openFirmware(path, hasBootCode, output);
  const { result, elapsedMs } = await runWriting(
    { kind: "flash", only: "boot-code", file: fileAlone(file), ...common(options) },
    consent(file.path, options, output),
    file.name,
    options,
    output,
  );
  const figures = { command: "restore", only: "boot-code", file: file.identity, ...plainResult(result), elapsedMs };
  if (result.dryRun) return output.result([DRY_RUN], figures);
  output.result(doneWords(`Brought back the boot code of ${basename(file.identity)}`, result, elapsedMs), figures);
}

/** A backup of something else than this device, or one that lacks what a whole flash has. */
function isDoubtful(restore: RestorePlan | undefined): boolean {
  return restore === undefined || restore.device !== "same" || restore.judgement.verdict !== "good";
}

const DRY_RUN = "Dry run: this is what would happen; the flash was not touched.";

/** What the arguments say of a write. */
function common({
  verify,
  reboot,
  dryRun,
  allowBootloader,
  evenIfItCannotStart,
  evenIfChipUnknown,
  evenIfDamaged,
}: WriteOptions & RestoreOptions): Omit<RestoreRequest, "kind" | "file" | "manifest" | "keepCalibration"> {
  return {
    verify,
    reboot,
    dryRun: dryRun === true,
    evenIfItCannotStart: evenIfItCannotStart === true,
    evenIfChipUnknown: evenIfChipUnknown === true,
    evenIfDamaged: evenIfDamaged === true,
    ...(allowBootloader !== undefined && { bootloader: "wanted" }),
  };
}

/** What is asked of the person at the terminal; elsewhere the refusal names the option. @param path of the file that is written */
function consent(path: string, { allowBootloader }: WriteOptions, output: Output): JobHooks {
  return {
    ...(allowBootloader !== undefined && { bootloader: bootloaderConsent(path, allowBootloader, output) }),
    // The plan is on the screen by then, and what speaks against it; a no ends with what would help.
    ...(output.isInteractive && {
      askStart: () => askYesNo("Write it all the same?"),
      askDoubt: askDoubt(path, output),
    }),
  };
}

/** Who goes on with a damaged backup has seen what else speaks against it, and is not asked again. */
function onceForDamage({ askDoubt: ask, askStart, ...hooks }: JobHooks): {
  readonly hooks: JobHooks;
  readonly hasAgreed: () => boolean;
} {
  let agreed = false;
  const once = {
    ...(ask && {
      askDoubt: async (...[doubt, chip]: Parameters<AskDoubt>) => {
        const yes = await ask(doubt, chip);
        agreed ||= yes && doubt.code === "backup-unsound";
        return yes;
      },
    }),
    ...(askStart && { askStart: async (...plan: Parameters<AskStart>) => agreed || (await askStart(...plan)) }),
  };
  return { hooks: { ...hooks, ...once }, hasAgreed: () => agreed };
}

type Written = Outcome<"flash" | "restore">["result"];

function plainResult(result: Written): Readonly<Record<string, unknown>> {
  return { ...figuresOf(result), plan: plainPlan(result.plan), identity: plainIdentity(result.chip) };
}

function doneWords(
  what: string,
  { plan: { start }, bytesWritten, bytesErased, bytesSkipped, verified, rebooted }: Written,
  elapsedMs: number,
  started?: StartCheck,
): string[] {
  const proof = verified ? "verified on the chip" : "not verified, as asked";
  const runs = started?.kind === "running" ? ", and running" : "";
  return [
    `${what} in ${formatTook(elapsedMs)}: ${formatBytes(bytesWritten)} written, ${formatBytes(bytesErased)} erased, ${formatBytes(bytesSkipped)} right already, ${proof}${runs}.`,
    ...(started === undefined ? [] : startedWords(started)),
    ...(runs === "" ? endWords(rebooted, start) : []),
  ];
}

/** What was seen of the application, and what it cost to look. */
function startedWords({ kind, summary, next, tookMs, ranMs }: StartCheck): string[] {
  if (kind === "running")
    return [
      `The application restarted when it was asked to, ${formatTook(ranMs ?? 0)} after its start, and not before; looking took ${formatTook(tookMs)}.`,
    ];
  return [english(summary), ...next.map((step) => `  ${english(step)}`)];
}

function plainStart({ kind, summary, next, tookMs, ranMs }: StartCheck): Readonly<Record<string, unknown>> {
  return {
    kind,
    summary: english(summary),
    next: next.map(english),
    tookMs: Math.round(tookMs),
    ranMs: ranMs === undefined ? null : Math.round(ranMs),
  };
}

/** Whether it starts is said as far as it is known, and no further. */
function endWords(rebooted: boolean, start: StartVerdict | undefined): string[] {
  const calibration = start?.calibration === false ? [NO_CALIBRATION] : [];
  if (!start || start.starts === "yes")
    return [rebooted ? "The chip was told to start it." : "The chip still waits in its loader.", ...calibration];
  return [
    rebooted ? "The chip was reset." : "The chip still waits in its loader.",
    `It ${startWords(start)}.`,
    ...(start.reasons.some(({ code, weight }) => isAboutBootCode(code) && weight !== "open") ? [BOOT_CODE_CURE] : []),
    ...calibration,
  ];
}

const BOOT_CODE_CURE =
  "restore FILE --only-bootloader brings boot code back: from a backup of this device, or a QIO image for this chip.";

function askDoubt(path: string, output: Output): AskDoubt {
  return async ({ code, detail }) => {
    const what = code === "backup-unsound" ? "Code in it is damaged" : "Which chip it is for is not told";
    output.facts([`${basename(path)}: ${what}: ${english(detail)}`], { type: "doubt-question", code, detail });
    return await askYesNo("Write it all the same?");
  };
}

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
      // Without a terminal there is no yes: an empty answer is refused with the name that was missing.
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
      await createFile(nodeFiles, name, bytes);
      output.facts([`The boot code as it was is in ${name}.`], { type: "bootloader-saved", file: name });
      return (await readFirmware(nodeFiles, name)).bytes;
    },
  };
}

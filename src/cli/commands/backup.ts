/** The backup command: the dump, the manifest beside it, and what the dump is worth. */
import { mkdir, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  buildManifest,
  checkManifest,
  compareDevices,
  deviceMark,
  formatManifest,
  hex32,
  hexAddress,
  judgeDump,
  manifestName,
  parseManifest,
  type ChipIdentity,
  type DumpJudgement,
  type JobRequest,
} from "../../core/index";
import { plainIdentity } from "../describe";
import { createFile, exists } from "../files";
import type { Output } from "../output";
import { PartialBackup, type FinishedBackup } from "../partialBackup";
import { runCommandJob, type ConnectionOptions, type Outcome, type RunJob, type StoreEvent } from "../session";
import { formatBytes, formatDuration } from "../words";

/** @param toolVersion goes into the manifest */
export async function backup(
  path: string,
  toolVersion: string,
  options: ConnectionOptions,
  output: Output,
): Promise<void> {
  const manifestPath = manifestName(path);
  const partial = await PartialBackup.prepare(path);
  if (!(partial instanceof PartialBackup)) return tellFinished(path, partial, output);
  const { result, elapsedMs } = await store(path, partial, toolVersion, (request, keep) =>
    runCommandJob(request, options, output, keep),
  );
  const { chip, data, bytesTaken } = result;
  const judgement = judgeDump(data, chip.flash.size);
  output.result(
    [
      `Backed up ${formatBytes(data.length)} into ${path} in ${formatDuration(elapsedMs)}, equal to the chip by its own CRC.`,
      ...(bytesTaken === 0 ? [] : [`${formatBytes(bytesTaken)} of it an interrupted backup had read already.`]),
      `CRC-32 ${hex32(result.crc32)}${chip.calibration ? `, calibration at ${hexAddress(chip.calibration.address)}` : ""}. Its manifest is ${manifestPath}.`,
      ...judgementWords(judgement),
    ],
    {
      command: "backup",
      file: path,
      manifest: manifestPath,
      length: data.length,
      crc32: hex32(result.crc32),
      verified: true,
      bytesResumed: bytesTaken,
      verdict: judgement.verdict,
      findings: judgement.findings,
      identity: plainIdentity(chip),
      elapsedMs,
    },
  );
}

type BackUp = (request: Extract<JobRequest, { kind: "backup" }>, keep: StoreEvent) => Promise<Outcome<"backup">>;

/** The dump and its manifest, both complete. Where the run was stopped while it read, what it has read stays for the next. */
async function store(
  path: string,
  partial: PartialBackup,
  toolVersion: string,
  backUp: BackUp,
): Promise<Outcome<"backup">> {
  try {
    const outcome = await backUp({ kind: "backup", resume: (chip) => partial.resume(chip) }, (event) =>
      partial.store(event),
    );
    const { chip, data } = outcome.result;
    const manifest = buildManifest(chip, data, toolVersion, new Date());
    await createFile(manifestName(path), new TextEncoder().encode(formatManifest(manifest)));
    await createFile(path, data);
    await partial.remove();
    return outcome;
  } finally {
    await partial.close();
  }
}

/**
 * Makes the backup that a first write should have before it, unless `folder` has one of this very device that still is what
 * was read.
 */
export async function backUpFirst(
  folder: string,
  chip: ChipIdentity,
  toolVersion: string,
  run: RunJob,
  output: Output,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const there = await verifiedBackup(folder, chip);
  if (there !== undefined)
    return output.facts([`${there} is a verified backup of this device.`], { type: "backup-found", file: there });
  const path = join(folder, await freeName(folder, chip));
  const partial = await PartialBackup.prepare(path);
  if (partial instanceof PartialBackup)
    await store(path, partial, toolVersion, (request, keep) => run(request, output, keep));
  output.facts([`The device as it was is in ${path}.`], { type: "backup-saved", file: path });
}

async function verifiedBackup(folder: string, chip: ChipIdentity): Promise<string | undefined> {
  for (const name of (await readdir(folder)).filter((each) => each.endsWith(".json"))) {
    const dump = join(folder, name.slice(0, -".json".length));
    try {
      const manifest = parseManifest(await readFile(join(folder, name), "utf8"), name);
      if (compareDevices(manifest.device, deviceMark(chip)) !== "same") continue;
      if (checkManifest(manifest, new Uint8Array(await readFile(dump))).verdict === "equal") return dump;
    } catch {
      // Not a backup that could be relied on, whatever it is.
    }
  }
  return undefined;
}

/** The same name every time as long as it is free, so that an interrupted backup is found again. */
async function freeName(folder: string, chip: ChipIdentity): Promise<string> {
  const name = [chip.chip?.id ?? "unknown", chip.mac?.replaceAll(":", "")]
    .filter((part) => part !== undefined)
    .join("-");
  const taken = await exists(join(folder, `${name}.bin`));
  return taken ? `${name}-${new Date().toISOString().replace(/[:.]/g, "-")}.bin` : `${name}.bin`;
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
      verdict: judgement.verdict,
      findings: judgement.findings,
      identity: null,
      elapsedMs: 0,
    },
  );
}

/** The copy is exact either way; what it is a copy of may not be worth keeping. */
function judgementWords({ verdict, findings }: DumpJudgement): string[] {
  if (verdict === "good") return ["It holds boot code, an application and calibration: a good backup."];
  const title = verdict === "worthless" ? "This backup is worthless:" : "This backup is suspicious:";
  return [title, ...findings.map(({ words }) => `  ${words}`)];
}

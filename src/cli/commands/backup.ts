/** The backup command: the dump, the manifest beside it, and what the dump is worth. */
import {
  buildManifest,
  formatManifest,
  hex32,
  hexAddress,
  judgeDump,
  manifestName,
  type DumpJudgement,
} from "../../core/index";
import { plainIdentity } from "../describe";
import { assertCanCreate, createFile } from "../files";
import type { Output } from "../output";
import { runCommandJob, type ConnectionOptions } from "../session";
import { formatBytes, formatDuration } from "../words";

/** @param toolVersion goes into the manifest */
export async function backup(
  path: string,
  toolVersion: string,
  options: ConnectionOptions,
  output: Output,
): Promise<void> {
  const manifestPath = manifestName(path);
  await assertCanCreate(path);
  await assertCanCreate(manifestPath);
  const { result, elapsedMs } = await runCommandJob({ kind: "backup" }, options, output);
  const { chip, data } = result;
  const manifest = buildManifest(chip, data, toolVersion, new Date());
  await createFile(path, data);
  await createFile(manifestPath, new TextEncoder().encode(formatManifest(manifest)));
  const judgement = judgeDump(data, chip.flash.size);
  output.result(
    [
      `Backed up ${formatBytes(data.length)} into ${path} in ${formatDuration(elapsedMs)}, equal to the chip by its own CRC.`,
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
      verdict: judgement.verdict,
      findings: judgement.findings,
      identity: plainIdentity(chip),
      elapsedMs,
    },
  );
}

/** The copy is exact either way; what it is a copy of may not be worth keeping. */
function judgementWords({ verdict, findings }: DumpJudgement): string[] {
  if (verdict === "good") return ["It holds boot code, an application and calibration: a good backup."];
  const title = verdict === "worthless" ? "This backup is worthless:" : "This backup is suspicious:";
  return [title, ...findings.map(({ words }) => `  ${words}`)];
}

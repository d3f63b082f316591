/** Whether updates over the air of a build will be unpacked on a device: by the chip that is selected, else by a backup. */
import type * as vscode from "vscode";
import { canBeFlashed } from "../../archives/archive";
import {
  buildFacts,
  optionLines,
  updateAdvice,
  updateDevice,
  type UpdateAdvice,
  type UpdateDevice,
} from "../../core/index";
import { fill } from "../../shared/figures";
import { readFirmware } from "../platform/firmwareFiles";
import { copyLines } from "../platform/copyLines";
import { inform, warn } from "../platform/shownMessages";
import { localised, say, t } from "../text/l10n";
import { showError } from "../platform/showError";
import { passportIn } from "./configurations";
import { openArchived } from "./openArchived";
import { pickFirmware } from "./pickFile";
import type { Services } from "../services";

export async function checkUpdates(services: Services, uris: readonly vscode.Uri[]): Promise<UpdateAdvice | undefined> {
  const title = t("Check Updates Over the Air");
  const uri = uris[0] ?? (await pickFirmware(services, title, undefined));
  if (uri === undefined) return undefined;
  const device = await deviceMeant(services);
  if (device === undefined) return undefined;
  try {
    const file = await openArchived(await readFirmware(uri), canBeFlashed, title);
    if (file === undefined) return undefined;
    const advice = updateAdvice(device, buildFacts(file.bytes, file.name));
    await tell(advice);
    return advice;
  } catch (error) {
    await showError(error);
    return undefined;
  }
}

async function deviceMeant(services: Services): Promise<UpdateDevice | undefined> {
  const { selected } = services.ports;
  const chip = selected && services.jobs.chipOn(selected.id);
  return chip ? updateDevice(chip) : await passportIn(services, [], t("Which device? A backup of it tells"));
}

async function tell({ works, words, patch }: UpdateAdvice): Promise<void> {
  const verdict = fill(localised().advice.updates[works], say(words));
  const lines = optionLines(patch);
  const copy = t("Copy Lines");
  const said =
    lines.length === 0 ? verdict : t("{0} Its ESPHome configuration lacks {1} options.", verdict, patch.length);
  const answer = await (works === "yes" && lines.length === 0
    ? inform(said)
    : warn(said, ...(lines.length > 0 ? [copy] : [])));
  if (answer === copy) await copyLines(lines);
}

/** What a person does with a stretch of a dump that the image viewer shows: saves it, holds the chip against it, writes it. */
import * as vscode from "vscode";
import { FileError, FlasherError, asFlasherError, extract, partOfDump, type NamedFile, type Range } from "../../core/index";
import { canBeFlashed } from "../../archives/archive";
import { hexAddress, hexRange } from "../../shared/figures";
import type { PartAction } from "../../shared/messages";
import { assertCanCreate, createFile, folderOf, nameOf, readFirmware, reveal } from "../platform/firmwareFiles";
import { placeOf } from "../platform/places";
import { ask, inform } from "../platform/shownMessages";
import { t } from "../text/l10n";
import { showError } from "./chipJobs";
import { portFor, run } from "./choosePort";
import { doubtConsent } from "./doubtConsent";
import { openArchived } from "./openArchived";
import type { Services } from "../services";

/** As the image viewer names it. */
interface Part extends Range {
  readonly file: NamedFile;
  readonly uri: vscode.Uri;
  readonly isFlash: boolean;
  readonly isPrivate: boolean;
}

export async function onPart(services: Services, action: PartAction, part: Part): Promise<void> {
  try {
    switch (action) {
      case "save":
        return await savePart(part, part.file.bytes.length === part.end - part.start ? "" : hexRange(part.start, part.end), false);
      case "decrypt":
        return await savePart(part, hexRange(part.start, part.end), true);
      case "verify":
        return await verifyPart(services, part);
      case "write":
        return await writePart(services, part);
    }
  } catch (error) {
    await showError(error);
  }
}

/** @param readable code without scrambling, packages unpacked, settings decrypted */
async function savePart(part: Part, _range: string, readable: boolean): Promise<void> {
  const { file, uri, start, end, isFlash, isPrivate } = part;
  if (isPrivate && !(await mayLeave(file.name))) return;
  const range = `${hexAddress(start)}+${hexAddress(end - start)}`;
  const { data } = await extract(file.bytes, file.name, {
    partition: isFlash || !readable ? range : undefined,
    decrypt: readable,
  });
  const name = `${stemOf(file.name)}-${hexAddress(start)}${readable ? "-plain" : ""}.bin`;
  const place = await vscode.window.showSaveDialog({
    title: t("Save {0}", hexRange(start, end)),
    defaultUri: vscode.Uri.joinPath(folderOf(uri), name),
    filters: { [t("Raw data")]: ["bin"] },
  });
  if (place === undefined) return;
  await assertCanCreate(place);
  await createFile(place, data);
  const show = t("Show");
  if ((await inform(t("Saved: {0}", nameOf(place)), show)) === show) await reveal(placeOf(place));
}

const stemOf = (name: string): string => name.replace(/\.[^.]*$/, "");

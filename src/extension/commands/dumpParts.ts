/** What a person does with a dump that the image viewer shows: saves a stretch of it, holds the chip against it, writes it, compares. */
import * as vscode from "vscode";
import { extract, partOfDump, type FlasherError, type NamedFile, type Range } from "../../core/index";
import { canBeFlashed } from "../../archives/archive";
import { hexAddress, hexRange } from "../../shared/figures";
import type { PartAction } from "../../shared/messages";
import { assertCanCreate, createFile, folderOf, nameOf, readFirmware, reveal } from "../platform/firmwareFiles";
import { placeOf } from "../platform/places";
import { ask, inform } from "../platform/shownMessages";
import { t } from "../text/l10n";
import { showError } from "../platform/showError";
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
    if (action === "save" || action === "decrypt") await savePart(part, action === "decrypt");
    else if (part.isFlash) await (action === "verify" ? verifyPart : writePart)(services, part);
  } catch (error) {
    await showError(error);
  }
}

/** @param readable code without scrambling, packages unpacked, settings decrypted */
async function savePart({ file, uri, start, end, isFlash, isPrivate }: Part, readable: boolean): Promise<void> {
  if (isPrivate && !(await mayLeave(file.name))) return;
  // Of a file that a builder made, what is readable is its one content.
  const partition = isFlash || !readable ? `${hexAddress(start)}+${hexAddress(end - start)}` : undefined;
  const { data } = await extract(file.bytes, file.name, { partition, decrypt: readable });
  const place = await vscode.window.showSaveDialog({
    title: t("Save {0}", hexRange(start, end)),
    defaultUri: vscode.Uri.joinPath(
      folderOf(uri),
      `${stemOf(file.name)}-${hexAddress(start)}${readable ? "-plain" : ""}.bin`,
    ),
    filters: { [t("Raw data")]: ["bin"] },
  });
  if (place === undefined) return;
  await assertCanCreate(place);
  await createFile(place, data);
  const show = t("Show File");
  void inform(t("Saved: {0}", nameOf(place)), show).then((answer) =>
    answer === show ? reveal(placeOf(place)) : undefined,
  );
}

const stemOf = (name: string): string => name.replace(/\.[^.]*$/, "");

/** Asked before anything of a person's leaves a dump. */
async function mayLeave(name: string): Promise<boolean> {
  const goOn = t("Save All the Same");
  const answer = await ask(
    true,
    t("This part of {0} may hold names and passwords of Wi-Fi networks.", name),
    t("Whoever gets the file can read them. Keep it to yourself, or save another part."),
    goOn,
  );
  return answer === goOn;
}

async function verifyPart(services: Services, part: Part): Promise<void> {
  const port = await portFor(services, undefined);
  if (port === undefined) return;
  const file = partOfDump(part.file, part);
  await run<"verify">(services, {
    port,
    title: t("Verify {0}", file.name),
    fileName: file.name,
    request: { kind: "verify", file },
  });
}

/** An ordinary flash of these bytes to their own addresses: chip, key, calibration and boot code are guarded as in any other. */
async function writePart(services: Services, part: Part): Promise<void> {
  const port = await portFor(services, undefined);
  if (port === undefined) return;
  const { settings } = services;
  const file = partOfDump(part.file, part);
  await run<"flash">(services, {
    port,
    title: t("Write {0}", file.name),
    fileName: file.name,
    // A stretch of a dump is never sent without the plan having been seen.
    confirm: true,
    request: {
      kind: "flash",
      file,
      verify: settings.verifyAfterFlash,
      reboot: settings.rebootAfterFlash,
      dryRun: false,
    },
    hooks: { askDoubt: doubtConsent(file.name) },
  });
}

/** Another file, to compare with; undefined where the person gave up. */
export async function chooseOther(beside: vscode.Uri): Promise<NamedFile | undefined> {
  const title = t("Compare With File");
  const chosen = await vscode.window.showOpenDialog({
    title,
    openLabel: t("Compare"),
    canSelectMany: false,
    defaultUri: folderOf(beside),
  });
  const [uri] = chosen ?? [];
  if (uri === undefined) return undefined;
  try {
    return await openArchived(await readFirmware(uri), canBeFlashed, title);
  } catch (error) {
    await showError(error);
    return undefined;
  }
}

/**
 * Has the chip held against the whole file, by its own checksums as far as they go.
 * @returns undefined where the person gave up, or the comparison came to no end
 */
export async function compareWithChip(
  services: Services,
  file: NamedFile,
): Promise<{ readonly name: string; readonly differing: readonly Range[] } | undefined> {
  const port = await portFor(services, undefined);
  if (port === undefined) return undefined;
  const end = await run<"verify">(services, {
    port,
    title: t("Verify {0}", file.name),
    fileName: file.name,
    request: { kind: "verify", file },
  });
  const name = end && t("the chip on {0}", port.label);
  if (name === undefined || end === undefined || end.status === "cancelled") return undefined;
  if (end.status === "succeeded") return { name, differing: [] };
  const differing = differencesIn(end.error);
  return differing && { name, differing };
}

function differencesIn({ code, context }: FlasherError): readonly Range[] | undefined {
  if (code !== "verify-failed") return undefined;
  return context.differences?.flatMap(({ ranges }) => ranges).sort((a, b) => a.start - b.start);
}

/** Who writes the editor's own hex editor. */
const HEX_EDITOR = "ms-vscode.hexeditor";
const HEX_EDITOR_VIEW = "hexEditor.hexedit";

export function hasHexEditor(): boolean {
  return vscode.extensions.getExtension(HEX_EDITOR) !== undefined;
}

/** It takes no address from others: its own question for one is opened, with the address ready to be pasted. */
export async function openInHexEditor(uri: vscode.Uri, offset: number): Promise<void> {
  await vscode.commands.executeCommand("vscode.openWith", uri, HEX_EDITOR_VIEW);
  const address = hexAddress(offset);
  await vscode.env.clipboard.writeText(address);
  void inform(t("{0} is copied: paste it where the hex editor asks for the offset.", address));
  await vscode.commands.executeCommand("hexEditor.goToOffset");
}

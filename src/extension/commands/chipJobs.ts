/** Jobs that need no firmware file: info, reading and erasing ranges, reboot. */
import * as vscode from "vscode";
import { STRICTEST, geometryOf } from "../../core/index";
import { hexAddress, hexRange } from "../../shared/figures";
import type { PortArgument } from "../platform/contributions";
import { assertCanCreate, createFile } from "../platform/firmwareFiles";
import { t } from "../text/l10n";
import { showError } from "../platform/showError";
import type { PortEntry } from "../ports/portEntry";
import { BOOT_CODE_END, askNumber } from "./askNumber";
import { portFor, run } from "./choosePort";
import { backupFolder, suggestedPlace } from "../jobs/backupPlaces";
import type { Services } from "../services";

export async function showChipInfo(services: Services, argument?: PortArgument): Promise<void> {
  const port = await portFor(services, argument);
  if (port === undefined) return;
  await run<"info">(services, { port, title: t("Show chip info"), request: { kind: "info" } });
}

export async function rebootDevice(services: Services, argument?: PortArgument): Promise<void> {
  const port = await portFor(services, argument);
  if (port === undefined) return;
  await run<"reboot">(services, { port, title: t("Reboot device"), request: { kind: "reboot" } });
}

export async function readRange(services: Services, argument?: PortArgument): Promise<void> {
  const port = await portFor(services, argument);
  if (port === undefined) return;
  const range = await askRange(services, port, t("Read Range"), 1);
  if (range === undefined) return;
  const place = await askPlace(
    services,
    `flash-${hexAddress(range.start)}-${hexAddress(range.start + range.length)}.bin`,
  );
  if (place === undefined || !(await isFreePlace(place))) return;
  await run<"read">(services, {
    port,
    title: t("Read {0}", hexRange(range.start, range.start + range.length)),
    request: { kind: "read", ...range },
    save: ({ data }) => save(place, data),
  });
}

export async function eraseRange(services: Services, argument?: PortArgument): Promise<void> {
  const port = await portFor(services, argument);
  if (port === undefined) return;
  const chip = services.jobs.chipOn(port.id);
  const { sector } = chip ? geometryOf(chip) : STRICTEST;
  const range = await askRange(services, port, t("Erase Range"), sector, BOOT_CODE_END);
  if (range === undefined) return;
  await run<"erase">(services, {
    port,
    title: t("Erase {0}", hexRange(range.start, range.start + range.length)),
    // An erase is never sent without the plan having been seen.
    confirm: true,
    request: { kind: "erase", ...range, dryRun: false },
  });
}

interface Span {
  readonly start: number;
  readonly length: number;
}

/** Two questions: where, and how much. `unit` is what both must be multiples of, `from` the first address that may be named. */
async function askRange(
  { jobs }: Services,
  port: PortEntry,
  title: string,
  unit: number,
  from = 0,
): Promise<Span | undefined> {
  const size = jobs.chipOn(port.id)?.flash.size;
  const start = await askNumber(
    title,
    t("Start address in the flash"),
    unit === 1 ? "0x000000" : "0x132000",
    (value) =>
      value < from
        ? t("Below {0} is the boot code, which is never erased alone", hexAddress(from))
        : value % unit !== 0
          ? t("Must be a multiple of {0}", hexAddress(unit))
          : size !== undefined && value >= size
            ? t("The flash of this chip ends at {0}", hexAddress(size))
            : undefined,
  );
  if (start === undefined) return undefined;
  const length = await askNumber(
    title,
    t("Length in bytes from {0} on; 4K and 1M are understood", hexAddress(start)),
    "0x1000",
    (value) =>
      value === 0
        ? t("At least one byte")
        : value % unit !== 0
          ? t("Must be a multiple of {0}", hexAddress(unit))
          : size !== undefined && start + value > size
            ? t("The flash of this chip ends at {0}", hexAddress(size))
            : undefined,
  );
  return length === undefined ? undefined : { start, length };
}

function askPlace({ settings }: Services, name: string): Thenable<vscode.Uri | undefined> {
  return vscode.window.showSaveDialog({
    title: t("Save What Is Read"),
    filters: { [t("Raw data")]: ["bin"] },
    defaultUri: suggestedPlace(backupFolder(settings.backupFolder), name),
  });
}

async function isFreePlace(place: vscode.Uri): Promise<boolean> {
  try {
    await assertCanCreate(place);
    return true;
  } catch (error) {
    await showError(error);
    return false;
  }
}

async function save(place: vscode.Uri, bytes: Uint8Array): Promise<string> {
  await createFile(place, bytes);
  return place.scheme === "file" ? place.fsPath : place.toString();
}

/**
 * What each file of a build is for, by its name and the names beside it, and which one is meant for a serial flash. Pure.
 * Names: docs/formats.md ("Build outputs"). Contents are judged by the core when a file is opened.
 */
import { parseFileName, type NameClaims, type NamedKind } from "../core/index";

export type ArtefactRole =
  "uf2" | "uf2-copy" | "app-rbl" | "app-crc" | "rbl-header" | "ota-rbl" | "cloudcutter" | "qio" | "ua" | "raw" | "elf";

export interface Artefact {
  readonly path: string;
  readonly name: string;
  readonly role: ArtefactRole;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** What may be written over serial as it is; the others belong elsewhere. */
const FLASHABLE: ReadonlySet<ArtefactRole> = new Set(["uf2", "uf2-copy", "app-rbl", "app-crc", "qio", "ua"]);

export function isFlashable({ role }: Pick<Artefact, "role">): boolean {
  return FLASHABLE.has(role);
}

const ROLES: Readonly<Partial<Record<NamedKind, ArtefactRole>>> = {
  uf2: "uf2",
  "rbl-partition": "app-rbl",
  "crc-app": "app-crc",
  "rbl-header": "rbl-header",
  "rbl-ota": "ota-rbl",
  ug: "cloudcutter",
  qio: "qio",
  "raw-app": "raw",
  elf: "elf",
};

/** By its name; undefined where that says nothing, or not which of two. */
export function roleOf({ kind, maker, name }: NameClaims): ArtefactRole | undefined {
  if (maker !== "openbeken") return kind === undefined ? undefined : ROLES[kind];
  if (kind === "crc-app") return "ua";
  // Without a kind in its name: what the linker made.
  return kind === undefined ? (/\.bin$/i.test(name) ? "raw" : undefined) : ROLES[kind];
}

/**
 * `firmware.bin` of a LibreTiny build is the UF2 once more under a name that ESPHome's tools expect; with the version in
 * its name the UF2 lies there a third time. Only `firmware.uf2` itself counts as the UF2.
 */
export function assignRoles(files: readonly Omit<Artefact, "role">[]): readonly Artefact[] {
  const main = files.find(({ name }) => name.toLowerCase() === "firmware.uf2");
  return files.flatMap((file): readonly Artefact[] => {
    const role = roleOf(parseFileName(file.name));
    const isTwin = main !== undefined && file !== main && file.size === main.size;
    if (role === "uf2" && isTwin) return [{ ...file, role: "uf2-copy" }];
    if (role === undefined && isTwin && file.name.toLowerCase() === "firmware.bin")
      return [{ ...file, role: "uf2-copy" }];
    return role === undefined ? [] : [{ ...file, role }];
  });
}

/** Best first: the UF2 says itself what goes where, the container is the next best, the bare application the least. */
const PREFERENCE: readonly ArtefactRole[] = ["uf2", "app-rbl", "qio", "ua", "app-crc"];

/** OpenBeken publishes both kinds for these chips; the image with the bootloader is the one meant for a serial flash. */
export function recommend(artefacts: readonly Artefact[]): Artefact | undefined {
  return artefacts
    .filter(({ role }) => PREFERENCE.includes(role))
    .sort((a, b) => PREFERENCE.indexOf(a.role) - PREFERENCE.indexOf(b.role) || b.modified - a.modified)[0];
}

/** The recommended file, then what else can be flashed, then the rest. */
const DISPLAY_ORDER: readonly ArtefactRole[] = [
  "uf2",
  "app-rbl",
  "qio",
  "ua",
  "app-crc",
  "uf2-copy",
  "rbl-header",
  "ota-rbl",
  "cloudcutter",
  "raw",
  "elf",
];

export function inDisplayOrder(artefacts: readonly Artefact[]): readonly Artefact[] {
  return [...artefacts].sort(
    (a, b) => DISPLAY_ORDER.indexOf(a.role) - DISPLAY_ORDER.indexOf(b.role) || a.name.localeCompare(b.name, "en"),
  );
}

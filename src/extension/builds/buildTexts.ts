/** Builds and their files in words. Pure but for the language. */
import { t } from "../text/l10n";
import type { ArtefactRole } from "../../builds/artefacts";
import type { Project } from "../../builds/project";

/** What a file is for. */
export function purposeOf(role: ArtefactRole): string {
  switch (role) {
    case "uf2":
      return t("serial flashing: says itself what goes where");
    case "uf2-copy":
      return t("the same as firmware.uf2 under another name");
    case "app-rbl":
      return t("serial flashing: the application in its container");
    case "app-crc":
      return t("serial flashing: the application alone");
    case "rbl-header":
      return t("the header of the application, part of the .rbl");
    case "ota-rbl":
      return t("over the air only");
    case "cloudcutter":
      return t("tuya-cloudcutter and over the air only");
    case "qio":
      return t("serial flashing: bootloader and application; only the application is written");
    case "ua":
      return t("serial flashing: the application alone");
    case "raw":
      return t("linker output, not for flashing");
    case "elf":
      return t("for the debugger, not for flashing");
  }
}

/** The same in two or three words: what stands first in a row. No two files of a build that can be told apart have the same. */
export function useOf(role: ArtefactRole): string {
  switch (role) {
    case "uf2":
      return t("UF2, over serial");
    case "app-rbl":
      return t("Container, over serial");
    case "app-crc":
    case "ua":
      return t("Application, over serial");
    case "qio":
      return t("QIO, over serial");
    case "uf2-copy":
      return t("Copy of the UF2");
    case "rbl-header":
      return t("Header alone");
    case "ota-rbl":
      return t("Over the air");
    case "cloudcutter":
      return t("Cloudcutter");
    case "raw":
      return t("Linker output");
    case "elf":
      return t("For the debugger");
  }
}

export function ageOf(modified: number, now: number): string {
  const minutes = Math.floor((now - modified) / 60_000);
  if (minutes < 1) return t("just now");
  if (minutes < 60) return t("{0} min ago", minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return t("{0} h ago", hours);
  return t("{0} days ago", Math.floor(hours / 24));
}

/** Beside the name in the tree: what the name does not say. */
export function projectFacts({ kind, chip, version, modified }: Project, now: number): string {
  const what = kind === "openbeken" ? version?.replace(/^OpenBeken /, "") : chip;
  return [what, ageOf(modified, now)].filter((fact) => fact !== undefined).join(" \u00b7 ");
}

/** That there may be more; undefined when there is not. */
export function cutWords(cut: readonly { readonly folders: number }[]): string | undefined {
  const [first] = cut;
  return (
    first &&
    t(
      "This folder is too large to be searched whole: builds were looked for in its first {0} folders. Open the folder of your project, or name it in the setting beken.buildFolders.",
      first.folders,
    )
  );
}

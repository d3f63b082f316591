/**
 * Which builds of the workspace are for a chip, and why the others are not, by what their files hold. Reads each file once as
 * long as it stays as it is; flashes nothing.
 */
import type * as vscode from "vscode";
import { detectImage, misfitOf, type ChipIdentity, type FirmwareImage, type NamedFile } from "../../core/index";
import { localised, say, t } from "../text/l10n";
import type { Build, BuildFile } from "./workspaceBuilds";

export interface FittedBuild {
  readonly build: Build;
  readonly file: BuildFile;
  /** Chip and key of the file: "BK7231N \u00b7 Tuya key". */
  readonly facts: string;
  /** Why it is not for the chip; undefined where nothing speaks against it. */
  readonly misfit: string | undefined;
}

/** The newest; a workspace with more is not read whole for one question. */
const BUILDS_READ = 24;
/** Firmware of these chips is about 1 MiB, a UF2 of it twice that. */
const LARGEST = 8 * 1024 * 1024;

export class BuildFits {
  private readonly images = new Map<string, Promise<FirmwareImage | undefined>>();

  /** @param read throws for what cannot be read */
  constructor(private readonly read: (uri: vscode.Uri) => Promise<NamedFile>) {}

  /** Those with a file to flash: for this chip first, and the newest of them; all alike where no chip is known. */
  async for(all: readonly Build[], chip: ChipIdentity | undefined): Promise<readonly FittedBuild[]> {
    const builds = all.filter(({ recommended }) => recommended !== undefined);
    const fitted = await Promise.all(builds.map((build, index) => this.judge(build, chip, index < BUILDS_READ)));
    const judged = fitted.filter((each) => each !== undefined);
    const fits = ({ misfit }: FittedBuild): boolean => misfit === undefined;
    return [...judged.filter(fits), ...judged.filter((each) => !fits(each))];
  }

  /** The newest that is for this chip. */
  async best(all: readonly Build[], chip: ChipIdentity | undefined): Promise<FittedBuild | undefined> {
    const [first] = await this.for(all, chip);
    return first?.misfit === undefined ? first : undefined;
  }

  private async judge(build: Build, chip: ChipIdentity | undefined, isRead: boolean): Promise<FittedBuild | undefined> {
    const { recommended: file, project } = build;
    if (file === undefined) return undefined;
    const image = isRead ? await this.imageIn(file) : undefined;
    const keyWords = image?.key && localised().key[image.key.kind];
    const facts = [project.chip ?? chipsOf(image), keyWords].filter((fact) => fact !== undefined).join(" \u00b7 ");
    return { build, file, facts, misfit: chip && reasonAgainst(image, project.chip, chip) };
  }

  private imageIn({ artefact, uri }: BuildFile): Promise<FirmwareImage | undefined> {
    if (artefact.size > LARGEST) return Promise.resolve(undefined);
    const state = `${uri.toString()} ${artefact.modified} ${artefact.size}`;
    const known = this.images.get(state);
    if (known !== undefined) return known;
    for (const old of this.images.keys()) if (old.startsWith(`${uri.toString()} `)) this.images.delete(old);
    const image = this.readImage(uri);
    this.images.set(state, image);
    return image;
  }

  /** Undefined for what cannot be read: the flash itself says why. */
  private async readImage(uri: vscode.Uri): Promise<FirmwareImage | undefined> {
    try {
      const { bytes, name } = await this.read(uri);
      return detectImage(bytes, name);
    } catch {
      return undefined;
    }
  }
}

function chipsOf(image: FirmwareImage | undefined): string | undefined {
  if (image === undefined || image.chips === "any") return undefined;
  return image.chips.map((id) => id.toUpperCase()).join(", ");
}

function reasonAgainst(
  image: FirmwareImage | undefined,
  builtFor: string | undefined,
  identity: ChipIdentity,
): string | undefined {
  const { chip } = identity;
  const misfit = image && misfitOf(image, identity);
  if (misfit?.code === "image-wrong-key") {
    const { expected, actual, rekey } = misfit.context;
    const words = t("for the {0}; the chip has the {1}", say(actual ?? ""), say(expected ?? ""));
    return rekey === true ? `${words} (${t("can be re-encrypted for it")})` : words;
  }
  const wanted = builtFor ?? chipsOf(image);
  const isOther =
    builtFor !== undefined && chip !== undefined && !chip.runs.some((id) => id === builtFor.toLowerCase());
  if (misfit === undefined && !isOther) return undefined;
  return t("for {0}; the chip is a {1}", wanted ?? "?", chip?.name ?? "?");
}

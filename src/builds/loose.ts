/**
 * Firmware that lies in a folder as it was downloaded or copied there: what belongs together by its names is one row, and a
 * variant, a branch's build or a second download is another.
 */
import { parseFileName, readUf2Head, UF2_HEAD, type NameClaims } from "../core/index";
import { inDisplayOrder, roleOf, type Artefact, type ArtefactRole } from "./artefacts";
import type { BuildFiles, Entry } from "./buildFiles";
import { join } from "./paths";
import { boardOfYaml, factsOfUf2Head, makeProject, type Facts, type Project } from "./project";

/** UF2 files, which many makers use, are looked into; so many in one folder. */
const MOST_HEADS = 200;

interface Member {
  readonly claims: NameClaims;
  readonly role: ArtefactRole;
  readonly facts: Facts;
}

export async function looseProjects(
  files: BuildFiles,
  folder: string,
  entries: readonly Entry[],
): Promise<readonly Project[]> {
  const claims = entries.filter(({ kind }) => kind === "file").map(({ name }) => parseFileName(name));
  const candidates = claims.filter(isCandidate);
  if (candidates.length === 0) return [];
  const members = await Promise.all(
    candidates.map((claim, index) => memberOf(files, folder, claim, index < MOST_HEADS)),
  );
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    if (member === undefined) continue;
    const { build, maker, chip, copy } = member.claims;
    const key = `${build} ${maker === "libretiny" ? (chip ?? member.facts.chip ?? "") : ""} ${copy ?? ""}`.trim();
    groups.set(key.toLowerCase(), [...(groups.get(key.toLowerCase()) ?? []), member]);
  }
  const projects = await Promise.all([...groups].map(([key, group]) => projectOf(files, folder, key, group)));
  return projects.filter((project) => project !== undefined);
}

/** Kinds that say by their name alone what they are; what other programs use these endings for is sorted out by content. */
const TELLING: ReadonlySet<string | undefined> = new Set([
  "uf2",
  "rbl",
  "rbl-partition",
  "rbl-ota",
  "rbl-header",
  "ug",
]);

function isCandidate({ kind, maker, foreign, chip }: NameClaims): boolean {
  if (foreign !== undefined) return false;
  if (maker === "openbeken") return chip !== undefined;
  return TELLING.has(kind) || (kind === "crc-app" && maker !== undefined);
}

async function memberOf(
  files: BuildFiles,
  folder: string,
  claims: NameClaims,
  mayRead: boolean,
): Promise<Member | undefined> {
  const role = roleOf(claims);
  const path = join(folder, claims.name);
  if (role === "uf2") {
    const head = mayRead ? await files.head(path, UF2_HEAD) : undefined;
    const told = head && readUf2Head(head);
    if (told === undefined && (head !== undefined || claims.mention === undefined)) return undefined;
    return { claims, role, facts: told === undefined ? {} : factsOfUf2Head(told) };
  }
  if (claims.kind !== "rbl") return role && { claims, role, facts: {} };
  // The name does not say which of the two it is: over-the-air containers begin with their header.
  const [first, second, third] = (mayRead ? await files.head(path, 4) : undefined) ?? [];
  const isOta = first === 0x52 && second === 0x42 && third === 0x4c;
  return { claims, role: isOta ? "ota-rbl" : "app-rbl", facts: {} };
}

async function projectOf(
  files: BuildFiles,
  folder: string,
  key: string,
  members: readonly Member[],
): Promise<Project | undefined> {
  const found = await Promise.all(
    members.map(async ({ claims: { name }, role }): Promise<Artefact | undefined> => {
      const path = join(folder, name);
      const facts = await files.stat(path);
      return facts && { path, name, role, ...facts };
    }),
  );
  const artefacts = inDisplayOrder(found.filter((artefact) => artefact !== undefined));
  const [first] = members;
  if (first === undefined || artefacts.length === 0) return undefined;
  const { claims } = first;
  const variant = [claims.variant, claims.copy].filter((part) => part !== undefined).join(" ");
  const id = `${folder}#${key}`;
  if (claims.maker === "openbeken") {
    const chip = claims.chip?.toUpperCase() ?? "";
    const facts: Facts = {
      name: ["OpenBeken", chip, variant].filter((part) => part !== "").join(" "),
      version: claims.version === undefined ? undefined : `OpenBeken ${claims.version}`,
    };
    return makeProject(id, "openbeken", artefacts, [facts], key);
  }
  const device = deviceOf(claims);
  const yaml = device === undefined ? undefined : await files.text(join(folder, `${device}.yaml`));
  const facts = [...members.map((member) => member.facts), { board: boardOfYaml(yaml ?? "") }];
  const name = [device ?? (claims.chip ?? facts[0]?.chip ?? claims.name).toUpperCase(), claims.copy];
  return makeProject(id, "esphome", artefacts, facts, name.filter((part) => part !== undefined).join(" "));
}

/** As it was written; what the files share is in small letters. */
function deviceOf({ name, build, maker }: NameClaims): string | undefined {
  return maker === "libretiny" ? undefined : name.slice(0, build.length - "device ".length);
}

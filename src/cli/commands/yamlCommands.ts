/** Commands on ESPHome's YAML, which need no chip. */
import { basename, dirname, isAbsolute, join } from "node:path";
import { FileError, ImageError, buildFacts, english, passportOf, plainOf, updateAdvice } from "../../core/index";
import { canBeFlashed } from "../../archives/archive";
import { applyFixes, checkYaml, chipOfPassport, gatherSources, type YamlDiagnostic } from "../../esphome/index";
import { nodeFiles } from "../../storage/nodeFileSystem";
import { assertCanCreate, createFile, readFirmware } from "../../storage/wholeFiles";
import { openFirmware } from "../jobs/firmwareFile";
import type { Output } from "../terminal/output";

export interface CheckCommandOptions {
  /** A backup of the device that the YAML is for. */
  readonly backup?: string;
  /** New file that gets the text with all fixes. */
  readonly fixed?: string;
}

/** @returns how many errors the rules find in a YAML; finding some is no failure of the command */
export async function check(path: string, { backup, fixed }: CheckCommandOptions, output: Output): Promise<number> {
  if (fixed !== undefined) await assertCanCreate(nodeFiles, fixed);
  const { bytes } = await readFirmware(nodeFiles, path);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const chip =
    backup === undefined
      ? undefined
      : chipOfPassport(passportOf((await openFirmware(backup, canBeFlashed, output)).bytes));
  const sources = await gatherSources(text, {
    read: (name) => textBeside(path, name),
    list: (name) => namesBeside(path, name),
  });
  const found = checkYaml(text, { chip, sources });
  if (fixed !== undefined) await createFile(nodeFiles, fixed, new TextEncoder().encode(applyFixes(text, found)));
  const errors = found.filter(({ severity }) => severity === "error").length;
  output.result(
    [
      found.length === 0
        ? `${basename(path)}: nothing found that is wrong for these chips.`
        : `${basename(path)}: ${found.length} found, ${errors} of them errors:`,
      ...found.map((each) => line(text, each)),
      ...(fixed === undefined ? [] : [`With all fixes: ${fixed}`]),
    ],
    {
      command: "check",
      file: path,
      errors,
      diagnostics: found.map((each) => ({ ...(plainOf(each, false) as object), ...placeIn(text, each.start) })),
      fixed: fixed ?? null,
    },
  );
  return errors;
}

/** A file that the YAML takes in; undefined where it is not there or cannot be read. */
async function textBeside(path: string, name: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode((await readFirmware(nodeFiles, placeBeside(path, name))).bytes);
  } catch (error) {
    if (error instanceof FileError || error instanceof ImageError) return undefined;
    throw error;
  }
}

function placeBeside(path: string, name: string): string {
  return isAbsolute(name) ? name : join(dirname(path), name);
}

/** What is in a folder that the YAML takes in; undefined where there is none that can be read. */
async function namesBeside(path: string, name: string): Promise<readonly string[] | undefined> {
  try {
    const folder = placeBeside(path, name);
    const names = await nodeFiles.list(folder);
    return await Promise.all(
      names.map(async (each) =>
        (await nodeFiles.stat(nodeFiles.join(folder, each))).kind === "folder" ? `${each}/` : each,
      ),
    );
  } catch {
    // What is not there is said to be unknown.
    return undefined;
  }
}

function placeIn(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

function line(text: string, { start, severity, code, words, fixes, file }: YamlDiagnostic): string {
  const { line: row, column } = placeIn(text, start);
  const [fix] = fixes;
  const where = file === undefined ? "" : ` in ${file}`;
  return `  ${row}:${column}  ${severity}${where}  ${english(words)} [${code}]${fix ? `  Fix: ${english(fix.title)}.` : ""}`;
}

/** Whether the updates over the air of a build will be unpacked on the device a backup is of. */
export async function doctor(backup: string, build: string, output: Output): Promise<void> {
  const device = passportOf((await openFirmware(backup, canBeFlashed, output)).bytes);
  const { bytes, name, identity } = await openFirmware(build, canBeFlashed, output);
  const facts = buildFacts(bytes, name);
  const { works, words, patch } = updateAdvice(device, facts);
  output.result(
    [
      `Updates over the air of ${basename(identity)}: ${UPDATES_WORK[works]}, ${english(words)}.`,
      ...(patch.length === 0
        ? []
        : ["In the YAML:", "  esphome:", "    platformio_options:", ...patch.map((option) => `      ${option}`)]),
    ],
    {
      command: "doctor",
      backup,
      build: identity,
      board: facts.board?.board ?? null,
      works,
      reason: english(words),
      patch,
    },
  );
}

/** A verdict on updates over the air, in words. */
export const UPDATES_WORK = { yes: "will work", no: "will not work", unknown: "not known" } as const;

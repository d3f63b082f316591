/** Commands on ESPHome's YAML, which need no chip. */
import { basename } from "node:path";
import { buildFacts, english, passportOf, plainOf, type Passport } from "../../core/index";
import { canBeFlashed } from "../../archives/archive";
import { applyFixes, checkYaml, updateAdvice, type KnownChip, type YamlDiagnostic } from "../../esphome/index";
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

/** What the rules say of a YAML; the command succeeds whatever that is, and `errors` counts. */
export async function check(path: string, { backup, fixed }: CheckCommandOptions, output: Output): Promise<void> {
  if (fixed !== undefined) await assertCanCreate(nodeFiles, fixed);
  const { bytes } = await readFirmware(nodeFiles, path);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const chip =
    backup === undefined ? undefined : chipOf(passportOf((await openFirmware(backup, canBeFlashed, output)).bytes));
  const found = checkYaml(text, { chip });
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
}

function chipOf({ chip, module, key, coefficients, calibrationAt }: Passport): KnownChip {
  return { chip, module, key, coefficients, calibrationAt };
}

function placeIn(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

function line(text: string, { start, severity, code, words, fixes }: YamlDiagnostic): string {
  const { line: row, column } = placeIn(text, start);
  const [fix] = fixes;
  return `  ${row}:${column}  ${severity}  ${english(words)} [${code}]${fix ? `  Fix: ${english(fix.title)}.` : ""}`;
}

/** Whether the updates over the air of a build will be unpacked on the device a backup is of. */
export async function doctor(backup: string, build: string, output: Output): Promise<void> {
  const device = passportOf((await openFirmware(backup, canBeFlashed, output)).bytes);
  const { bytes, name, identity } = await openFirmware(build, canBeFlashed, output);
  const facts = buildFacts(bytes, name);
  const { works, words, patch } = updateAdvice(device, facts);
  output.result(
    [
      `Updates over the air of ${basename(identity)}: ${VERDICTS[works]}, ${english(words)}.`,
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

const VERDICTS = { yes: "will work", no: "will not work", unknown: "not known" } as const;

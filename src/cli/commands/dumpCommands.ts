/** Commands on dumps, which need no chip: what one holds, something taken out of it, two compared. */
import { basename } from "node:path";
import {
  FileError,
  differencesBetween,
  english,
  extract as extractPart,
  hexAddress,
  passportOf,
  plainOf,
  type Passport,
} from "../../core/index";
import { canBeFlashed } from "../../archives/archive";
import { deviceConfig, espHomeYaml, openBekenTemplate } from "../../esphome/index";
import { nodeFiles } from "../../storage/nodeFileSystem";
import { assertCanCreate, createFile } from "../../storage/wholeFiles";
import { openFirmware } from "../jobs/firmwareFile";
import { formatBytes } from "../../shared/figures";
import type { Output } from "../terminal/output";

export interface SecretsOption {
  readonly showSecrets?: boolean;
}

/** What a dump tells of its device, in lines. */
export function passportLines(passport: Passport, withSecrets: boolean): readonly string[] {
  const { facts, partitions, contradictions, updates, settings } = passport;
  return [
    ...facts.map(
      ({ name, value, evidence, confidence }) =>
        `  ${english(name)}: ${String(plainOf(value, withSecrets))}  [${confidence}: ${english(evidence)}]`,
    ),
    ...partitions.map(
      ({ name, start, end, from, holds }) =>
        `  ${hexAddress(start)}-${hexAddress(end)}  ${name === "" ? "-" : name}${FROM[from]}: ${english(holds.words)}`,
    ),
    ...updates.map(({ firmware, works, words }) => `  update   ${firmware} over the air: ${works}, ${english(words)}`),
    ...(settings.none ? [`  config   none [${settings.none.code}]: ${english(settings.none.words)}`] : []),
    ...contradictions.map((words) => `  look     ${english(words)}`),
    ...(passport.private.length > 0
      ? [`  private  do not give this file away as it is: ${passport.private.map(english).join("; ")}`]
      : []),
  ];
}

const FROM = { "boot-code": " (boot code's table)", content: "", layout: " (usual here)", rest: "" } as const;

export function plainPassport(passport: Passport, withSecrets: boolean): unknown {
  return plainOf(passport, withSecrets);
}

export interface ExtractCommandOptions {
  readonly partition?: string;
  readonly decrypt?: boolean;
}

export async function extract(
  path: string,
  out: string,
  options: ExtractCommandOptions,
  output: Output,
): Promise<void> {
  const { bytes, name, identity } = await openFirmware(path, canBeFlashed, output);
  await assertCanCreate(nodeFiles, out);
  const { partition, decrypt = false } = options;
  const { start, end, data, what } = await extractPart(bytes, name, { partition, decrypt });
  await createFile(nodeFiles, out, data);
  output.result(
    [
      `${out}: ${formatBytes(data.length)}, ${english(what)}, from ${hexAddress(start)}-${hexAddress(end)} of ${basename(identity)}`,
    ],
    {
      command: "extract",
      file: identity,
      out,
      start,
      end,
      length: data.length,
      decrypted: decrypt,
      what: english(what),
    },
  );
}

export async function diff(a: string, b: string, output: Output): Promise<void> {
  const first = await openFirmware(a, canBeFlashed, output);
  const second = await openFirmware(b, canBeFlashed, output);
  const { partitions } = passportOf(first.bytes);
  const differences = differencesBetween(first.bytes, second.bytes, partitions);
  const bytes = differences.reduce((sum, each) => sum + each.bytes, 0);
  const lengths = [first.bytes.length, second.bytes.length] as const;
  output.result(
    [
      differences.length === 0
        ? `${basename(a)} and ${basename(b)} are the same.`
        : `${basename(a)} and ${basename(b)} differ in ${formatBytes(bytes)}:`,
      ...(lengths[0] === lengths[1] ? [] : [`  lengths  ${hexAddress(lengths[0])} and ${hexAddress(lengths[1])}`]),
      ...differences.map(
        ({ start, end, bytes: count, parts }) =>
          `  ${hexAddress(start)}-${hexAddress(end)}  ${formatBytes(count)} differ${parts.length > 0 ? ` in ${[...new Set(parts.map(nameOf))].join(", ")}` : ""}`,
      ),
    ],
    {
      command: "diff",
      files: [first.identity, second.identity],
      same: differences.length === 0,
      lengths,
      bytes,
      differences: differences.map(({ start, end, bytes: count, parts }) => ({
        start,
        end,
        bytes: count,
        partitions: [...new Set(parts.map(nameOf))],
      })),
    },
  );
}

function nameOf({ name, holds }: Passport["partitions"][number]): string {
  return name === "" ? english(holds.words) : name;
}

export interface ConfigOptions extends SecretsOption {
  readonly format: "yaml" | "openbeken" | "json";
}

/**
 * Settings as they are, or the configuration that they amount to.
 * @throws FileError `no-settings` with the one reason why
 */
export async function config(path: string, options: ConfigOptions, output: Output): Promise<void> {
  const { format, showSecrets = false } = options;
  const { bytes, name, identity } = await openFirmware(path, canBeFlashed, output);
  const passport = passportOf(bytes);
  const { tuya, openBeken, none } = passport.settings;
  const isReadable = format === "json" && (tuya !== undefined || openBeken !== undefined);
  if (none && !isReadable) throw withoutSettings(none, name, identity);
  const device = deviceConfig(passport);
  const answer = { command: "config", file: identity, format, reason: none?.code ?? null };
  if (format === "json") {
    const settings = plainOf({ tuya, openBeken }, showSecrets);
    output.result(JSON.stringify(settings, null, 2).split("\n"), { ...answer, settings });
  } else if (format === "openbeken") {
    const { template } = openBekenTemplate(device);
    output.result(JSON.stringify(template, null, 2).split("\n"), { ...answer, template });
  } else {
    const { yaml, remarks } = espHomeYaml(device);
    output.result(yaml.trimEnd().split("\n"), { ...answer, yaml, remarks });
  }
}

function withoutSettings({ code, words, todo }: NoSettings, name: string, file: string): FileError {
  const detail = `${english(words)} ${english(todo)}`;
  return new FileError("no-settings", `read the settings in ${name}`, { file, reason: code, detail });
}

type NoSettings = NonNullable<Passport["settings"]["none"]>;

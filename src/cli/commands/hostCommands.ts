/** Commands that need no chip: ports, inspect. */
import { basename } from "node:path";
import {
  FORMAT_WORDS,
  english,
  hexAddress,
  insteadOf,
  inspectImage,
  listPorts,
  passportOf,
  patchForBoard,
  surroundings,
  surroundingSteps,
  type FirmwareImage,
  type Passport,
  type PortInfo,
  type Refusal,
} from "../../core/index";
import { passportLines, plainPassport, type SecretsOption } from "./dumpCommands";
import { plainImage } from "../../shared/describe";
import { canBeFlashed } from "../../archives/archive";
import { forgetRates } from "../../storage/rateStore";
import { forgetResets } from "../../storage/resetStore";
import { nodeFiles } from "../../storage/nodeFileSystem";
import { stateFolder } from "../jobs/dataFolders";
import { openFirmware } from "../jobs/firmwareFile";
import type { Output } from "../terminal/output";
import { formatBytes } from "../../shared/figures";

export interface PortsOptions {
  readonly forget: boolean;
}

export async function ports({ forget }: PortsOptions, output: Output): Promise<void> {
  if (forget) {
    await forgetResets(nodeFiles, stateFolder());
    await forgetRates(nodeFiles, stateFolder());
    output.news(["Forgotten: the speeds that held with each adapter, and how each resets its chip."], {
      type: "forgotten",
    });
  }
  const found = await listPorts();
  const lines = found.map(portLine);
  const hints = found.length === 0 ? surroundingSteps(await surroundings("port-not-found")) : [];
  output.result(
    [
      found.length === 0
        ? "No serial ports. Plug an adapter in, or use tcp://host:port or rfc2217://host:port."
        : `${found.length} serial port${found.length === 1 ? "" : "s"}:`,
      ...lines,
      ...hints,
    ],
    {
      command: "ports",
      ports: found,
      ...(hints.length > 0 && { hints }),
    },
  );
}

function portLine({ path, adapter, manufacturer, serialNumber, vendorId, productId }: PortInfo): string {
  const ids = vendorId !== undefined ? `${vendorId}:${productId ?? "????"}` : undefined;
  return [path, adapter ?? manufacturer, ids, serialNumber].filter((part) => part !== undefined).join("  ");
}

/** Files that are of a device, and not made for many. */
function isOfDevice({ format }: FirmwareImage, { settings }: Passport): boolean {
  const { tuya, openBeken, preferences } = settings;
  const isDump = format === "full-dump" || format === "qio" || format === "bootloader";
  return isDump || tuya !== undefined || openBeken !== undefined || preferences !== undefined;
}

export async function inspect(path: string, { showSecrets = false }: SecretsOption, output: Output): Promise<void> {
  const { bytes, name, beside, identity } = await openFirmware(path, canBeFlashed, output);
  const image = await inspectImage(bytes, name, { beside });
  const passport = passportOf(bytes);
  const ofDevice = isOfDevice(image, passport);
  const { board } = passport;
  const patch = board && ofDevice ? patchForBoard(passport, board) : [];
  const instead = image.refusal && insteadOf(image.refusal.context);
  const lines = [
    `${basename(identity)}: ${english(image.label)}`,
    `  format   ${english(FORMAT_WORDS[image.format])}, ${formatBytes(bytes.length)}`,
    `  chips    ${image.chips === "any" ? "not named in the file" : image.chips.map((id) => id.toUpperCase()).join(", ")}`,
    `  key      ${image.key?.kind ?? "none"}`,
    ...image.details.map((detail) => `  ${english(detail.name)}: ${english(detail.value)}`),
    ...image.segments.map(
      ({ address, data, from }) =>
        `  writes   ${hexAddress(address)}-${hexAddress(address + data.length)}  ${english(from)}`,
    ),
    ...image.checks.map(
      ({ name: check, verdict, detail }) =>
        `  ${verdict.padEnd(8)} ${english(check)}${detail === undefined ? "" : `: ${english(detail)}`}`,
    ),
    ...image.warnings.map((warning) => `  note     ${english(warning)}`),
    `  serial   ${image.refusal ? whyNot(image.refusal) : "yes"}`,
    ...(instead === undefined ? [] : [`  instead  ${instead}`]),
    ...(ofDevice ? ["Device:", ...passportLines(passport, showSecrets)] : []),
    ...(board && patch.length > 0
      ? [
          `  yaml     a build for board ${board.board} needs below "esphome: platformio_options:"`,
          ...patch.map((option) => `             ${option}`),
        ]
      : []),
  ];
  output.result(lines, {
    command: "inspect",
    file: identity,
    image: plainImage(image),
    ...(ofDevice && { passport: plainPassport(passport, showSecrets), patch }),
  });
}

function whyNot({ code, context: { detail, expected, actual } }: Refusal): string {
  const facts = [
    detail && english(detail),
    expected && `expected ${english(expected)}`,
    actual && `got ${english(actual)}`,
  ].filter((fact) => fact !== undefined && fact !== "");
  return `no [${code}]${facts.length === 0 ? "" : `: ${facts.join(", ")}`}`;
}

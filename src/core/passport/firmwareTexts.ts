/**
 * Which firmware an application is, by the texts in it. Sources: docs/formats.md ("Firmware by its texts"): LibreTiny's banner,
 * ESPHome's line of its version, OpenBeken's line of its build, Tuya's lines of SDK, build and program.
 */
export type FirmwareKind = "esphome" | "libretiny" | "openbeken" | "tuya" | "unknown";

export interface FirmwareTexts {
  readonly kind: FirmwareKind;
  /** The program, project or board it was built for. */
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly board: string | undefined;
  /** As the firmware writes it. */
  readonly built: string | undefined;
  /** Version of LibreTiny or of Tuya's SDK. */
  readonly framework: string | undefined;
  /** The text that tells. */
  readonly evidence: string | undefined;
}

const DATE = /[A-Z][a-z]{2} [ \d]\d \d{4},? \d\d:\d\d:\d\d/.source;

/** A pattern with the place of a compiler's date filled in. */
function dated({ source }: RegExp): RegExp {
  return new RegExp(source.replace("DATE", DATE));
}

const BANNER = dated(/LibreTiny v([\w.+-]{1,20}) on ([a-z0-9-]{2,40}), compiled at (DATE)/);
const BANNER_WITHOUT_DATE = /LibreTiny v([\w.+-]{1,20}) on ([a-z0-9-]{2,40}), compiled/;
const ESPHOME = /ESPHome version (\d{4}\.\d{1,2}\.[\w.-]{1,20})/;
const PROJECT = /Project ([\w.-]{1,40}) version ([\w.-]{1,30})/;
const NODE_NAME = dated(/(?<=\0)([a-z][a-z0-9-]{1,30})\0+(?:[^\0]{1,60}\0+)?DATE\0/);
const OPENBEKEN_BUILD = dated(/Built on (DATE) version ([\w.+-]{1,40})/);
const OPENBEKEN_NAME = /Open(BK\d{4}[A-Z]{0,2}|BL2028N)(?![A-Za-z0-9_])/;
const OPENBEKEN_BANNER = /Open(?:BK\d{4}[A-Z]{0,2}|BL2028N), version (\d[\w.]{1,30})/;
const TUYA_SDK = /TUYA IOT SDK V:([\w.]{1,20})/;
const TUYA_BUILD = /BUILD AT:(\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d)/;
const TUYA_COMPILED = dated(/(?:firmware )?compiled at:? ?(DATE)/);
const TUYA_PROGRAM =
  /(?<![a-z0-9_])((?:oem_)?bk7\d{3}[a-z]{0,2}_[a-z0-9_]{3,60})(?:[:\0]{1,8}(\d{1,3}\.\d{1,3}\.\d{1,3})(?![\w.]))?/g;
/** Where a name as this stands beside no version, it may be a file of the SDK. */
const TUYA_SDK_FILE = /(?:_(?:sdk|lib|adapt|hal|driver|soc|os)|\.[ch])$/;

const NOTHING = { name: undefined, version: undefined, board: undefined, built: undefined, framework: undefined };

/** @param text the application as the processor sees it, one character for each byte */
export function firmwareOf(text: string): FirmwareTexts {
  return libreTiny(text) ?? openBeken(text) ?? tuya(text) ?? { ...NOTHING, kind: "unknown", evidence: undefined };
}

function libreTiny(text: string): FirmwareTexts | undefined {
  const banner = BANNER.exec(text) ?? BANNER_WITHOUT_DATE.exec(text);
  const esphome = ESPHOME.exec(text);
  if (banner === null && esphome === null) return undefined;
  const project = PROJECT.exec(text);
  return {
    kind: esphome || /esphome/.test(text) ? "esphome" : "libretiny",
    name: project?.[1] ?? nodeName(text),
    version: esphome?.[1] ?? (esphome ? undefined : banner?.[1]),
    board: banner?.[2],
    built: banner?.[3],
    framework: banner?.[1],
    evidence: (banner ?? esphome)?.[0],
  };
}

/** ESPHome's setup hands over the node's name, its friendly name and the time of the build, which lie side by side. */
function nodeName(text: string): string | undefined {
  return NODE_NAME.exec(text)?.[1];
}

function openBeken(text: string): FirmwareTexts | undefined {
  const build = OPENBEKEN_BUILD.exec(text);
  const name = OPENBEKEN_NAME.exec(text);
  if (name === null) return undefined;
  const banner = OPENBEKEN_BANNER.exec(text);
  return {
    ...NOTHING,
    kind: "openbeken",
    name: name[0],
    version: build?.[2] ?? banner?.[1],
    built: build?.[1],
    evidence: name[0],
  };
}

function tuya(text: string): FirmwareTexts | undefined {
  const sdk = TUYA_SDK.exec(text);
  const programs = [...text.matchAll(TUYA_PROGRAM)].filter(
    ([, name, version]) => version !== undefined || !TUYA_SDK_FILE.test(name ?? ""),
  );
  const program =
    programs.find(([, , version]) => version !== undefined) ??
    programs.find(([, name]) => name?.startsWith("oem_")) ??
    programs.find(([, name]) => /common/.test(name ?? "")) ??
    (sdk ? programs[0] : undefined);
  if (sdk === null && program === undefined) return undefined;
  return {
    ...NOTHING,
    kind: "tuya",
    name: program?.[1],
    version: program?.[2],
    built: TUYA_BUILD.exec(text)?.[1] ?? TUYA_COMPILED.exec(text)?.[1],
    framework: sdk?.[1],
    evidence: sdk?.[0] ?? program?.[1],
  };
}

/**
 * Failures as people read them: the core's advice in the editor's language, what was seen, and which buttons help.
 * A new error code does not compile without buttons. Never shows a stack: that is the log's.
 */
import { hexAddress, remedyFor, statusWords, type FlasherError, type FlasherErrorCode } from "../../core/index";
import type { ErrorAction, ErrorView } from "../../shared/jobState";
import { stepInEditor } from "./editorSteps";
import { say, t } from "./l10n";

const PORT: readonly ErrorAction[] = ["retry", "selectPort"];
const LINK: readonly ErrorAction[] = ["retry", "selectPort", "showLog"];
const WIRE: readonly ErrorAction[] = ["retry", "selectBaudRate", "showLog"];
const FILE: readonly ErrorAction[] = ["flashFile", "inspectImage"];
const REPORT: readonly ErrorAction[] = ["copyDiagnostics", "showLog", "retry"];

const ACTIONS: Readonly<Record<FlasherErrorCode, readonly ErrorAction[]>> = {
  "port-not-found": PORT,
  "port-busy": PORT,
  "port-permission": PORT,
  "port-invalid": ["selectPort", "addPort"],
  "host-unreachable": ["retry", "selectPort", "addPort"],
  "serial-driver-missing": ["addPort", "copyDiagnostics"],
  "no-link-silence": LINK,
  "no-link-noise": LINK,
  "no-link-echo": LINK,
  "port-lost": PORT,
  "reply-timeout": WIRE,
  "reply-invalid": WIRE,
  "chip-status": ["retry", "showLog"],
  "command-unsupported": ["showChipInfo", "showLog"],
  "baud-change-failed": ["selectBaudRate", "retry"],
  "chip-changed": ["retry", "showChipInfo"],
  "flash-unknown": ["showChipInfo", "copyDiagnostics"],
  "flash-dead": ["retry", "showLog"],
  "flash-protected": ["retry", "showLog"],
  "image-empty": FILE,
  "image-too-large": FILE,
  "image-corrupt": FILE,
  "image-name-mismatch": FILE,
  "image-wrong-chip": ["flashFile", "inspectImage", "showChipInfo"],
  "image-chip-unknown": ["retry", "inspectImage", "showChipInfo"],
  "image-wrong-key": ["flashFile", "inspectImage", "showChipInfo"],
  "image-wrong-offset": FILE,
  "image-needs-offset": FILE,
  "image-ota-only": FILE,
  "image-not-flashable": FILE,
  "image-foreign": FILE,
  "no-settings": FILE,
  "partition-not-found": FILE,
  "image-not-readable": FILE,
  "plan-out-of-range": ["showChipInfo"],
  "plan-overlap": FILE,
  "plan-touches-bootloader": FILE,
  "bootloader-not-confirmed": ["retry"],
  "plan-touches-calibration": ["showChipInfo"],
  "plan-would-not-start": ["bringBackBootCode", "flashFile", "showChipInfo"],
  "plan-misaligned": ["showLog"],
  "plan-empty": ["showLog"],
  "approval-missing": ["showLog"],
  "elf-unusable": ["showLog"],
  "manifest-invalid": ["showLog"],
  "ledger-unusable": ["showLog"],
  "backup-damaged": FILE,
  "backup-worthless": FILE,
  "backup-not-a-dump": FILE,
  "backup-refused": ["retry", "showLog"],
  "backup-unsound": ["retry", "inspectImage"],
  "backup-other-device": ["showChipInfo", "showLog"],
  "read-crc-mismatch": WIRE,
  "erase-failed": ["retry", "showLog"],
  "write-failed": WIRE,
  "verify-failed": WIRE,
  "stray-write": ["showLog", "copyDiagnostics"],
  "frame-refused": REPORT,
  "file-not-found": ["flashFile", "showLog"],
  "file-exists": ["retry"],
  "file-access": ["retry", "showLog"],
  "file-not-stored": ["retry", "showLog"],
  cancelled: ["retry"],
  internal: REPORT,
};

/**
 * @param known steps that name what is at hand; they come first
 * @param canRekey there is a button that flashes the file re-encrypted: the first step, as that button leads
 */
export function errorView(error: FlasherError, known: readonly string[] = [], canRekey = false): ErrorView {
  const { title, steps } = remedyFor(error, (sentence, ...values) => stepInEditor(sentence, values, canRekey) ?? "");
  return {
    code: error.code,
    title,
    compared: comparedText(error),
    evidence: evidence(error),
    steps: [...(canRekey ? [rekeyStep()] : []), ...known, ...steps.filter((step) => step !== "")],
    flash: error.flash,
    address: error.context.address,
    actions: ACTIONS[error.code].filter((action) => action !== "bringBackBootCode" || canBringBack(error)),
  };
}

function rekeyStep(): string {
  return t("Press Re-encrypt for This Chip: the same file is flashed, encrypted for this chip.");
}

function comparedText({ context: { expected, actual } }: FlasherError): string | undefined {
  if (expected === undefined || actual === undefined) return undefined;
  return t("Expected {0}, found {1}.", say(expected), say(actual));
}

/** Where boot code is what is missing, and can be written. */
function canBringBack({ context: { trouble, lifeline } }: FlasherError): boolean {
  return trouble === "boot-code" && lifeline !== true;
}

/** What was seen, one fact a line. */
function evidence({ code, context }: FlasherError): readonly string[] {
  const { expected, actual, bytesSeen, status, attempts, address, length, file, detail } = context;
  const lines: (string | undefined)[] = [
    file === undefined ? undefined : t("File: {0}", file),
    expected === undefined ? undefined : t("Expected: {0}", say(expected)),
    actual === undefined ? undefined : t("Found: {0}", say(actual)),
    address === undefined ? undefined : t("Address: {0}", hexAddress(address)),
    length === undefined ? undefined : t("Length: {0} bytes", length),
    bytesSeen === undefined ? undefined : t("Received on the wire: {0} bytes", bytesSeen),
    status === undefined ? undefined : t("Status of the chip's answer: {0}, {1}", status, say(statusWords(status))),
    attempts === undefined ? undefined : t("Attempts: {0}", attempts),
    // With a status it says the same.
    status === undefined && detail !== undefined ? say(detail) : undefined,
    t("Error code: {0}", code),
  ];
  return lines.filter((line) => line !== undefined);
}

/** What buttons say. */
export function actionLabel(action: ErrorAction): string {
  switch (action) {
    case "retry":
      return t("Try Again");
    case "rekey":
      return t("Re-encrypt for This Chip");
    case "selectPort":
      return t("Select Port");
    case "selectBaudRate":
      return t("Select Baud Rate");
    case "addPort":
      return t("Add Port");
    case "showLog":
      return t("Show Log");
    case "copyDiagnostics":
      return t("Copy Diagnostics");
    case "flashFile":
      return t("Choose Another File");
    case "flashLatestBuild":
      return t("Flash Latest Build");
    case "inspectImage":
      return t("Inspect File");
    case "showChipInfo":
      return t("Show Chip Info");
    case "bringBackBootCode":
      return t("Bring Back Boot Code");
  }
}

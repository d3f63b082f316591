/** Configurations out of a chip or a backup: copied, shown, put into a new file. Replaces no file. */
import * as vscode from "vscode";
import { canBeFlashed } from "../../archives/archive";
import { passportOf, type Passport, type Text } from "../../core/index";
import { deviceConfig, espHomeYaml, openBekenTemplate, type DeviceConfig } from "../../esphome/index";
import { chipYaml } from "../../shared/chipYaml";
import type { PortArgument } from "../platform/contributions";
import { assertCanCreate, createFile, exists, folderOf, nameOf, readFirmware } from "../platform/firmwareFiles";
import { copyLines } from "../platform/copyLines";
import { ask, inform, warn } from "../platform/shownMessages";
import { say, t } from "../text/l10n";
import { showError } from "../platform/showError";
import { portFor, run } from "./choosePort";
import { openArchived } from "./openArchived";
import { pickBackup } from "./pickBackup";
import type { Services } from "../services";

/** Board, key and calibration of the chip on a port, as ESPHome takes them; the chip is asked where it is not known yet. */
export async function copyEspHomeConfiguration(services: Services, argument?: PortArgument): Promise<void> {
  const port = await portFor(services, argument);
  if (port === undefined) return;
  if (services.jobs.chipOn(port.id) === undefined)
    await run<"info">(services, { port, title: t("Show chip info"), request: { kind: "info" } });
  const chip = services.jobs.chipOn(port.id);
  if (chip === undefined) return;
  const lines = chipYaml(chip);
  if (lines.length === 0) await warn(t("LibreTiny has no board for this chip."));
  else await copyLines(lines);
}

/** Told of the passport, which is then at hand for configurations in the editor. */
export type Remember = (passport: Passport) => void;

/** Opens the YAML beside whatever is in front; it is saved where the person says. */
export async function showConfiguration(
  services: Services,
  remember: Remember,
  uris: readonly vscode.Uri[],
): Promise<void> {
  const config = await configOf(services, remember, uris, t("Show Configuration"));
  if (config === undefined) return;
  const { yaml } = espHomeYaml(config, say);
  const document = await vscode.workspace.openTextDocument({ language: "yaml", content: yaml });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: false });
}

export async function copyOpenBekenTemplate(
  services: Services,
  remember: Remember,
  uris: readonly vscode.Uri[],
): Promise<void> {
  const config = await configOf(services, remember, uris, t("Copy OpenBeken Template"));
  if (config === undefined) return;
  await vscode.env.clipboard.writeText(`${JSON.stringify(openBekenTemplate(config).template, null, 2)}\n`);
  void inform(t("Copied. OpenBeken takes it on its page for templates: import it there, then check the pins."));
}

/** Writes the YAML into a new file, and says what `secrets.yaml` lacks for it. */
export async function createEspHomeProject(
  services: Services,
  remember: Remember,
  uris: readonly vscode.Uri[],
): Promise<void> {
  const title = t("Create ESPHome Project");
  const config = await configOf(services, remember, uris, title);
  if (config === undefined) return;
  const { yaml, name } = espHomeYaml(config, say);
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const place = await vscode.window.showSaveDialog({
    title,
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder.uri, `${name}.yaml`) }),
    saveLabel: t("Create"),
    filters: { [t("ESPHome configuration")]: ["yaml", "yml"] },
  });
  if (place === undefined) return;
  const bytes = new TextEncoder().encode(yaml);
  try {
    await assertCanCreate(place);
    await createFile(place, bytes);
  } catch (error) {
    await showError(error);
    return;
  }
  await vscode.window.showTextDocument(place, { preview: false });
  void tellCreated(place, bytes);
}

async function tellCreated(place: vscode.Uri, bytes: Uint8Array): Promise<void> {
  const secrets = vscode.Uri.joinPath(folderOf(place), "secrets.yaml");
  const lacking = await lackingIn(secrets);
  const undo = t("Undo");
  const open = t("Add Them");
  const created = t("Created: {0}", nameOf(place));
  const answer =
    lacking.length === 0
      ? await inform(created, undo)
      : await inform(t("{0}. secrets.yaml beside it still needs {1}.", created, lacking.join(", ")), open, undo);
  if (answer === undo) await undoCreation(place, bytes);
  else if (answer === open) await addSecrets(secrets, lacking);
}

const SECRETS = ["wifi_ssid", "wifi_password", "api_encryption_key", "ota_password"] as const;

async function textOf(uri: vscode.Uri): Promise<string> {
  return (await exists(uri)) ? new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)) : "";
}

/** Names of the secrets that the YAML asks for and the file does not have. */
async function lackingIn(secrets: vscode.Uri): Promise<readonly string[]> {
  const text = await textOf(secrets);
  return SECRETS.filter((name) => !new RegExp(`^["']?${name}["']?\\s*:`, "m").test(text));
}

/** Opens the file with the names at its end, to be filled in; nothing is saved. */
async function addSecrets(secrets: vscode.Uri, lacking: readonly string[]): Promise<void> {
  const isThere = await exists(secrets);
  const document = await vscode.workspace.openTextDocument(isThere ? secrets : secrets.with({ scheme: "untitled" }));
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  const text = document.getText();
  const lead = text === "" || text.endsWith("\n") ? "" : "\n";
  await editor.edit((edit) => edit.insert(document.positionAt(text.length), lead + lacking.map(secretLine).join("")));
}

/** ESPHome's key is 32 bytes in base64. */
function secretLine(name: string): string {
  const key =
    name === "api_encryption_key" ? btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)))) : "";
  return `${name}: "${key}"\n`;
}

/** Takes the file away again, as long as it is unchanged. */
async function undoCreation(place: vscode.Uri, bytes: Uint8Array): Promise<void> {
  const isOpen = vscode.workspace.textDocuments.find(
    ({ uri, isDirty }) => isDirty && uri.toString() === place.toString(),
  );
  const text = new TextDecoder().decode(bytes);
  if (isOpen || (await textOf(place)) !== text) {
    await warn(t("{0} was changed since and stays.", nameOf(place)));
    return;
  }
  // It is what was written here a moment ago, and made again by the same command; not every place has a trash.
  await vscode.workspace.fs.delete(place);
}

async function configOf(
  services: Services,
  remember: Remember,
  uris: readonly vscode.Uri[],
  title: string,
): Promise<DeviceConfig | undefined> {
  const passport = await passportIn(services, uris, title);
  if (passport === undefined) return undefined;
  remember(passport);
  const { none } = passport.settings;
  if (none && !(await goesOnWithoutPins(none.words))) return undefined;
  return deviceConfig(passport);
}

/** Board and key of the chip are worth something without pins, too. */
async function goesOnWithoutPins(why: Text): Promise<boolean> {
  const goOn = t("Go On Without Pins");
  const answer = await ask(
    false,
    t("There are no settings in it that tell the pins of the device."),
    t("{0} The configuration then has the board and the key of the chip, and no pins.", say(why)),
    goOn,
  );
  return answer === goOn;
}

/** The backup that is meant, or picked. */
export async function passportIn(
  services: Services,
  uris: readonly vscode.Uri[],
  title: string,
): Promise<Passport | undefined> {
  const uri = uris[0] ?? (await pickBackup(services, undefined, title));
  if (uri === undefined) return undefined;
  try {
    const file = await openArchived(await readFirmware(uri), canBeFlashed, title);
    return file && passportOf(file.bytes);
  } catch (error) {
    await showError(error);
    return undefined;
  }
}

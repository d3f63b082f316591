/** What in a dump is a person's own, and what of it contradicts. */
import { hexAddress } from "../base/bytes";
import { listed, words, type Words } from "../base/words";
import type { ChipSign } from "../beken/chips/types";
import { signWords } from "../beken/images/chipSigns";
import type { FoundSettings } from "./deviceSettings";
import { boardFor, chipOfModule } from "./modules";
import type { Seen } from "./seen";

/** Everything of a person's in the file, unused pages too. */
export function privateIn({ tuya, openBeken, preferences }: FoundSettings): Words[] {
  const found: Words[] = [];
  if (tuya) {
    const { stored, pairsInAllPages, elsewhere } = tuya.network;
    if (stored) found.push(words`name and password of a Wi-Fi network in Tuya's settings`);
    else if (pairsInAllPages > 0 || elsewhere)
      found.push(words`names and passwords of Wi-Fi networks in pages that Tuya's settings no longer use`);
    if (tuya.values.some(({ name }) => name === "gw_bi" || name === "gw_ai" || name === "gw_di"))
      found.push(words`the device's ids and keys for Tuya's cloud`);
  }
  const networks = openBeken ? [openBeken.network, openBeken.secondNetwork] : [];
  if (networks.some(({ name, password }) => name ?? password))
    found.push(words`name and password of a Wi-Fi network in OpenBeken's settings`);
  if (openBeken?.mqtt.password) found.push(words`the password of an MQTT server`);
  if (openBeken?.pagePassword) found.push(words`the password of OpenBeken's page`);
  if (preferences && preferences.names.length > 0)
    found.push(words`what ESPHome remembers, which can be name and password of a Wi-Fi network`);
  return found;
}

export function contradictionsIn(
  { boot, app, settings, wasShifted }: Seen,
  { module, signs, contradicts }: { module: string | undefined; signs: readonly ChipSign[]; contradicts: boolean },
): Words[] {
  const found: Words[] = [];
  if (contradicts) found.push(words`The signs of the chip contradict each other: ${signWords(signs)}.`);
  const [bootKind, appKind] = [boot?.key.kind, app?.key.kind];
  if (bootKind && appKind && bootKind !== "unknown" && appKind !== "unknown" && bootKind !== appKind)
    found.push(
      words`Boot code and application are encrypted with different keys: one of them does not run on this chip.`,
    );
  if (app?.verdict.verdict === "damaged") found.push(words`The application is damaged.`);
  const fromText = app?.firmware.version;
  const fromSettings = settings.tuya?.firmware.version;
  if (
    app?.firmware.kind === "tuya" &&
    fromText !== undefined &&
    fromSettings !== undefined &&
    fromText !== fromSettings
  )
    found.push(
      words`The application says version ${fromText}, the settings say ${fromSettings}: it was updated, or replaced.`,
    );
  if (app && app.firmware.kind !== "tuya" && app.firmware.kind !== "unknown" && settings.tuya)
    found.push(words`Tuya's settings are still there, but other firmware runs.`);
  const { tuya } = settings;
  if (tuya && tuya.damagedAt.length > 0)
    found.push(
      words`Tuya's settings have damaged sectors at ${listed(tuya.damagedAt.map(hexAddress))}: some values may be missing or older.`,
    );
  if (tuya && tuya.protectedDiffers.length > 0)
    found.push(words`The protected copy of the settings differs in ${listed(tuya.protectedDiffers)}.`);
  if (settings.openBeken?.sound === false)
    found.push(
      words`OpenBeken's settings are damaged: their checksum does not hold, and OpenBeken itself starts without them. Values in them may be wrong.`,
    );
  const unsound = (tuya?.values ?? []).filter(({ sound }) => !sound).map(({ name }) => name);
  if (unsound.length > 0) found.push(words`The sums of these settings do not hold: ${listed(unsound)}.`);
  if (module !== undefined && chipOfModule(module) === undefined && boardFor(module, undefined) === undefined)
    found.push(words`Module ${module} is in no table.`);
  if (wasShifted) found.push(words`The file begins with flash address 0x011000; it was put right.`);
  return found;
}

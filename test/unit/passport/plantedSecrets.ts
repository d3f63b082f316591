/** A dump with 25 secrets of its person's in it, each of them once or twice, in every place where such a thing stands. */
import { encodeStorage } from "./encoder";
import { openBekenSector } from "./openBekenSector";

export const SECRETS: readonly string[] = Array.from(
  { length: 25 },
  (_, i) => `Planted${i}Secret${(i * 7919 + 104_729).toString(36)}`,
);
const [
  uuid,
  psk,
  auth,
  apName,
  apPass,
  facPin,
  id,
  ssid,
  pass,
  token,
  regKey,
  key,
  lckey,
  url,
  ip,
  old,
  oldPass,
  pwsd,
  beacon,
  seed,
  hid,
  net,
  netPass,
  mqtt,
  mqttPass,
] = SECRETS as [string, ...string[]];
/** Only in a page that the settings no longer use: warned of, and shown to nobody. */
export const IN_OLD_PAGE = oldPass;

/** The end of a flash with Tuya's settings, and OpenBeken's sector before them. 2 MiB. */
export function plantedDump(): Uint8Array {
  const { bytes } = encodeStorage({
    magic: 0x135726ab,
    values: {
      gw_bi: JSON.stringify({
        uuid,
        psk_key: psk,
        auth_key: auth,
        ap_ssid: apName,
        ap_passwd: apPass,
        fac_pin: facPin,
        bt_hid: hid,
      }),
      gw_di: JSON.stringify({ id, swv: "1.2.3", pk: "keyproduct000001" }),
      gw_wsm: JSON.stringify({ nc_tp: 0, ssid, passwd: pass, token, reg_key: regKey }),
      gw_ai: JSON.stringify({ key, lckey, h_url: url, h_ip: ip }),
      wf_pt: JSON.stringify({ ap_item: [{ ssid: old, pwsd }] }),
      ble_beaconkey: beacon ?? "",
      tuya_seed: seed ?? "",
      user_param_key: "{rl1_pin:26,rl1_lv:1,bt1_pin:10,bt1_lv:0,module:CB2S,crc:5,}",
    },
    stale: { 0: { gw_wsm: JSON.stringify({ nc_tp: 0, ssid: old, passwd: oldPass }) } },
  });
  const texts = { 0x14: net ?? "", 0x54: netPass ?? "", 0x94: mqtt ?? "", 0x214: mqttPass ?? "" };
  const flash = new Uint8Array(0x200000).fill(0xff);
  flash.set(openBekenSector({ version: 4, texts }), 0x1d1000);
  flash.set(bytes, 0x1ee000);
  return flash;
}

/** What devices print of them, and what programs do, a line each. */
export function plantedLog(): readonly string[] {
  return [
    `[N]mqtt_client.c:201 mqtt login user ${key} password ${mqttPass}`,
    `{"ssid":"${ssid}","passwd":"${pass}","token":"${token}"}`,
    `wifi ssid: ${old} password: ${pwsd}`,
    `WiFi: connecting to SSID "${net}" with password "${netPass}"`,
    `uuid=${uuid} auth_key=${auth} psk_key=${psk}`,
    `local_key: ${lckey}`,
    `secret=${beacon} token=${regKey}`,
  ];
}

/** Those that {@link plantedLog} has. */
export const LOGGED: readonly string[] = SECRETS.filter((secret) => plantedLog().some((line) => line.includes(secret)));

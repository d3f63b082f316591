/** A whole flash of a Tuya plug, with a network in a page that its settings no longer use. */
import { TUYA_KEY, appInFlash, bootCodeInFlash, flashOf, tableWithDownloadAt } from "../images/flashes";
import { encodeStorage } from "./encoder";

/** What Tuya's program says of the kit it was made with. */
export const SDK = "< TUYA IOT SDK V:2.3.1 BS:40.00_PT:2.2_LAN:3.3_CAD:1.0.3_CD:1.0.0 >";
/** Its settings, with a network in a page they no longer use. */
export const STORAGE = encodeStorage({
  values: {
    gw_di: '{"id":"vdevid1234567890ab","swv":"1.1.12","pk":"keyproduct000001"}',
    gw_wsm: '{"nc_tp":0,"ssid":null,"passwd":null}',
    user_param_key: "{rl1_pin:26,rl1_lv:1,module:CB2S,crc:5,}",
  },
  stale: { 0: { gw_wsm: '{"nc_tp":0,"ssid":"FormerHome","passwd":"once upon"}' } },
  blocks: 16,
});

/** From address 0, 2 MiB. @param downloadAt by the boot code's table */
export function tuyaDump(downloadAt = 0x12a000): Uint8Array {
  const flash = flashOf({
    boot: bootCodeInFlash({
      key: TUYA_KEY,
      texts: ["BK7231N_1.0.1"],
      table: tableWithDownloadAt(downloadAt),
      constant: true,
    }),
    app: appInFlash({
      key: TUYA_KEY,
      texts: [SDK, "oem_bk7231n_plug", "1.1.12", "BUILD AT:2021_08_09_10_11_12 BY ci"],
    }),
    calibrationAt: 0x1d0000,
  });
  flash.fill(0xff, 0x1ed000);
  flash.set(STORAGE.bytes, 0x1ee000);
  return flash;
}

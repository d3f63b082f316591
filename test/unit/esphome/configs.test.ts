/** Configurations out of pin texts of every kind: the reference's invented ones, old and new formats, odd and hostile ones. */
import assert from "node:assert/strict";
import { passportOf } from "../../../src/core/passport/passport";
import { parsePinText } from "../../../src/core/passport/tuyaValues";
import { checkYaml, deviceConfig, espHomeYaml, openBekenTemplate } from "../../../src/esphome/index";
import { encodeStorage } from "../passport/encoder";
import { openBekenSector } from "../passport/openBekenSector";
import { tuyaDump } from "../passport/sampleDump";
import vectors from "../../fixtures/vectors/upk2esphome.json";

type Values = Readonly<Record<string, string>>;

function configOf(values: Values): ReturnType<typeof deviceConfig> {
  return deviceConfig(passportOf(encodeStorage({ values }).bytes));
}

const yamlOf = (pins: string, more: Values = {}): string =>
  espHomeYaml(configOf({ user_param_key: pins, ...more })).yaml;
const templateOf = (pins: string): ReturnType<typeof openBekenTemplate> =>
  openBekenTemplate(configOf({ user_param_key: pins }));

/** Every pin in a YAML with what stands beside it. */
function pinsIn(yaml: string): string[] {
  const found = [...yaml.matchAll(/(\w+): P(\d+)(?:\n +inverted: (true))?/g)];
  return found
    .map(
      ([, key = "", pin = "", inverted]) =>
        `${key === "number" ? "pin" : key.replace(/^.*_?pin$/, "pin")} ${pin} ${inverted ?? ""}`,
    )
    .sort();
}

const TEXTS = vectors.cases.flatMap(({ name, input, yaml, warnings, errors }) =>
  typeof input === "string" && yaml !== "" && errors.length === 0 && parsePinText(input)
    ? [{ name, input, yaml, warnings }]
    : [],
);

describe("configurations out of pin texts", () => {
  it("has every pin, with its level, that the reference's tool has", () => {
    assert.equal(TEXTS.length > 20, true);
    for (const { name, input, yaml } of TEXTS) {
      const ours = pinsIn(yamlOf(input));
      for (const pin of pinsIn(yaml))
        assert.equal(ours.includes(pin), true, `${name}: ${pin} not in ${ours.join(", ")}`);
    }
  });

  it("reads the old format, and storages of devices with another processor", () => {
    const old = vectors.cases.find(({ name }) => name === "old format");
    const yaml = yamlOf(JSON.stringify(old?.input));
    for (const pin of pinsIn(old?.yaml ?? "")) assert.equal(pinsIn(yaml).includes(pin), true, pin);
    const schema = [
      { mode: "ro", property: { type: "value", min: 0, max: 100, scale: 2, step: 1, unit: "kWh" }, id: 2, type: "obj" },
      { mode: "rw", property: { type: "value", min: 50, max: 350, scale: 1, step: 5, unit: "°C" }, id: 4, type: "obj" },
      { mode: "ro", property: { type: "bool" }, id: 5, type: "obj" },
      { mode: "rw", id: 6, type: "raw" },
    ];
    const { yaml: mcu } = espHomeYaml(
      configOf({
        baud_cfg: '{"baud":115200}',
        gw_di: '{"id":null,"s_id":"abc12345"}',
        abc12345: JSON.stringify(schema),
      }),
    );
    assert.match(mcu, /uart:\n {2}rx_pin: RX1\n {2}tx_pin: TX1\n {2}baud_rate: 115200\n\ntuya:\n/);
    assert.match(
      mcu,
      /sensor_datapoint: 2\n {4}unit_of_measurement: kWh\n {4}accuracy_decimals: 2\n {4}filters:\n {6}- multiply: 0.01/,
    );
    assert.match(
      mcu,
      /number_datapoint: 4\n {4}unit_of_measurement: °C\n {4}min_value: 5.0\n {4}max_value: 35.0\n {4}step: 0.5\n {4}multiply: 10/,
    );
    assert.match(mcu, /binary_sensor:\n {2}- platform: tuya\n {4}name: Datapoint 5/);
    assert.match(mcu, /no entity fits .*: 6\./);
  });

  it("has inverted roles right", () => {
    const { template } = templateOf(
      "{rl1_pin:6,rl1_lv:0,bt1_pin:7,bt1_lv:1,netled1_pin:8,netled1_lv:1,led1_pin:9,led1_lv:0,module:CB2S,crc:1,}",
    );
    assert.deepEqual(template.pins, { 6: "Rel_n;1", 7: "Btn_n;1", 8: "WifiLED", 9: "LED_n;1" });
    assert.deepEqual([template.chip, template.board, template.flags], ["BK7231N", "CB2S", "1024"]);
  });

  it("has the commands of LED drivers and the bridge of latching relays", () => {
    const bp = templateOf(
      "{iicscl:24,iicsda:26,iicr:0,iicg:1,iicb:2,iicc:4,iicw:3,drgbcur:14,dccur:20,dwcur:22,module:CB3L,crc:1,}",
    );
    assert.deepEqual(bp.commands, ["BP5758D_Current 14 22", "LED_Map 0 1 2 4 3"]);
    assert.equal(bp.template.command, "backlog BP5758D_Current 14 22; LED_Map 0 1 2 4 3");
    const turned = templateOf(
      "{iicscl:24,iicsda:26,iicr:1,iicg:2,iicb:0,iicc:3,iicw:4,cjccur:8,cjwcur:9,module:CB3L,crc:1,}",
    );
    assert.deepEqual(turned.commands, ["BP1658CJ_Current 8 9", "LED_Map 2 0 1 3 4"]);
    const latching = templateOf("{rl_on1_pin:24,rl_off1_pin:26,module:CB3S,crc:1,}").template.pins;
    assert.deepEqual(latching, { 24: "BridgeFWD;1", 26: "BridgeREV;1" });
  });

  it("offers no pins out of nothing, and says what is left", () => {
    const { yaml, remarks } = espHomeYaml(configOf({ user_param_key: "{module:CB2S,crc:3,}" }));
    assert.equal(
      remarks.some((remark) => remark.startsWith("Nothing was found")),
      true,
    );
    assert.deepEqual(pinsIn(yaml), []);
    assert.match(
      yamlOf("{buzzer_io:14,mist_pin:15,rl1_pin:6,module:CB2S,crc:3,}"),
      /Not translated: buzzer_io \(P14\), mist_pin \(P15\)/,
    );
  });

  it("keeps hostile texts out of the YAML's structure", () => {
    const yaml = yamlOf(
      JSON.stringify({
        rl1_pin: 6,
        module: "CB2S\nevil: 1",
        "x\nevil2: 1 #_pin": 7,
        rl2_pin: 99,
        bt1_pin: -1,
        rl3_pin: 2.5,
      }),
    );
    assert.doesNotMatch(yaml, /^evil/m);
    assert.deepEqual(pinsIn(yaml), ["pin 6 "]);
  });

  it("is what ESPHome's components take: each pin once, each name once, currents and counts within their bounds", () => {
    // ESPHome refuses a pin that two components use, and a name that two entities have.
    const shared = yamlOf(
      "{rl1_pin:26,rl1_lv:1,led1_pin:26,bt1_pin:10,bt_pin:11,key_pin:20,k1pin_pin:21,module:CBU,crc:1,}",
    );
    assert.deepEqual(pinsIn(shared), ["pin 10 true", "pin 11 true", "pin 20 true", "pin 21 true", "pin 26 "]);
    assert.match(shared, /Left out, as an earlier setting has the same pin: led1_pin \(P26\)\./);
    for (const ids of [shared.match(/(?<=id: )\w+/g), shared.match(/(?<=name: ).+/g)])
      assert.equal(new Set(ids).size, ids?.length);

    const light = (currents: string): string =>
      yamlOf(`{iicscl:8,iicsda:26,iicr:0,iicg:1,iicb:2,iicc:3,iicw:4,${currents},module:CB3L,crc:1,}`);
    assert.match(light("campere:70,wampere:33"), /rgb_current: ..mA\n {2}cw_current: 30mA|rgb_current: 45mA/);
    assert.match(light("campere:70,wampere:33"), /rgb_current: 45mA\n {2}cw_current: 30mA/);
    assert.match(light("campere:70,wampere:33"), /current of 70 .* 45 was taken/);
    assert.match(light("2235ccur:40,2235wcur:3"), /max_power_color_channels: 15\n {2}max_power_white_channels: 3/);
    assert.match(light("drgbcur:14,dccur:200,dwcur:22"), /current: 90/);
    assert.doesNotMatch(light("2235ccur:4,2235wcur:3"), /was taken/);

    assert.match(yamlOf("{mosi:16,LedNum:400,module:CBU,crc:1,}"), /num_leds: 165/);
    assert.doesNotMatch(yamlOf("{r_pin:6,pwmhz:0,module:CBU,crc:1,}"), /frequency/);
    assert.match(yamlOf("{rl_on1_pin:24,rl_off1_pin:26,rl1_drvtime:0,module:CB3S,crc:1,}"), /pulse_length: 100ms/);
  });

  it("is for the general board where a pin is used that the module's own does not lead out", () => {
    const yaml = yamlOf("{rl1_pin:9,rl1_lv:1,module:CB2S,crc:1,}");
    assert.match(yaml, /\nbk72xx:\n {2}board: generic-bk7231n-qfn32-tuya\n/);
    assert.match(yaml, /general one for this chip: the device uses pins that cb2s does not lead out/);
    assert.deepEqual(checkYaml(yaml), []);
    assert.match(yamlOf("{rl1_pin:26,rl1_lv:1,module:CB2S,crc:1,}"), /board: cb2s\n/);
    const nowhere = yamlOf("{rl1_pin:27,rl2_pin:26,module:CB2S,crc:1,}");
    assert.match(nowhere, /Not translated: rl1_pin \(P27\)/);
    assert.deepEqual(pinsIn(nowhere), ["pin 26 "]);
  });

  it("has the options with which this boot code unpacks updates, where the board's own do not fit", () => {
    const yamlFor = (downloadAt: number): string => espHomeYaml(deviceConfig(passportOf(tuyaDump(downloadAt)))).yaml;
    assert.doesNotMatch(yamlFor(0x12a000), /platformio_options/);
    const moved = yamlFor(0x122000);
    assert.match(
      moved,
      /platformio_options:\n {4}board_flash.app: 0x11000\+0x111000\n {4}board_flash.download: 0x122000\+0xA6000\n/,
    );
    assert.doesNotMatch(moved, /Updates over the air will not work/);
    assert.deepEqual(checkYaml(moved), []);
  });

  it("has no entity for datapoints that ESPHome cannot count or choose among, and bounds that it takes", () => {
    const schema = [
      { mode: "rw", property: { type: "enum", range: [] }, id: 1, type: "obj" },
      { mode: "rw", property: { type: "bool" }, id: 300, type: "obj" },
      { mode: "rw", property: { type: "value", min: 5, max: 5, scale: 0, step: -1 }, id: 2, type: "obj" },
    ];
    const values = {
      baud_cfg: '{"baud":1.5}',
      gw_di: '{"id":null,"s_id":"abc12345"}',
      abc12345: JSON.stringify(schema),
    };
    const { yaml } = espHomeYaml(configOf(values));
    assert.match(yaml, /no entity fits .*: 1, 300\./);
    assert.match(yaml, /min_value: 5\n {4}max_value: 6\n {4}step: 1\n/);
    assert.match(yaml, /baud_rate: 9600/);
  });

  it("is the same text each time, with one key for each", () => {
    const pins = "{rl1_pin:26,r_pin:6,g_pin:7,b_pin:8,key_pin:9,ir:20,module:CB2S,crc:3,}";
    assert.equal(yamlOf(pins), yamlOf(pins));
    const keys = yamlOf(pins)
      .split("\n")
      .filter((line) => /^\w+:/.test(line));
    assert.equal(new Set(keys).size, keys.length);
  });

  it("makes the same of OpenBeken's settings", () => {
    const sector = openBekenSector({
      version: 4,
      pins: { 26: [1, 1], 11: [3, 1], 8: [9, 0] },
      texts: { 0x14: "HomeNetwork" },
    });
    const device = deviceConfig(passportOf(sector));
    assert.deepEqual(openBekenTemplate(device).template.pins, { 8: "WifiLED_n", 11: "Btn;1", 26: "Rel;1" });
    assert.deepEqual(pinsIn(espHomeYaml(device).yaml), ["pin 11 true", "pin 26 ", "pin 8 true"]);
    assert.equal(JSON.stringify(device).includes("HomeNetwork"), false);
  });
});

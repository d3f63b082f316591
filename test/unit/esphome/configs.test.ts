/** Configurations out of pin texts of every kind: the reference's invented ones, old and new formats, odd and hostile ones. */
import assert from "node:assert/strict";
import { passportOf } from "../../../src/core/passport/passport";
import { parsePinText } from "../../../src/core/passport/tuyaValues";
import { deviceConfig, espHomeYaml, openBekenTemplate } from "../../../src/esphome/index";
import { encodeStorage } from "../passport/encoder";
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

  it("is the same text each time, with one key for each", () => {
    const pins = "{rl1_pin:26,r_pin:6,g_pin:7,b_pin:8,key_pin:9,ir:20,module:CB2S,crc:3,}";
    assert.equal(yamlOf(pins), yamlOf(pins));
    const keys = yamlOf(pins)
      .split("\n")
      .filter((line) => /^\w+:/.test(line));
    assert.equal(new Set(keys).size, keys.length);
  });

  it("makes the same of OpenBeken's settings", () => {
    const sector = new Uint8Array(4096);
    sector.set([0x43, 0x46, 0x47, 0, 4]);
    const set = (pin: number, role: number, channel: number): void => {
      sector[0x33e + pin] = role;
      sector[0x35e + pin] = channel;
    };
    set(26, 1, 1);
    set(11, 3, 1);
    set(8, 9, 0);
    sector.set(new TextEncoder().encode("HomeNetwork"), 0x14);
    const device = deviceConfig(passportOf(sector));
    assert.deepEqual(openBekenTemplate(device).template.pins, { 8: "WifiLED_n", 11: "Btn;1", 26: "Rel;1" });
    assert.deepEqual(pinsIn(espHomeYaml(device).yaml), ["pin 11 true", "pin 26 ", "pin 8 true"]);
    assert.equal(JSON.stringify(device).includes("HomeNetwork"), false);
  });
});

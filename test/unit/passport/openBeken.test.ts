/** OpenBeken's settings: every version, checked by their checksum; what is a person's in them is hidden. */
import assert from "node:assert/strict";
import { english } from "../../../src/core/base/words";
import { signedCrc8 } from "../../../src/core/passport/openBekenSettings";
import { passportOf } from "../../../src/core/passport/passport";
import { plainOf } from "../../../src/core/passport/plain";
import { deviceConfig, espHomeYaml, openBekenTemplate } from "../../../src/esphome/index";
import { openBekenSector } from "./openBekenSector";

const PINS = { 26: [1, 1], 11: [3, 1], 8: [9, 0], 24: [49, 2, 3] } as const;
const saysDamaged = (bytes: Uint8Array): boolean =>
  passportOf(bytes).contradictions.some((words) => english(words).includes("checksum does not hold"));

describe("OpenBeken's settings", () => {
  it("have a checksum whose register is a signed byte", () => {
    // Worked out by hand, bit by bit; with a register without sign the last one would be 5E.
    assert.equal(signedCrc8(Uint8Array.of(0x80)), 0x8c);
    assert.equal(signedCrc8(Uint8Array.of(0)), 0);
    assert.equal(signedCrc8(Uint8Array.of(1)), 0x30);
  });

  it("are sound in every version, and damaged with one bit turned", () => {
    for (const version of [2, 3, 4, 5]) {
      const sector = openBekenSector({ version, pins: PINS });
      assert.equal(passportOf(sector).settings.openBeken?.sound, true, `version ${version}`);
      assert.equal(saysDamaged(sector), false);
      for (const at of [8, 0x340, version > 3 ? 3583 : 2015]) {
        const damaged = sector.slice();
        damaged[at] = (damaged[at] as number) ^ 0x10;
        assert.equal(saysDamaged(damaged), true, `version ${version}, byte ${at}`);
      }
    }
    // Behind the settings there is nothing of theirs; and how version 1 was summed up is not known.
    const rest = openBekenSector({ pins: PINS });
    rest[4000] = 0;
    assert.equal(saysDamaged(rest), false);
    assert.equal(passportOf(openBekenSector({ version: 1, pins: PINS })).settings.openBeken?.sound, undefined);
  });

  it("say so in the configuration they are made into, and are a reason for none where nothing is left of them", () => {
    const damaged = openBekenSector({ pins: PINS });
    damaged[9] = 0x55;
    assert.match(espHomeYaml(deviceConfig(passportOf(damaged))).yaml, /settings with the pins are damaged/);
    assert.doesNotMatch(
      espHomeYaml(deviceConfig(passportOf(openBekenSector({ pins: PINS })))).yaml,
      /settings with the pins are damaged/,
    );
    const empty = openBekenSector();
    assert.equal(passportOf(empty).settings.none?.code, "openbeken-without-pins");
    empty[9] = 0x55;
    assert.equal(passportOf(empty).settings.none?.code, "openbeken-config-damaged");
  });

  it("become a template with every role, channel, flag and the command they have", () => {
    const pins = { ...PINS, 7: [46, 4, 5], 20: [7, 3], 9: [250, 1] } as const;
    const texts = { 0x5e0: "backlog startDriver NTP; startDriver Battery" };
    const { template } = openBekenTemplate(
      deviceConfig(passportOf(openBekenSector({ pins, texts, flags: [10, 21, 40] }))),
    );
    assert.deepEqual(template.pins, {
      7: "CHT8305_SDA;4;5",
      8: "WifiLED_n",
      11: "Btn;1",
      20: "PWM;3",
      24: "SHT3X_SCK;2;3",
      26: "Rel;1",
    });
    assert.equal(template.flags, String(2 ** 10 + 2 ** 21 + 2 ** 40));
    assert.equal(template.command, texts[0x5e0]);
  });

  it("hide both networks, the server, the page's password, names with the MAC address, and commands with a password", () => {
    const secrets = {
      0x14: "HomeNetwork",
      0x54: "home-password",
      0x94: "mqtt.private.example",
      0x194: "obk8A1B2C3D",
      0x1d4: "mqtt-user-name",
      0x214: "mqtt-password",
      0x2de: "obkF00DF00D",
      0x2fe: "OpenBK7231N_F00DF00D",
      0x5e0: "backlog SSID1 OtherNetwork; Password1 other-password",
      0xc00: "SecondNetwork",
      0xc40: "second-password",
      0xc84: "page-password",
    };
    const passport = passportOf(openBekenSector({ pins: PINS, texts: secrets }));
    const device = deviceConfig(passport);
    const shown = [
      JSON.stringify(plainOf(passport, false)),
      espHomeYaml(device).yaml,
      JSON.stringify(openBekenTemplate(device)),
    ].join("\n");
    for (const secret of Object.values(secrets)) assert.equal(shown.includes(secret), false, secret);
    assert.match(shown, /password of OpenBeken's page/);
    const asked = JSON.stringify(plainOf(passport, true));
    for (const secret of Object.values(secrets)) assert.equal(asked.includes(secret), true, secret);
  });
});

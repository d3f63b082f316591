/** Configurations of fourteen real devices: components, roles, commands as expected, and the YAML word for word as it was read by a person. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { passportOf } from "../../../src/core/passport/passport";
import { deviceConfig, espHomeYaml, openBekenTemplate } from "../../../src/esphome/index";
import { realStorages, vectors } from "../passport/reference";

const GOLDEN = join("test", "fixtures", "esphome");

describe("configurations of real devices", () => {
  before(function () {
    if (vectors === undefined) this.skip();
  });

  it("has the board, the pins and the commands of OpenBeken's template", () => {
    for (const { device, bytes } of realStorages()) {
      const passport = passportOf(bytes);
      assert.equal(passport.board?.board, device.board, device.name);
      assert.equal(passport.chip, device.chip.toLowerCase(), device.name);
      const config = deviceConfig(passport);
      const { template, commands, flags } = openBekenTemplate(config);
      const { pins, commands: wanted, flags: bits } = device.expected.openbeken;
      assert.deepEqual({ pins: template.pins, commands, flags }, { pins, commands: wanted, flags: bits }, device.name);
      assert.deepEqual(
        config.wiring.unused.map(({ key }) => key).sort(),
        [...device.expected.unmapped_keys].sort(),
        device.name,
      );
    }
  });

  it("has the pins with the levels that the reference reads", () => {
    for (const { device, bytes } of realStorages()) {
      const yaml = espHomeYaml(deviceConfig(passportOf(bytes))).yaml;
      for (const { pin, use, active } of device.pins) {
        if (/unused|microphone|power control|LED driver|meter/.test(use)) continue;
        const at = new RegExp(String.raw`(?:pin|number): P${pin}\n( *inverted: true)?`).exec(yaml);
        assert.notEqual(at, null, `${device.name} P${pin}`);
        if (active !== undefined) assert.equal(at?.[1] !== undefined, active === 0, `${device.name} P${pin}`);
      }
    }
  });

  it("has an entity for every datapoint that ESPHome has one for", () => {
    for (const { device, bytes } of realStorages()) {
      if (!device.tuyamcu) continue;
      const yaml = espHomeYaml(deviceConfig(passportOf(bytes))).yaml;
      assert.match(yaml, new RegExp(`baud_rate: ${device.tuyamcu.baud}\n`));
      assert.match(yaml, /\ntuya:\n/);
      for (const { id, esphome } of device.datapoints?.list ?? []) {
        const keys = yaml.split("\n").filter((line) => new RegExp(`_datapoint: ${id}$`).test(line));
        assert.equal(keys.length, (esphome ?? null) === null ? 0 : 1, `${device.name} ${id}`);
      }
    }
  });

  it("is the YAML that was reviewed, word for word", () => {
    for (const { device, bytes } of realStorages()) {
      const path = join(GOLDEN, `${device.name}.yaml`);
      const { yaml } = espHomeYaml(deviceConfig(passportOf(bytes)));
      if (process.env.GOLDEN === "write") writeFileSync(path, yaml);
      assert.equal(yaml, readFileSync(path, "utf8"), device.name);
    }
  });
});

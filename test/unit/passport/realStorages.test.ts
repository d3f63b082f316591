/** Settings of fourteen real devices, identities replaced: every value, and what is said of the device. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readEntries } from "../../../src/core/passport/tuyaEntries";
import { findBlocks, findKeyBlocks } from "../../../src/core/passport/tuyaSearch";
import { revealAll } from "../../../src/core/passport/tuyaSecrets";
import { readTuyaSettings, type TuyaSettings } from "../../../src/core/passport/tuyaSettings";
import { realStorages, vectors } from "./reference";

function settingsOf(bytes: Uint8Array): TuyaSettings {
  const settings = readTuyaSettings(bytes);
  assert.equal("kind" in settings, true, JSON.stringify(settings));
  return settings as TuyaSettings;
}

describe("settings of real devices", () => {
  before(function () {
    if (vectors === undefined) this.skip();
  });

  it("has every key of every storage, byte for byte, and none that is no longer in use", () => {
    const storages = realStorages();
    assert.equal(storages.length, 14);
    for (const { device, bytes } of storages) {
      const run = findBlocks(bytes, findKeyBlocks(bytes));
      const entries = readEntries(run?.blocks ?? []);
      assert.deepEqual(
        entries.map(({ name }) => name),
        [...device.key_names].sort(),
        device.name,
      );
      for (const { name, raw, sound, block, indexPage } of entries) {
        const expected = device.keys[name];
        assert.equal(createHash("sha256").update(raw).digest("hex"), expected?.sha256, `${device.name} ${name}`);
        assert.deepEqual(
          [raw.length, block, indexPage, sound],
          [expected?.length, expected?.block, expected?.index_page, true],
        );
      }
    }
  });

  it("reads the values, with and without the rest of the flash", () => {
    for (const { device, bytes, dump } of realStorages()) {
      for (const file of [bytes, dump()]) {
        const settings = settingsOf(file);
        for (const { name, value } of settings.values) {
          const expected = device.keys[name]?.value;
          if (expected !== "see datapoints")
            assert.deepEqual(emptyAsNull(revealAll(value)), expected, `${device.name} ${name}`);
        }
      }
    }
  });

  it("says what the device is, whether it is paired, and how many networks its pages hold", () => {
    for (const { device, bytes } of realStorages()) {
      const { module, firmware, paired, network, tuyaMcu, datapoints, protectedAt, magic } = settingsOf(bytes);
      assert.deepEqual(
        {
          module: module ?? null,
          version: firmware.version ?? null,
          productKey: firmware.productKey ?? null,
          paired: paired ?? false,
          stored: network.stored,
          pairs: network.pairsInAllPages,
          link: tuyaMcu ? [tuyaMcu.key, tuyaMcu.baud] : null,
          guards: protectedAt.length,
          magic: magic.toString(16).toUpperCase(),
        },
        {
          module: device.module,
          version: device.firmware.version,
          productKey: device.firmware.product_key,
          paired: device.paired,
          stored: device.wifi.stored,
          pairs: device.wifi.name_and_password_pairs_in_all_pages,
          link: device.tuyamcu ? [device.tuyamcu.key, device.tuyamcu.baud] : null,
          guards: device.place.protected ? 1 : 0,
          magic: device.storage.magic,
        },
        device.name,
      );
      const points = device.datapoints?.list.map(withoutKind) ?? null;
      assert.deepEqual(datapoints ?? null, points, device.name);
    }
  });
});

/** The expected values write empty texts as null. */
function emptyAsNull(value: unknown): unknown {
  if (value === "") return null;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(emptyAsNull);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, emptyAsNull(inner)]));
}

/** A datapoint as the storage has it. */
function withoutKind(point: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(point).filter(([name]) => name !== "esphome"));
}

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { english } from "../../../src/core/base/words";
import { detectImage } from "../../../src/core/beken/images/detect";
import { firstSteps, type FirstSteps } from "../../../src/core/passport/firstSteps";
import { logWire, readLogSettings } from "../../../src/core/passport/logWire";
import { inBlocks } from "../../../src/simulator/flash/codeInFlash";

const BUILD = "examples/esphome/.esphome/build/bedroom-bulb/.pioenvs/bedroom-bulb/firmware.uf2";

/** An application with these texts in it, as it lies in flash without encryption. */
function stepsOf(...texts: readonly string[]): FirstSteps {
  const code = new Uint8Array(0x1000);
  code.set(new TextEncoder().encode(`\0${texts.join("\0")}\0`), 0x100);
  const data = inBlocks(code);
  const segments = [{ address: 0x11000, data, from: { template: "application", values: [] } }] as never;
  return firstSteps({ format: "crc-app", segments, key: { kind: "zero", coefficients: [0, 0, 0, 0] } }, "bk7231t");
}

const sentences = ({ see, adopt }: FirstSteps): string => [...see, ...adopt].map(english).join("\n");

describe("what comes after a flash", () => {
  it("a file that only LibreTiny writes is LibreTiny's, whatever can be read in it", () => {
    const image = detectImage(new Uint8Array(readFileSync(BUILD)), "firmware.uf2");
    assert.match(sentences(firstSteps(image, "bk7231t")), /the program you built/);
  });

  it("ESPHome by its name in the network, and Home Assistant", () => {
    const said = sentences(
      stepsOf(
        "LibreTiny v1.13.0 on generic-bk7231t-qfn32-tuya, compiled at Jan  1 2026 00:00:00",
        "ESPHome version 2026.8.0",
        "hall-plug",
        "Hall Plug",
        "Jan  1 2026, 00:00:00",
      ),
    );
    assert.match(said, /and is hall-plug\.local there/);
    const project = stepsOf("ESPHome version 2026.8.0", "Project me.bulb version 3");
    assert.doesNotMatch(sentences(project), /\.local/, "a project's name is not the device's");
    assert.match(said, /Home Assistant finds it/);
  });

  it("names the network that a device opens, where its texts have it", () => {
    const BANNER = "LibreTiny v1.13.0 on generic-bk7231t-qfn32-tuya, compiled at Jan  1 2026 00:00:00";
    const ESPHOME = "ESPHome version 2026.8.0";
    assert.match(
      sentences(stepsOf(BANNER, ESPHOME, "Hall Plug Fallback Hotspot")),
      /network Hall Plug Fallback Hotspot/,
    );
    assert.match(sentences(stepsOf(BANNER, ESPHOME)), /"ap:"/);
    const kickstart = stepsOf(BANNER, ESPHOME, "Project lt.kickstart version 1.0", "kickstart-bk7231t");
    assert.match(sentences(kickstart), /network kickstart-bk7231t: join it and open http:\/\/192\.168\.4\.1/);
    assert.match(sentences(stepsOf("OpenBK7231T, version 1.18.300")), /OpenBK7231T_XXXXXXXX/);
    assert.match(sentences(stepsOf(BANNER)), /the program you built/);
    assert.match(sentences(stepsOf("TUYA IOT SDK V:2.3.3")), /maker's app/);
    assert.equal(stepsOf("nothing that is known").adopt.length, 0);
  });
});

describe("which wire has the log", () => {
  it("UART2 unless the build says otherwise", () => {
    assert.deepEqual([logWire("bk7231t", undefined).uart, logWire(undefined, {}).baudRate], [2, 115_200]);
    assert.match(english(logWire("bk7231n", undefined).words[0] ?? ""), /TX2 \(P0\)/);
    assert.match(english(logWire("bk7231n", { uart: 1, baudRate: 9600 }).words[0] ?? ""), /TX1 \(P11\).*9600/);
  });

  it("what is on another wire besides", () => {
    assert.match(logWire("bk7238", undefined).words.map(english).join(" "), /boot code of this chip prints on TX1/);
    assert.equal(logWire("bk7238", { uart: 1 }).words.length, 1);
    assert.match(logWire("bk7231t", { baudRate: 0 }).words.map(english).join(" "), /switches the log off/);
  });

  it("read from the sources of a build", () => {
    const program = `logger_logger_id = new logger::Logger(9600, 512);
      logger_logger_id->set_uart_selection(logger::UART_SELECTION_UART1);`;
    assert.deepEqual(readLogSettings(program, ""), { uart: 1, baudRate: 9600 });
    assert.deepEqual(readLogSettings("", "build_flags = -DLT_UART_DEFAULT_PORT=1"), { uart: 1 });
    assert.deepEqual(readLogSettings("new logger::Logger(0, 512);", ""), { baudRate: 0 });
    assert.deepEqual(readLogSettings("UART_SELECTION_DEFAULT", "board = cb2s"), {});
  });
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { english } from "../../../src/core/base/words";
import { detectImage } from "../../../src/core/beken/images/detect";
import { firstSteps, type FirstSteps } from "../../../src/core/passport/firstSteps";
import { logWire, readLogSettings } from "../../../src/core/passport/logWire";
import { readOpenBekenSettings } from "../../../src/core/passport/openBekenSettings";
import { passportOf } from "../../../src/core/passport/passport";
import { summaryOf } from "../../../src/core/passport/summary";
import { inBlocks } from "../../../src/simulator/flash/codeInFlash";
import { openBekenSector } from "./openBekenSector";

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

describe("OpenBeken's start command", () => {
  const CASES: Readonly<Record<string, readonly [1 | 2, number?]>> = {
    "": [2],
    "backlog uartInit 115200; logPort 1": [1, 115_200],
    "BACKLOG UARTINIT 9600;LOGPORT 1;startDriver NTP": [1, 9_600],
    "logPort 1": [1],
    "startDriver TuyaMCU; uartInit 9600": [2],
    "logPort 1; logPort 2": [2],
    "addEventHandler OnClick 8 logPort 1": [2],
    "logPort 12": [2],
    "backlog\tMqttPassword x;\nlogPort  1 ": [1],
  };
  for (const [command, [uart, baudRate]] of Object.entries(CASES))
    it(`${JSON.stringify(command)}: UART${uart}`, () => {
      const { log } = readOpenBekenSettings(openBekenSector({ texts: { 0x5e0: command } }), 0);
      assert.deepEqual([log.uart, log.baudRate], [uart, baudRate]);
      assert.match(english(logWire("bk7231t", log).words[0] ?? ""), uart === 1 ? /start command/ : /TX2/);
    });

  it("counts where the settings are sound, and says whether OpenBeken runs", () => {
    const flash = new Uint8Array(0x200000).fill(0xff);
    const sector = openBekenSector({ texts: { 0x5e0: "logPort 1" } });
    flash.set(sector, 0x1e1000);
    assert.deepEqual(summaryOf(passportOf(flash)).openBekenLog, {
      settings: { saidBy: "openbeken", uart: 1 },
      runs: false,
    });
    flash[0x1e1000 + 0x20] = 1;
    assert.equal(summaryOf(passportOf(flash)).openBekenLog, undefined);
  });
});

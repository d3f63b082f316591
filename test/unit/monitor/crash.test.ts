import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { FlasherError } from "../../../src/core/base/errors";
import { judgeLog } from "../../../src/core/monitor/bootWatch";
import { wasThumb } from "../../../src/core/monitor/crashDump";
import { decodeCrash, isOfBuild } from "../../../src/core/monitor/decodeCrash";
import { readElf, symbolAt } from "../../../src/core/monitor/elfFile";
import { readableName } from "../../../src/core/monitor/symbolName";
import { lineAt } from "../../../src/core/monitor/lineTable";
import { BANNER, BOOT_T, LOGGER, bytesOf, esphome, trap } from "./logs";
import { buildElf } from "./elfBuilder";

const ELF = buildElf({
  functions: [
    { name: "read_sensor", address: 0x10020, size: 8 },
    { name: "app_loop", address: 0x10028, size: 12 },
    { name: "main_task", address: 0x10034, size: 8 },
  ],
  labels: [
    { name: "_vector_start", address: 0x10000 },
    { name: "$t", address: 0x10020 },
  ],
  rows: [
    { address: 0x10020, line: 16 },
    { address: 0x10024, line: 18 },
    { address: 0x10028, line: 26 },
    { address: 0x1002e, line: 29 },
    { address: 0x10034, line: 37 },
  ],
  lineEnd: 0x1003c,
  folder: "/build",
  file: "app.cpp",
  text: "Mar  4 2026\0 05:06:07\0",
});

function crashOf(log: string) {
  const { crash, firmware } = judgeLog(bytesOf(log));
  assert.notEqual(crash, undefined);
  return { crash: crash as NonNullable<typeof crash>, firmware };
}

describe("crash decoding", () => {
  it("reads the dump that LibreTiny prints: where, who called, which mode", () => {
    for (const [printed, kind] of [
      ["data abort", "data-abort"],
      ["prefetch abort", "prefetch-abort"],
      ["undefined instruction", "undefined-instruction"],
      ["not used", "unused-vector"],
    ] as const) {
      const { crash } = crashOf(BOOT_T + LOGGER + trap(printed, "0x00010024", "0x00010031"));
      assert.deepEqual([crash.kind, crash.pc, crash.caller, wasThumb(crash)], [kind, 0x10024, 0x10031, true]);
      assert.equal(crash.recorded, false);
    }
  });

  it("reads what is left of a dump that was cut", () => {
    const whole = trap("data abort", "0x00010024", "0x00010031");
    const { crash } = crashOf(whole.slice(whole.indexOf("Current"), whole.indexOf("SYS:")));
    assert.deepEqual([crash.kind, crash.pc, crash.caller], ["unknown", 0x10024, undefined]);
    assert.equal(judgeLog(bytesOf("data abort\n")).crash, undefined, "a name alone is no dump");
  });

  it("the caller is in the block of the mode that was interrupted", () => {
    for (const [spsr, caller] of [
      ["0x0000003f", 0x10031],
      ["0x60000030", 0x10031],
      ["0x6000009f", 0x10031],
      ["0x600000d2", 0x3f0fb4],
      ["0x00000091", 0xe862ac],
      ["0x00000093", 0x16e94],
      ["0x000000ff", 0x10031],
    ] as const) {
      const dump = trap("data abort", "0x00010024", "0x00010031").replace("0x0000003f", spsr);
      assert.equal(crashOf(BOOT_T + LOGGER + dump).crash.caller, caller, spsr);
    }
  });

  it("lines of other tasks, noise and lost lines make no wrong place: it is the right one, or none", () => {
    const dump = trap("undefined instruction", "0x00010024", "0x00010031").split("\n");
    const places = (printed: readonly string[]): readonly unknown[] => {
      const { crash } = judgeLog(bytesOf(BOOT_T + LOGGER + printed.join("\n") + BOOT_T));
      return [crash?.kind, crash?.pc, crash?.caller];
    };
    const right = ["undefined-instruction", 0x10024, 0x10031];
    for (let at = 0; at <= dump.length; at++) {
      for (const stray of ["[D][sensor:094]: 'T': Sending state 1", "rx cb", "\u0001\u0002\u0003"])
        assert.deepEqual(places(dump.toSpliced(at, 0, stray)), right, `${stray} before line ${at}`);
      const lost = places(dump.toSpliced(at, 1));
      lost.forEach((found, i) =>
        assert.ok([right[i], "unknown", undefined].includes(found as string), `line ${at}: ${lost.join()}`),
      );
    }
    assert.deepEqual(places(dump.map((line) => `\u0000${line}`)), right);
  });

  it("a line of a tool or another task before each of a dump changes nothing", () => {
    const dump = trap("data abort", "0x00010024", "0x00010031").split("\n");
    for (const stray of ["[D][sensor:094]: 'T': Sending state 1", "# RECV ASCII>", "rx cb", "12:00:00.123 -> rx"]) {
      const { crash } = crashOf(BOOT_T + LOGGER + dump.flatMap((line) => [stray, line]).join("\n"));
      assert.deepEqual([crash.kind, crash.pc, crash.caller], ["data-abort", 0x10024, 0x10031], stray);
    }
  });

  it("a log that begins in the middle of a dump has what is left of it", () => {
    const dump = trap("data abort", "0x00010024", "0x00010031").split("\n");
    const left = (first: string): readonly unknown[] => {
      const at = dump.findIndex((line) => line.startsWith(first));
      const { kind, crash } = judgeLog(bytesOf(dump.slice(at).join("\n")));
      return [kind, crash?.pc, crash?.caller];
    };
    for (const first of ["r00", "r04", "r08", "fp", "sp"])
      assert.deepEqual(left(first), ["crash", 0x10024, 0x10031], first);
    for (const first of ["separate", "SYS:"]) assert.deepEqual(left(first), ["crash", undefined, 0x10031], first);
    assert.deepEqual(left("IRQ:"), ["crash", undefined, undefined]);
  });

  it("reads the record that ESPHome may print at its next start", () => {
    const record = [
      "*** CRASH DETECTED ON PREVIOUS BOOT ***",
      "  Reason: Data abort",
      "  PC:  0x00010024  (fault location)",
      "  LR:  0x00010031  (return address)",
      "  SP:  0x0041CD20",
      "  BT0: 0x00010039  (stack scan)",
    ];
    const { crash } = crashOf(BANNER + record.map((text) => esphome("E", "bk72xx.crash:143", text)).join("") + LOGGER);
    assert.deepEqual(
      [crash.kind, crash.pc, crash.caller, crash.stack, crash.recorded],
      ["data-abort", 0x10024, 0x10031, [0x10039], true],
    );
  });

  it("names the places by function, file and line; a return address leads to its call", () => {
    const { crash, firmware } = crashOf(BANNER + trap("data abort", "0x00010024", "0x00010031"));
    assert.deepEqual(decodeCrash(crash, readElf(ELF), firmware), [
      { role: "fault", address: 0x10024, symbol: "read_sensor+0x4", source: { file: "/build/app.cpp", line: 18 } },
      { role: "caller", address: 0x10031, symbol: "app_loop+0x6", source: { file: "/build/app.cpp", line: 29 } },
    ]);
  });

  it("refuses the file of another build", () => {
    const { crash, firmware } = crashOf(
      BANNER.replace("05:06:07", "05:06:08") + trap("data abort", "0x00010024", "0x00010031"),
    );
    assert.throws(() => decodeCrash(crash, readElf(ELF), firmware), isUnusable);
  });

  it("a file is of the build by its build time in the banner's words, and its board; where the log shows none, nobody knows", () => {
    const built = (text: string): ReturnType<typeof readElf> =>
      readElf(buildElf({ functions: [], labels: [], rows: [], lineEnd: 0, folder: "", file: "", text }));
    const said = (log: string, text: string): boolean | undefined =>
      isOfBuild(built(text), judgeLog(bytesOf(log)).firmware);
    const banner = "LibreTiny v1.9.1 on generic-bk7231n-qfn32-tuya, compiled at Mar  4 2026 05:06:07";
    assert.equal(said(BANNER, banner), true);
    // A library was compiled at that very time, the application was not.
    assert.equal(said(BANNER, `${banner.replace("05:06:07", "05:06:08")}\0Mar  4 2026\x0005:06:07`), false);
    assert.equal(said(BANNER, banner.replace("generic-bk7231n-qfn32-tuya", "cb3s")), false);
    assert.equal(said(BANNER.replace("Mar  4", "Mar 4"), banner), true, "a page made one blank of two");
    const newest =
      "I [      0.000] LibreTiny v1.14.0 on cb3s, GCC\r\nI [      0.000] Compiled at Mar  4 2026 05:06:07\r\n";
    assert.equal(said(newest, "LibreTiny v1.14.0 on cb3s\0Compiled at Mar  4 2026 05:06:07"), true);
    assert.equal(said(newest, "LibreTiny v1.14.0 on cb3s\0Compiled at Mar 14 2026 05:06:07"), false);
    const told = (when: string): string => esphome("I", "app:158", `ESPHome version 2026.8.0 compiled on ${when}`);
    assert.equal(said(told("2026-08-20 10:00:00 +0000"), "2026-08-20 10:00:00 +0000"), true);
    assert.equal(said(told("2026-08-20 10:00:00 +0000"), "2026-08-20 10:00:01 +0000"), false);
    assert.equal(said(told("Mar  4 2026, 05:06:07"), "Mar  4 2026, 05:06:07"), true);
    assert.equal(said(told("Mar  4 2026, 05:06:07"), "Mar  4 2026, 05:06:09"), false);
    for (const log of [LOGGER, told("today"), BOOT_T]) assert.equal(said(log, banner), undefined, log);
  });

  it("what the linker left out, and labels without a size, name no place where no code of theirs is", () => {
    const leftOut = readElf(
      buildElf({
        functions: [{ name: "loop", address: 0x10028, size: 4 }],
        labels: [{ name: "handlers", address: 0x10020 }],
        rows: [
          { address: 0, line: 7 },
          { address: 4, line: 8 },
        ],
        lineEnd: 0x20000,
        folder: "/build",
        file: "unused.c",
        text: "",
      }),
    );
    assert.equal(lineAt(leftOut, 0), undefined, "a jump to 0");
    assert.equal(lineAt(leftOut, 0x10022), undefined, "code that another function's lines reach to");
    assert.deepEqual(
      [0x10022, 0x10028, 0x1002c, 0x1003e].map((address) => symbolAt(leftOut, address)),
      ["handlers+0x2", "loop", undefined, undefined],
    );
  });

  it("names of C++ are shown as people write them; what is not read for sure stays as it is", () => {
    for (const [symbol, shown] of [
      ["_ZN7esphome6sensor6Sensor13publish_stateEf+0x1a", "esphome::sensor::Sensor::publish_state+0x1a"],
      ["_ZNK7esphome9Component18get_setup_priorityEv", "esphome::Component::get_setup_priority"],
      ["_ZN7esphome4wifi13WiFiComponentC2Ev", "esphome::wifi::WiFiComponent::WiFiComponent"],
      ["_ZN7esphome4wifi13WiFiComponentD0Ev", "esphome::wifi::WiFiComponent::~WiFiComponent"],
      ["_ZN12_GLOBAL__N_14workEv", "(anonymous)::work"],
      ["_ZNSt6thread4joinEv", "std::thread::join"],
      ["_Z4loopv+0x4", "loop+0x4"],
      ["_ZL9read_oncei", "read_once"],
      ["_ZN7esphome5apply", "_ZN7esphome5apply"],
      ["_ZN99xE", "_ZN99xE"],
      ["_ZNE", "_ZNE"],
      ["_Z3maxIiET_S0_S0_", "_Z3maxIiET_S0_S0_"],
      ["_ZN3FooIiE3barEv", "_ZN3FooIiE3barEv"],
      ["bk_wlan_start+0x10", "bk_wlan_start+0x10"],
      ["memcpy", "memcpy"],
    ] as const)
      assert.equal(readableName(symbol), shown);
  });

  it("names that never end are cut: a file of many of them is read all the same", () => {
    const many = 20_000;
    const elf = readElf(
      buildElf({
        functions: [{ name: "x".repeat(1 << 20), address: 0x10020, size: 4 }],
        labels: Array.from({ length: many }, () => ({ name: "$t", address: 0x10020 })),
        rows: [],
        lineEnd: 0,
        folder: "",
        file: "",
        text: "",
      }),
    );
    assert.equal(symbolAt(elf, 0x10020)?.length, 4_096);
  });

  it("addresses between, before and behind functions have no name", () => {
    const elf = readElf(ELF);
    assert.deepEqual(
      [0x10000, 0x10020, 0x10025, 0x1003b, 0x1003c, 0x10040, 0x5000, 0x118700].map((address) => symbolAt(elf, address)),
      ["_vector_start", "read_sensor", "read_sensor+0x4", "main_task+0x6", undefined, undefined, undefined, undefined],
    );
    assert.equal(lineAt(elf, 0x5000), undefined);
    assert.equal(lineAt(elf, 0x1003c), undefined);
  });

  it("what is no ELF file of this processor is refused, damaged ones never hang or crash", () => {
    for (const bytes of [
      new Uint8Array(0),
      bytesOf("hello"),
      ELF.subarray(0, 51),
      ELF.subarray(0, 600),
      withByte(ELF, 18, 3),
      withByte(ELF, 4, 2),
    ])
      assert.throws(() => readElf(bytes), isUnusable);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(ELF.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.nat(0x20000),
        (edits, address) => {
          const damaged = Uint8Array.from(ELF);
          for (const [at, value] of edits) damaged[at] = value;
          try {
            const elf = readElf(damaged);
            symbolAt(elf, address);
            lineAt(elf, address);
          } catch (error) {
            assert.equal(isUnusable(error), true, String(error));
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

function isUnusable(error: unknown): boolean {
  return error instanceof FlasherError && error.code === "elf-unusable";
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const out = Uint8Array.from(bytes);
  out[at] = value;
  return out;
}

const VECTORS = join("..", "shared", "reference", "vectors", "crash");

interface Decoded {
  readonly symbols: readonly { readonly addr: string; readonly addr2line: string; readonly symbol: string | null }[];
}

describe("crash decoding, by the reference", () => {
  it("symbols and lines are those of nm and addr2line", function () {
    const root = [VECTORS, join("..", VECTORS)].find(existsSync);
    if (root === undefined) return this.skip();
    const elf = readElf(readFileSync(join(root, "crash.elf")));
    const { symbols } = JSON.parse(readFileSync(join(root, "decode.json"), "utf8")) as Decoded;
    for (const { addr, addr2line, symbol } of symbols) {
      assert.equal(symbolAt(elf, Number(addr)) ?? null, symbol, addr);
      const line = /:(\d+)$/.exec(addr2line)?.[1];
      assert.equal(String(lineAt(elf, Number(addr))?.line ?? 0), line, addr);
    }
    const { crash, firmware } = judgeLog(readFileSync(join(root, "libretiny-data-abort.log")));
    assert.deepEqual(crash && decodeCrash(crash, elf, firmware).map(({ symbol }) => symbol), [
      "read_sensor+0x4",
      "app_loop+0x6",
    ]);
  });
});

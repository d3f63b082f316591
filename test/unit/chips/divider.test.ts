import assert from "node:assert/strict";
import fc from "fast-check";
import baud from "../../fixtures/vectors/baud.json";
import captured from "../../fixtures/vectors/captured.json";
import { actualBaud, requestFor, usableRates, STANDARD_RATES } from "../../../src/core/beken/chips/divider";
import { PROFILES } from "../../../src/core/beken/chips/profiles";
import type { Divider } from "../../../src/core/beken/chips/types";

const KNOWN = ["ceil", "round", "floor"] as const satisfies readonly Divider[];
const COLUMNS: readonly [column: string, divider: Divider][] = [
  ["BK7231S/T", "round"],
  ["BK7231U", "round"],
  ["BK7252", "round"],
  ["BK7231Q", "ceil"],
  ["BootROM (bk_idk formula: floor(26e6/baud)-1)", "floor"],
];

describe("actual baud rate", () => {
  it("equals every row of the vectors", () => {
    let compared = 0;
    for (const row of baud.rows as unknown as readonly Record<string, number | { actual: number }>[]) {
      for (const [column, divider] of COLUMNS) {
        const cell = row[column];
        if (typeof cell !== "object") continue;
        assert.equal(actualBaud(divider, row.baud as number), cell.actual, `${column} ${row.baud as number}`);
        compared++;
      }
    }
    assert.equal(compared, 8 * COLUMNS.length + 1);
  });

  it("equals what captured loaders set", () => {
    const rules: Record<string, Divider> = {
      s103: "round",
      s105: "round",
      s106: "round",
      q: "ceil",
      u: "round",
      "7252": "round",
    };
    let compared = 0;
    for (const [name, loader] of Object.entries(captured.loaders)) {
      for (const exchange of loader.exchanges as readonly { step: string; actual_baud?: number }[]) {
        const asked = /^set baud (\d+)/.exec(exchange.step)?.[1];
        const divider = rules[name];
        if (exchange.actual_baud === undefined || asked === undefined || !divider) continue;
        assert.equal(actualBaud(divider, Number(asked)), exchange.actual_baud, `${name} ${asked}`);
        compared++;
      }
    }
    assert.ok(compared >= 50);
  });

  it("equals the divider fields read from running loaders, to both ends of the range", () => {
    const rates = [9600, 256000, 750000, 1300000, 2600000, 3250000, 4000000, 5200000, 6000000, 0];
    const ceil = [9594, 252427, 722222, 1238095, 2363636, 2888889, 3250000, 4333333, 4333333, 114537];
    const round = [9601, 254902, 742857, 1300000, 2600000, 3250000, 4333333, 5200000, 5200000, 115044];
    assert.deepEqual(
      rates.map((rate) => actualBaud("ceil", rate)),
      ceil,
    );
    assert.deepEqual(
      rates.map((rate) => actualBaud("round", rate)),
      round,
    );
    assert.equal(actualBaud("round", 1), Math.round(26e6 / 8192));
  });
});

describe("baud request", () => {
  it("makes family A hit what it would miss", () => {
    const table: [number, number][] = [
      [115_200, 115_044],
      [460_800, 464_286],
      [921_600, 928_571],
      [1_000_000, 1_000_000],
      [1_500_000, 1_529_412],
      [2_000_000, 2_000_000],
    ];
    for (const [wanted, actual] of table) {
      const found = requestFor("ceil", wanted);
      assert.equal(found.actual, actual, `${wanted}`);
      assert.equal(actualBaud("ceil", found.request), actual);
      assert.equal(found.host, wanted);
    }
    const examples: [number, number][] = [
      [115_600, 115_044],
      [475_000, 464_286],
      [970_000, 928_571],
      [1_050_000, 1_000_000],
      [1_650_000, 1_529_412],
      [2_200_000, 2_000_000],
    ];
    for (const [request, actual] of examples) assert.equal(actualBaud("ceil", request), actual);
  });

  it("asks for the rate itself where that is best", () => {
    for (const rate of [115_200, 230_400, 460_800, 921_600, 1_000_000, 2_000_000]) {
      assert.equal(requestFor("round", rate).request, rate);
    }
    assert.equal(requestFor("floor", 921_600).request, 921_600);
    assert.equal(requestFor("floor", 3_000_000).actual, 2_888_889);
  });

  it("is the best of all fields a request can reach", () => {
    for (const divider of KNOWN) {
      const reachable = [...new Set(Array.from({ length: 200_000 }, (_, i) => actualBaud(divider, 2_000 + i * 30)))];
      fc.assert(
        fc.property(fc.integer({ min: 9_600, max: 6_000_000 }), (wanted) => {
          const { request, actual, errorPercent } = requestFor(divider, wanted);
          assert.ok(Number.isInteger(request) && request > 0 && request <= 0xffffffff);
          assert.equal(actualBaud(divider, request), actual);
          const best = Math.min(...reachable.map((rate) => Math.abs(rate - wanted)));
          assert.ok(Math.abs(actual - wanted) <= best + 1);
          assert.ok(Math.abs(errorPercent - ((actual - wanted) / wanted) * 100) < 0.01);
        }),
        { numRuns: 60 },
      );
    }
  });

  it("reaches a field at the slow end, where many have no whole-number request", () => {
    for (const divider of KNOWN) {
      for (let wanted = 3_200; wanted < 5_200; wanted += 7) {
        const { request, actual } = requestFor(divider, wanted);
        assert.equal(actualBaud(divider, request), actual);
        assert.ok(Math.abs(actual - wanted) <= 2, `${divider} ${wanted} ${actual}`);
      }
    }
  });

  it("bounds both dividers when it is not known which the loader has", () => {
    fc.assert(
      fc.property(fc.integer({ min: 9_600, max: 3_000_000 }), (wanted) => {
        const { request, errorPercent } = requestFor("ceil-or-round", wanted);
        for (const divider of ["ceil", "round"] as const) {
          const error = ((actualBaud(divider, request) - wanted) / wanted) * 100;
          assert.ok(Math.abs(error) <= Math.abs(errorPercent) + 0.01, `${divider} ${wanted}`);
        }
      }),
    );
    assert.ok(Math.abs(requestFor("ceil-or-round", 460_800).errorPercent) < 1.02);
  });
});

describe("usable rates", () => {
  const hosts = (divider: Divider, limit?: number): number[] => usableRates(divider, limit).map(({ host }) => host);

  it("are the standard ones within the limit, slowest first", () => {
    for (const divider of KNOWN) {
      assert.deepEqual(hosts(divider, 100), STANDARD_RATES);
      assert.deepEqual(
        hosts(divider),
        STANDARD_RATES.filter((rate) => rate !== 3_000_000),
      );
      assert.ok(usableRates(divider, 0.8).every(({ errorPercent }) => Math.abs(errorPercent) <= 0.8));
    }
  });

  it("stay at 460800 within 1.5 % for an unknown divider", () => {
    assert.deepEqual(hosts(PROFILES.loader.divider, 1.5), [115_200, 230_400, 460_800]);
    assert.ok(!hosts(PROFILES.loader.divider).includes(921_600));
  });
});

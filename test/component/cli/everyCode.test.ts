/**
 * Every error code, met as a person meets it: by running the command line against real files, permissions and sockets, and
 * against simulated chips with faults. A code without a row does not compile.
 */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FLASHER_ERROR_CODES, type FlasherErrorCode } from "../../../src/core/index";
import { failed, type Ended } from "./cli";
import { BUG_ROWS } from "./provoked/bugs";
import { CHIP_ROWS } from "./provoked/chips";
import { FILE_ROWS } from "./provoked/files";
import { PORT_ROWS } from "./provoked/ports";
import { canProvoke, type Provocation, type Rows } from "./provoked/stage";

const ROWS: Rows<FlasherErrorCode> = { ...PORT_ROWS, ...CHIP_ROWS, ...FILE_ROWS, ...BUG_ROWS };

/** Processes at once. */
const WIDTH = 3;
/** What can be left when a job ends so; after anything else the flash is as it was. */
const MAY_TOUCH: ReadonlySet<FlasherErrorCode> = new Set([
  "port-lost",
  "chip-status",
  "command-unsupported",
  "chip-changed",
  "erase-failed",
  "write-failed",
  "stray-write",
]);
const LEAKS = /\{\d\}|undefined|NaN|\[object|\$\{|\n\s*at |\.[cm]?[jt]s:\d|node:internal/;

async function inFolder(provoke: Provocation): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "beken-code-"));
  try {
    const ended = await provoke(folder);
    assert.equal(existsSync(join(folder, "r.bin")), false, "a read that failed left a file");
    return ended;
  } finally {
    chmodSync(folder, 0o755);
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Case {
  readonly code: FlasherErrorCode;
  readonly name: string;
  readonly provoke: Provocation;
}

const CASES: readonly Case[] = FLASHER_ERROR_CODES.flatMap((code) =>
  Object.entries(ROWS[code]).map(([name, provoke]) => ({ code, name, provoke })),
);

describe("command line: every error code", function () {
  this.timeout(240_000);
  const results = new Map<Case, Promise<Ended>>();

  before(() => {
    const waiting = CASES.filter(({ provoke }) => canProvoke(provoke));
    const next = (): Promise<void> => {
      const one = waiting.shift();
      if (one === undefined) return Promise.resolve();
      return settled.get(one)?.(one).then(next, next) ?? Promise.resolve();
    };
    const settled = new Map<Case, (one: Case) => Promise<void>>();
    for (const one of CASES) {
      const { promise, run } = deferred(() => inFolder(one.provoke));
      results.set(one, promise);
      settled.set(one, run);
    }
    for (let i = 0; i < WIDTH; i++) void next();
  });

  it("has a row for each, with a way to provoke it", () => {
    assert.deepEqual(Object.keys(ROWS).sort(), [...FLASHER_ERROR_CODES].sort());
    const without = FLASHER_ERROR_CODES.filter((code) => Object.keys(ROWS[code]).length === 0);
    assert.deepEqual(without, []);
  });

  for (const one of CASES) {
    const test = canProvoke(one.provoke) ? it : it.skip;
    test(`${one.code}: ${one.name}`, async () => {
      const ended = (await results.get(one)) as Ended;
      const error = failed(ended, one.code, one.code === "cancelled" ? 130 : 1);
      assert.doesNotMatch(ended.stdout + ended.stderr, LEAKS);
      if (!MAY_TOUCH.has(one.code)) assert.equal(error.flash, "untouched");
      assert.match(String(error.title), /^[A-Z].*[.]$/);
      assert.ok(String(error.help).endsWith(`docs/guide.md#${one.code}`), String(error.help));
    });
  }
});

/** Work that is started later, and awaited whenever. */
function deferred<T>(work: () => Promise<T>): { promise: Promise<T>; run: () => Promise<void> } {
  let begin = (): void => undefined;
  const promise = new Promise<void>((resolve) => (begin = resolve)).then(work);
  return {
    promise,
    run: () => {
      begin();
      return promise.then(
        () => undefined,
        () => undefined,
      );
    },
  };
}

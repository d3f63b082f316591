/** flash --each as people use it: one adapter or two, whose port keeps its name, and device after device on it. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatLedger, parseLedger, type RoundEntry } from "../../../src/core/index";
import { serveOnPty, PRESETS, type SimulatedChip } from "../../../src/simulator/index";
import { packaged, rawFirmware } from "../flash/builds";
import { describeWithPtys } from "../ptys";
import { FILE, device, holdsFile, macOf, nameOf, programmings } from "../roundDevices";
import { failed, run, start, succeeded, withFolder, type Line, type OnLine } from "./cli";

/** Its port has one name, whatever hangs on it. */
class Adapter {
  private there: Awaited<ReturnType<typeof serveOnPty>> | undefined;

  constructor(readonly port: string) {}

  async connect(chip: SimulatedChip): Promise<void> {
    await this.takeOff();
    this.there = await serveOnPty(chip);
    symlinkSync(this.there.port, this.port);
  }

  async takeOff(): Promise<void> {
    if (existsSync(this.port) || this.there !== undefined) unlinkSync(this.port);
    await this.there?.unplug();
    this.there = undefined;
  }
}

interface Bench {
  readonly folder: string;
  readonly ledger: string;
  readonly adapters: readonly Adapter[];
  readonly round: (onLine: OnLine, ...more: readonly string[]) => ReturnType<typeof start>;
  readonly entries: () => readonly RoundEntry[];
}

async function withBench(
  adapters: number,
  work: (bench: Bench) => Promise<void>,
  { looks = false } = {},
): Promise<void> {
  await withFolder(async (folder) => {
    const all = Array.from({ length: adapters }, (_, index) => new Adapter(join(folder, `adapter${index}`)));
    const file = join(folder, FILE.name);
    writeFileSync(file, FILE.bytes);
    const ledger = join(folder, "round.json");
    const common = ["--each", "--ledger", ledger, "--backup", join(folder, "backups"), "--link-timeout", "2", "--json"];
    const ports = all.flatMap(({ port }) => ["--port", port]);
    try {
      await work({
        folder,
        ledger,
        adapters: all,
        round: (onLine, ...more) => start(["flash", file, ...common, ...ports, ...more], onLine, { looks }),
        entries: () => parseLedger(readFileSync(ledger, "utf8"), "round.json").entries,
      });
    } finally {
      for (const adapter of all) await adapter.takeOff();
    }
  });
}

/** Devices in the order of their turn on one adapter: the next is connected when the one that is there was dealt with. */
class Hands {
  readonly trouble: unknown[] = [];
  private readonly turns: (readonly SimulatedChip[])[];

  /** @param meanwhile told every line of an adapter's port */
  constructor(
    private readonly adapters: readonly Adapter[],
    turns: readonly (readonly SimulatedChip[])[],
    private readonly meanwhile: (line: Line, adapter: Adapter) => Promise<void> = () => Promise.resolve(),
  ) {
    this.turns = [...turns];
  }

  async begin(): Promise<void> {
    for (const [index, adapter] of this.adapters.entries()) await this.connect(index, adapter);
  }

  readonly see: OnLine = (line) => {
    void this.act(line).catch((error: unknown) => this.trouble.push(error));
  };

  private async act(line: Line): Promise<void> {
    const index = this.adapters.findIndex(({ port }) => port === line["port"]);
    const adapter = this.adapters[index];
    if (adapter === undefined) return;
    await this.meanwhile(line, adapter);
    if (line.type !== "round-entry" && line.type !== "round-same") return;
    const mac = line.type === "round-same" ? line["mac"] : (line["device"] as RoundEntry["device"]).mac;
    const [there] = this.turns[index] ?? [];
    if (there === undefined || mac !== nameOf(there)) return;
    this.turns[index] = (this.turns[index] ?? []).slice(1);
    await this.connect(index, adapter);
  }

  private async connect(index: number, adapter: Adapter): Promise<void> {
    const [chip] = this.turns[index] ?? [];
    if (chip !== undefined) await adapter.connect(chip);
  }
}

describeWithPtys("command line: device after device", function () {
  this.timeout(120_000);

  it("eight devices on two ports, one unplugged, one of another key, one of another chip: six are flashed, each once", async () => {
    await withBench(2, async ({ folder, ledger, adapters, round, entries }) => {
      const good = [1, 2, 3, 4, 5].map((last) => device(last));
      const unplugged = device(6);
      const otherKey = device(7, "bk7231n-zero");
      const otherChip = device(8, "bk7231t");
      const [a, b, c, d, e] = good as [SimulatedChip, SimulatedChip, SimulatedChip, SimulatedChip, SimulatedChip];
      const untouched = [otherKey, otherChip].map(({ flash }) => Uint8Array.from(flash));
      const flashed = programmings(a);
      let first = 0;
      let pulled = false;
      const hands = new Hands(
        adapters,
        [
          // The first once more, by mistake; and the one that was pulled out.
          [a, otherKey, b, a, c],
          [unplugged, otherChip, d, unplugged, e],
        ],
        async (line, adapter) => {
          if (line.type === "round-entry" && first === 0 && line["port"] === adapters[0]?.port) first = flashed();
          if (pulled || line.type !== "phase-started" || line["phase"] !== "write" || adapter !== adapters[1]) return;
          pulled = true;
          await adapter.takeOff();
        },
      );
      await hands.begin();
      const ended = await round(hands.see, "--count", "6").ended;
      assert.deepEqual(hands.trouble, []);
      const end = succeeded(ended);
      assert.equal(end.each, true);
      const results = new Map<string, string[]>();
      for (const {
        device: { mac },
        result,
      } of entries())
        results.set(mac ?? "", [...(results.get(mac ?? "") ?? []), result]);
      assert.deepEqual([...results].sort(), [
        [macOf(1), ["verified"]],
        [macOf(2), ["verified"]],
        [macOf(3), ["verified"]],
        [macOf(4), ["verified"]],
        [macOf(5), ["verified"]],
        [macOf(6), ["failed", "verified"]],
        [macOf(7), ["refused"]],
        [macOf(8), ["refused"]],
      ]);
      assert.equal([...good, unplugged].every(holdsFile), true);
      assert.deepEqual(
        [otherKey, otherChip].map(({ flash }) => Uint8Array.from(flash)),
        untouched,
      );
      assert.equal(flashed(), first, "the one that was connected twice was written once");
      assert.equal(ended.lines.filter(({ type, mac }) => type === "round-same" && mac === macOf(1)).length >= 1, true);
      const codes = entries()
        .filter(({ result }) => result === "refused")
        .map(({ code }) => code);
      assert.deepEqual(codes.sort(), ["round-other-chip", "round-other-key"]);
      const backups = readdirSync(join(folder, "backups")).filter((name) => name.endsWith(".bin"));
      assert.deepEqual(
        backups.sort(),
        [1, 2, 3, 4, 5, 6].map((last) => `bk7231n-${macOf(last).replaceAll(":", "")}.bin`),
      );
      for (const {
        result,
        backup,
        device: { mac },
      } of entries())
        if (result === "verified") assert.equal(backup, `bk7231n-${mac?.replaceAll(":", "")}.bin`);
      const table = readFileSync(ledger.replace(/json$/, "csv"), "utf8").trimEnd().split("\r\n");
      assert.equal(table.length, 1 + entries().length);
      assert.equal(existsSync(`${ledger}.lock`), false);
    });
  });

  it("killed while it writes, it goes on: that device is finished, those that are done are not written again", async () => {
    await withBench(1, async ({ adapters, round, entries }) => {
      const [first, second, third] = [device(1), device(2), device(3)];
      const hands = new Hands(adapters, [[first, second]]);
      await hands.begin();
      let writing = 0;
      const running = round((line, child) => {
        hands.see(line, child);
        if (line.type === "phase-started" && line["phase"] === "write" && ++writing === 2) child.kill("SIGKILL");
      });
      assert.equal((await running.ended).code, null);
      assert.deepEqual(
        entries().map(({ result }) => result),
        ["verified", "begun"],
      );
      const before = Uint8Array.from(first.flash);
      const again = new Hands(adapters, [[first, second, third]]);
      await again.begin();
      const ended = await round(again.see, "--count", "3").ended;
      succeeded(ended);
      assert.deepEqual([...hands.trouble, ...again.trouble], []);
      assert.deepEqual(
        entries().map(({ device: { mac }, result }) => [mac, result]),
        [
          [macOf(1), "verified"],
          [macOf(2), "begun"],
          [macOf(2), "verified"],
          [macOf(3), "verified"],
        ],
      );
      assert.equal([first, second, third].every(holdsFile), true);
      assert.deepEqual(Uint8Array.from(first.flash), before);
    });
  });

  it("Ctrl-C while a device is written finishes it, sees it run, and ends the round", async () => {
    await withBench(
      1,
      async ({ adapters, round, entries }) => {
        const only = device(1, "bk7231n", "libretiny");
        const hands = new Hands(adapters, [[only]]);
        await hands.begin();
        const running = round((line, child) => {
          hands.see(line, child);
          if (line.type === "phase-started" && line["phase"] === "erase") child.kill("SIGINT");
        });
        const ended = await running.ended;
        succeeded(ended);
        assert.deepEqual(
          entries().map(({ result }) => result),
          ["running"],
        );
        assert.equal(holdsFile(only), true);
      },
      { looks: true },
    );
  });

  it("refuses a ledger of another file, and one that another program works with", async () => {
    await withBench(1, async ({ folder, ledger, round }) => {
      const running = round(() => undefined);
      while (!existsSync(`${ledger}.lock`)) await new Promise((resolve) => setTimeout(resolve, 20));
      const second = await round(() => undefined).ended;
      failed(second, "ledger-unusable");
      running.child.kill("SIGINT");
      await running.ended;
      const other = join(folder, "other.rbl");
      writeFileSync(other, packaged(PRESETS.bk7231n, rawFirmware(0x10a50)).rbl.bytes);
      assert.equal(existsSync(ledger), false, "no device, no ledger");
      writeFileSync(
        ledger,
        formatLedger({ file: { name: "x", sha256: "0".repeat(64), size: 1 }, rules: null, entries: [] }),
      );
      failed(
        await run("flash", other, "--each", "--ledger", ledger, "--port", "/dev/null", "--json"),
        "ledger-unusable",
      );
    });
  });
});

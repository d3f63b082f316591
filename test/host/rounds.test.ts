/** Devices one after another in the editor: from the command to the ledger, ended, and gone on with. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import * as vscode from "vscode";
import { parseLedger } from "../../src/core/index";
import { flashEach } from "../../src/extension/commands/flashEach";
import { COMMANDS } from "../../src/extension/platform/contributions";
import type { Api } from "../../src/extension/main";
import { activated, inPlaceOf, until } from "./host";

describe("devices one after another", () => {
  let api: Api;

  before(async () => {
    api = await activated();
  });

  it("begins with a file and a port, flashes after the yes alone, keeps a ledger, and goes on with it", async () => {
    const { services } = api;
    const { rounds } = services;
    await vscode.commands.executeCommand(COMMANDS.startPracticeDevice, "bk7231n");
    const port = services.ports.selected ?? assert.fail("no practice device");
    const firmware = (await services.practice.firmwareFor(port.id)) ?? assert.fail("no practice firmware");
    const asked = inPlaceOf({ showInputBox: () => Promise.resolve("2") });
    try {
      await flashEach(services, [firmware], { portId: port.id });
      const run = rounds.current ?? assert.fail("no round");
      const tabs = (): readonly string[] =>
        vscode.window.tabGroups.all.flatMap(({ tabs: all }) => all.map(({ label }) => label));
      await until(() => tabs().includes("Flash Devices One After Another"));
      await until(() => run.view.question !== undefined);
      assert.equal(run.view.ledger, undefined, "nothing before the yes");
      assert.equal(services.jobs.runningOn(port.id)?.kind, "flash", "the port is taken");
      // Once more: the one that runs is shown, and no second begun.
      await vscode.commands.executeCommand(COMMANDS.flashEach);
      assert.equal(rounds.current, run);
      run.agree(true);
      await until(() => run.view.counts.good === 1);
      assert.equal(run.view.remaining, 1);
      const ledger = rounds.lastRound?.ledger ?? assert.fail("no ledger");
      assert.equal(services.jobs.chipOn(port.id)?.chip?.id, "bk7231n");
      run.end();
      await rounds.ended();
      assert.equal(services.jobs.runningOn(port.id), undefined);
      assert.deepEqual(
        parseLedger(readFileSync(ledger, "utf8"), "round.json").entries.map(({ result }) => result),
        ["verified"],
      );
      assert.equal(existsSync(ledger.replace(/json$/, "csv")), true);
      assert.equal(existsSync(`${ledger}.lock`), false);
      assert.equal(rounds.lastRound?.isRunning, false, "it was ended by the person");
      await vscode.commands.executeCommand(COMMANDS.flashEach, { goOn: true });
      const again = rounds.current ?? assert.fail("no round");
      assert.notEqual(again, run);
      // The device that is there has the file: it is told, and not asked about.
      await until(() => again.view.lanes[0]?.stage === "same");
      assert.equal(again.view.counts.good, 1);
      again.end();
      await rounds.ended();
      assert.equal(parseLedger(readFileSync(ledger, "utf8"), "round.json").entries.length, 1);
    } finally {
      asked.dispose();
      rounds.current?.endNow();
      await rounds.ended();
      await vscode.commands.executeCommand(COMMANDS.stopPracticeDevice, { portId: port.id });
    }
  });
});

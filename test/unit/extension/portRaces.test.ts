/** The port registry without an editor: in whatever order ports come, are looked for and chosen, one list is asked for at a time. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { PortInfo } from "../../../src/core/index";
import { Emitter } from "../../../src/extension/platform/emitter";
import type { SetContext } from "../../../src/extension/platform/contextKeys";
import type { SettingName } from "../../../src/extension/platform/contributions";
import type { Memory } from "../../../src/extension/platform/memory";
import type { PortEntry } from "../../../src/extension/ports/portEntry";
import { PortRegistry } from "../../../src/extension/ports/portRegistry";

const ADAPTERS = ["/dev/ttyUSB0", "/dev/ttyUSB1"] as const;
const PRACTICE: PortEntry = {
  id: "tcp://127.0.0.1:5000",
  label: "Practice",
  facts: [],
  kind: "practice",
  isUsb: false,
  ref: { kind: "tcp", host: "127.0.0.1", port: 5000 },
};
const GONE = new Error("the list cannot be had");
const ACTIONS = [
  "plug",
  "unplug",
  "watch",
  "stop watching",
  "refresh",
  "select",
  "resolve",
  "practise",
  "stop",
  "break",
  "add",
] as const;

/** As the editor's: a value counts at once. */
function memory(first: Readonly<Record<string, unknown>> = {}): Memory {
  const values = new Map(Object.entries(first));
  return {
    get: <T>(name: string) => values.get(name) as T | undefined,
    update: (name, value) => Promise.resolve(void values.set(name, value)),
  };
}

describe("ports, in every order", () => {
  it("one list is asked for at a time, one look is planned, and what is shown at the end is what is there", async () => {
    let lists = 0;
    let selected = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.record({ what: fc.constantFrom(...ACTIONS, "dispose"), port: fc.constantFrom(...ADAPTERS) }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.option(fc.constantFrom(...ADAPTERS), { nil: undefined }),
        async (scheduler, actions, remembered) => {
          const plugged = new Set<string>();
          const context = new Map<string, unknown>();
          const unexpected: unknown[] = [];
          const settingsChanged = new Emitter<ReadonlySet<SettingName>>((error) => unexpected.push(error));
          const extraPorts: string[] = [];
          let listing = 0;
          let planned = 0;
          let broken = false;
          let told = 0;
          const setContext: SetContext = (key, value) => void context.set(key, value);
          const registry = new PortRegistry({
            settings: { extraPorts, onDidChange: settingsChanged.event },
            memories: { workspace: memory({ "beken.selectedPort": remembered }), machine: memory() },
            log: { error: (_doing, error) => error !== GONE && unexpected.push(error) },
            setContext,
            list: async () => {
              lists++;
              assert.equal(++listing, 1, "one at a time");
              await scheduler.schedule(Promise.resolve(), "list");
              listing--;
              if (broken) throw GONE;
              return [...plugged].map((path): PortInfo => ({ path, vendorId: "10c4", productId: "ea60" }));
            },
            timers: {
              now: () => 0,
              after: (_ms, run) => {
                assert.equal(++planned, 1, "one look is planned");
                let over = false;
                const end = (): boolean => {
                  if (over) return false;
                  over = true;
                  planned--;
                  return true;
                };
                void scheduler.schedule(Promise.resolve(), "timer").then(() => end() && run());
                return () => void end();
              },
            },
          });
          registry.onDidChange(() => told++);
          const watches: { dispose(): void }[] = [];
          const running: Promise<unknown>[] = [];
          const act = ({ what, port }: (typeof actions)[number]): void => {
            const entry = registry.find(port);
            if (what === "plug") plugged.add(port);
            else if (what === "unplug") plugged.delete(port);
            else if (what === "break") broken = !broken;
            else if (what === "watch") watches.push(registry.watch());
            else if (what === "stop watching") watches.pop()?.dispose();
            else if (what === "refresh") running.push(registry.refresh());
            else if (what === "resolve") running.push(registry.resolve());
            else if (what === "practise") registry.addPractice(PRACTICE);
            else if (what === "stop") registry.removePractice(PRACTICE.id);
            else if (what === "select" && entry) running.push(registry.select(entry));
            else if (what === "add") {
              extraPorts.push("tcp://bench:9999");
              settingsChanged.fire(new Set(["extraPorts"]));
            } else if (what === "dispose") {
              registry.dispose();
              const before = [told, new Map(context)] as const;
              running.push(
                scheduler.schedule(Promise.resolve(), "after the end").then(() => {
                  assert.deepEqual([told, new Map(context)], before, "nothing is told any more");
                }),
              );
            }
          };
          const steps = actions.map((each) => scheduler.schedule(Promise.resolve(), each.what).then(() => act(each)));
          await scheduler.waitFor(Promise.all(steps));
          for (const watch of watches) watch.dispose();
          await scheduler.waitFor(Promise.all(running));
          broken = false;
          await scheduler.waitFor(registry.refresh());
          // One that was under way may have been asked before the last change.
          await scheduler.waitFor(registry.refresh());
          await scheduler.waitIdle();
          assert.deepEqual(unexpected, []);
          assert.deepEqual([listing, planned], [0, 0], "nothing is under way, and nothing planned");
          if (registry.disposed) return;
          const ids = registry.ports.map(({ id }) => id);
          for (const port of ADAPTERS) assert.equal(ids.includes(port), plugged.has(port), port);
          assert.equal(new Set(ids).size, ids.length, "each port once");
          if (registry.selected) selected++;
          assert.deepEqual(
            [context.get("beken.hasPorts"), context.get("beken.portSelected"), context.get("beken.portsListed")],
            [ids.length > 0, registry.selected !== undefined, true],
          );
        },
      ),
      { numRuns: 300 },
    );
    assert.ok(lists > 200 && selected > 20, `${lists} lists, ${selected} selected: the property is empty`);
  });

  it("of the settings that cannot be read are told in the log, each time these are read", () => {
    const extraPorts = ["rfc2217://bench:4000"];
    const changed = new Emitter<ReadonlySet<SettingName>>((error) => assert.fail(String(error)));
    const told: string[] = [];
    const registry = new PortRegistry({
      settings: { extraPorts, onDidChange: changed.event },
      memories: { workspace: memory(), machine: memory() },
      log: { error: (doing, error) => told.push(`${doing}: ${String(error)}`) },
      setContext: () => undefined,
    });
    assert.deepEqual(told, []);
    extraPorts.push("192.168.1.20:4000", "tcp://me:hunter2@bench:1");
    changed.fire(new Set(["extraPorts"]));
    assert.equal(told.length, 2);
    assert.match(told[0] ?? "", /beken\.extraPorts.*"192\.168\.1\.20:4000"/);
    assert.doesNotMatch(told.join(), /hunter2/);
    assert.deepEqual(
      registry.ports.map(({ id }) => id),
      ["rfc2217://bench:4000"],
    );
    registry.dispose();
  });
});

/** Monitors of other extensions, which give a port to a job and get it back. */
import assert from "node:assert/strict";
import { silentLog, type FlasherSession } from "../../../src/core/index";
import { PortLeases } from "../../../src/core/transport/portLease";
import { PortSessions } from "../../../src/extension/jobs/portSessions";
import { EclipseMonitor } from "../../../src/extension/ports/eclipseMonitor";
import { MicrosoftMonitor } from "../../../src/extension/ports/microsoftMonitor";
import { OtherMonitors } from "../../../src/extension/ports/otherMonitors";
import type { PortEntry } from "../../../src/extension/ports/portEntry";

const USB = { kind: "serial", path: "/dev/ttyUSB7" } as const;
const PORT: PortEntry = { id: USB.path, ref: USB, kind: "extra", label: "USB", facts: [], isUsb: true };

/** Microsoft's, listening on one port. */
class SerialMonitor {
  readonly told: string[] = [];

  constructor(private readonly listening: string | undefined) {}

  stopMonitoringPort(port: string): Promise<boolean> {
    this.told.push(`stop ${port}`);
    return Promise.resolve(port === this.listening);
  }

  startMonitoringPort({ port, baudRate, parity }: { port: string; baudRate: number; parity: string }): Promise<void> {
    this.told.push(`start ${port} ${baudRate} ${parity}`);
    return Promise.resolve();
  }
}

interface Rig {
  readonly others: OtherMonitors;
  readonly errors: string[];
}

function monitors(api: unknown): Rig {
  const errors: string[] = [];
  const log = { info: () => undefined, error: (doing: string) => errors.push(doing) };
  const microsoft = new MicrosoftMonitor({ apiOf: () => api, baudRate: () => 115_200, log });
  return { others: new OtherMonitors([microsoft], () => false), errors };
}

function sessions(others: OtherMonitors, told: string[], opens: () => Promise<void> = () => Promise.resolve()) {
  return new PortSessions({
    settings: {
      baudRate: "auto",
      linkTimeoutMs: 1_000,
      autoReset: true,
      resetSequence: "auto",
      keepLinkedMs: 60_000,
      onDidChange: () => ({ dispose: () => undefined }),
    },
    rates: { hint: () => ({}), note: () => undefined, line: () => undefined, resets: () => undefined } as never,
    log: { error: () => undefined, forCore: () => silentLog },
    leases: new PortLeases(),
    others,
    openSession: async () => {
      told.push("open");
      await opens();
      return { close: () => Promise.resolve(void told.push("close")) } as unknown as FlasherSession;
    },
    timers: { now: () => 0, after: () => () => undefined },
  });
}

describe("a monitor of another extension", () => {
  const never = new AbortController().signal;

  it("lets go before the port is opened, and gets it back when it is closed, however well the link would be kept", async () => {
    const monitor = new SerialMonitor(USB.path);
    const { others } = monitors(monitor);
    const all = sessions(others, monitor.told);
    const session = await all.take(PORT, never);
    assert.deepEqual(monitor.told, [`stop ${USB.path}`, "open"]);
    await all.putAway(PORT, session, true);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(monitor.told.slice(2), ["close", `start ${USB.path} 115200 none`]);
  });

  it("that has another port is left alone, and a link is kept as ever", async () => {
    const monitor = new SerialMonitor("/dev/ttyUSB1");
    const { others } = monitors(monitor);
    const all = sessions(others, monitor.told);
    await all.putAway(PORT, await all.take(PORT, never), true);
    assert.deepEqual(monitor.told, [`stop ${USB.path}`, "open"]);
    assert.deepEqual(all.openPorts, [PORT.id]);
  });

  it("gets it back also where the port could not be opened", async () => {
    const monitor = new SerialMonitor(USB.path);
    const { others } = monitors(monitor);
    const all = sessions(others, monitor.told, () => Promise.reject(new Error("no")));
    await assert.rejects(all.take(PORT, never), /no/);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(monitor.told.at(-1), `start ${USB.path} 115200 none`);
  });

  it("that does not answer keeps no job waiting, and gets its port back when it has let go too late", async () => {
    const monitor = new SerialMonitor(USB.path);
    let answer: ((stopped: boolean) => void) | undefined;
    const slow = {
      stopMonitoringPort: () => new Promise<boolean>((resolve) => (answer = resolve)),
      startMonitoringPort: (settings: Parameters<SerialMonitor["startMonitoringPort"]>[0]) =>
        monitor.startMonitoringPort(settings),
    };
    const timers = {
      now: () => 0,
      after: (_ms: number, run: () => void) => {
        queueMicrotask(run);
        return () => undefined;
      },
    };
    const log = { info: () => undefined, error: () => undefined };
    const others = new OtherMonitors(
      [new MicrosoftMonitor({ apiOf: () => slow, baudRate: () => 9_600, log, timers })],
      () => false,
    );
    const giveBack = await others.letGo(USB, never);
    assert.ok(giveBack);
    giveBack();
    assert.deepEqual(monitor.told, []);
    answer?.(true);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(monitor.told, [`start ${USB.path} 9600 none`]);
  });

  it("is asked for ports of this machine alone, and one that fails or is none keeps no job from its port", async () => {
    const monitor = new SerialMonitor(undefined);
    assert.equal(await monitors(monitor).others.letGo({ kind: "tcp", host: "h", port: 1 }, never), undefined);
    assert.deepEqual(monitor.told, []);
    for (const api of [undefined, {}, { stopMonitoringPort: 1 }])
      assert.equal(await monitors(api).others.letGo(USB, never), undefined);
    const broken = monitors({
      stopMonitoringPort: () => Promise.reject(new Error("broken")),
      startMonitoringPort: () => Promise.resolve(),
    });
    assert.equal(await broken.others.letGo(USB, never), undefined);
    assert.deepEqual(broken.errors, ["ask another monitor for its port"]);
  });
});

describe("Eclipse's monitor", () => {
  const never = new AbortController().signal;

  function eclipse(names: string[], yes: boolean, told: string[]): EclipseMonitor {
    return new EclipseMonitor({
      api: () => ({
        openSerial: ({ path }: { path: string }, { baudRate }: { baudRate: number }, name: string) => {
          told.push(`open ${path} ${baudRate} ${name}`);
          return Promise.resolve("handle");
        },
      }),
      terminals: () => names.map((name) => ({ name, close: () => void names.splice(names.indexOf(name), 1) })),
      isOpenHere: () => Promise.resolve(false),
      baudRate: () => 115_200,
      ask: () => {
        told.push("asked");
        return Promise.resolve(yes);
      },
      log: { info: () => undefined, error: (doing) => told.push(doing) },
    });
  }

  it("is closed with its terminal after a yes and opened again, unless a monitor of ours has the port by then", async () => {
    const names = ["zsh", `${USB.path}0 (FTDI)`, `${USB.path} (FTDI)`];
    const told: string[] = [];
    let isTaken = false;
    const others = new OtherMonitors([eclipse(names, true, told)], () => isTaken);
    const giveBack = await others.letGo(USB, never);
    assert.deepEqual(names, ["zsh", `${USB.path}0 (FTDI)`]);
    assert.equal(others.isWatching(USB.path), false);
    isTaken = true;
    giveBack?.();
    assert.deepEqual(told, ["asked"]);
    isTaken = false;
    giveBack?.();
    assert.deepEqual(told.slice(1), [`open ${USB.path} 115200 ${USB.path} (FTDI)`]);
    assert.equal(others.isWatching(USB.path), true);
  });

  it("is left alone after a no, and where it has another port", async () => {
    const told: string[] = [];
    const names = [`${USB.path} (FTDI)`];
    assert.equal(await eclipse(names, false, told).letGo(USB.path, never), undefined);
    assert.equal(await eclipse(names, true, told).letGo("/dev/ttyUSB8", never), undefined);
    assert.deepEqual([names.length, told], [1, ["asked"]]);
  });
});

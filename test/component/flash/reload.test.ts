/**
 * A page that is reloaded in the middle of a flash: the next one finds its files in the editor's storage and its port among those that the
 * browser still lets it have, offers the job again, and finishes it.
 */
import assert from "node:assert/strict";
import { FlasherSession, keptRequest, runInSession, type JobEvent, type PortInfo } from "../../../src/core/index";
import { listPorts, openSerial } from "../../../src/core/transport/serial.web";
import { JobJournal } from "../../../src/extension/jobs/jobJournal";
import type { JobEnd, JobSpec } from "../../../src/extension/jobs/jobSpec";
import { adapterEntry } from "../../../src/extension/ports/portEntry";
import { SimulatedWebSerialPort } from "../../../src/simulator/index";
import { SECTOR } from "../../flashUnits";
import { WorkspaceMemory } from "../../workspaceMemory";
import { APP_AT, BEDROOM_RBL, fileAt } from "./builds";
import { Rig, firstDifference, flashRequest, never } from "./rig";

const FILE = fileAt(BEDROOM_RBL);
const SOURCE = "memory:/bulb.rbl";
const IDS = { usbVendorId: 0x10c4, usbProductId: 0xea60 };

describe("a page reloaded in the middle of a flash", () => {
  const rig = new Rig("bk7231t");
  const memory = new WorkspaceMemory();
  const former = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  /** A browser names no ports: the one it still grants is the first of its ids in the next page too, here the same object. */
  const port = Object.assign(new SimulatedWebSerialPort(rig.chip), { getInfo: () => IDS });
  /** The program of the page that lives. */
  let alive = 0;

  before(() => {
    const getPorts = (): Promise<readonly SimulatedWebSerialPort[]> => Promise.resolve([port]);
    Object.defineProperty(globalThis, "navigator", { value: { serial: { getPorts } }, configurable: true });
  });
  after(() => {
    if (former === undefined) Reflect.deleteProperty(globalThis, "navigator");
    else Object.defineProperty(globalThis, "navigator", former);
    rig.dispose();
  });

  /** What a page makes anew. */
  function page(): JobJournal {
    const own = ++alive;
    return new JobJournal({
      files: memory.files,
      programs: { own, isAlive: (program) => program === alive },
      folder: "memory:/globalStorage",
      memory: { get: () => undefined, update: () => Promise.resolve() },
      settings: { backUpBeforeFirstWrite: false },
      chosenFolder: () => undefined,
      workspace: () => null,
      version: "0",
      log: { info: () => undefined, error: (doing, error) => assert.fail(`${doing}: ${String(error)}`) },
      setContext: () => undefined,
    });
  }

  /** @param until ends the page at this event. @returns whether the job came to its end, and the sectors it has written */
  async function flash(
    journal: JobJournal,
    listed: PortInfo,
    until?: (event: JobEvent) => boolean,
  ): Promise<{ readonly done: boolean; readonly sectors: number; readonly session: FlasherSession }> {
    const entry = adapterEntry(listed);
    const request = flashRequest(FILE);
    const spec: JobSpec = { port: entry, request, title: "Flash bulb.rbl", fileName: FILE.name, source: SOURCE };
    const keep = journal.forJob(spec, {
      backupGoesTo: () => undefined,
      backedUp: () => undefined,
      accept: () => assert.fail(),
    });
    assert.ok(keep);
    const open = (_: unknown, options: { readonly baudRate: number }, signal: AbortSignal) =>
      openSerial(listed.path, options, signal);
    const session = await FlasherSession.open({ ...rig.sessionOptions, port: entry.ref }, { ...rig.deps, open }, never);
    const job = runInSession(session, request, keep.hooks, never);
    let sectors = 0;
    for (;;) {
      const step = await job.next();
      if (step.done) {
        await session.close();
        await keep.end({ status: "succeeded" } as JobEnd);
        return { done: true, sectors, session };
      }
      await keep.store(step.value);
      if (step.value.type === "sector-done") sectors++;
      if (until?.(step.value) === true) return { done: false, sectors, session };
    }
  }

  it("is offered again on the port that getPorts still has, and finishes", async () => {
    const first = page();
    const [listed] = await listPorts();
    assert.ok(listed);
    let done = 0;
    const half = await flash(first, listed, ({ type }) => type === "sector-done" && ++done === 40);
    assert.equal(half.done, false);
    assert.notEqual(firstDifference(FILE.bytes, rig.chip.flash.slice(APP_AT, APP_AT + FILE.bytes.length)), -1);
    // The page goes without a word; the browser closes what it had open.
    await half.session.close();

    const second = page();
    await second.refresh();
    const [again] = await listPorts();
    const [offer, ...others] = second.interrupted;
    assert.deepEqual(others, []);
    assert.equal(offer?.title, "Flash bulb.rbl");
    assert.equal(offer.file, SOURCE);
    assert.equal(offer.portId, again?.path, "the port goes by the name it had");
    assert.deepEqual(offer.request, keptRequest(flashRequest(FILE)));

    assert.ok(again);
    const rest = await flash(second, again);
    assert.equal(rest.done, true);
    assert.equal(firstDifference(FILE.bytes, rig.chip.flash.slice(APP_AT, APP_AT + FILE.bytes.length)), -1);
    assert.ok(rest.sectors > 0 && rest.sectors < FILE.bytes.length / SECTOR - 30, `${rest.sectors} sectors`);
    await second.refresh();
    assert.deepEqual(second.interrupted, [], "nothing is left to be offered");
  });
});

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { FlasherError } from "../../src/core/index";
import { COMMANDS, type CommandId } from "../../src/extension/platform/contributions";
import { dashboardActions } from "../../src/extension/dashboard/dashboardData";
import { DroppedFiles } from "../../src/extension/platform/droppedFiles";
import type { Disposable } from "../../src/extension/platform/disposables";
import { errorView } from "../../src/extension/text/errorText";
import type { JobEnd, JobSpec } from "../../src/extension/jobs/jobSpec";
import { OutputLog } from "../../src/extension/platform/outputLog";
import type { Api } from "../../src/extension/main";
import { editorSurface } from "../../src/extension/views/notificationSurface";
import { Notifications, type NotifiedJobs } from "../../src/extension/views/notifications";
import { cancel, fail, newJob, type JobState } from "../../src/shared/jobState";
import { Messages, activated, exampleBuild, until } from "./host";

const PORT = { id: "tcp://here:1", label: "here" };

/** Jobs that ended, as the service would tell of them. */
class Jobs implements NotifiedJobs {
  private readonly ended = new vscode.EventEmitter<JobEnd>();
  readonly onDidEnd = this.ended.event;
  readonly onDidStart = new vscode.EventEmitter<JobState>().event;
  readonly onDidChange = new vscode.EventEmitter<JobState>().event;
  readonly done: string[] = [];
  jobs: readonly JobState[] = [];
  spec: JobSpec | undefined;

  find = (id: string): JobState | undefined => this.jobs.find((job) => job.id === id);
  specOf = (): JobSpec | undefined => this.spec;
  cancel = (id: string): void => void this.done.push(`cancel ${id}`);
  retry = (id: string): undefined => void this.done.push(`retry ${id}`);
  rekey = (id: string): undefined => void this.done.push(`rekey ${id}`);

  end(end: JobEnd): void {
    this.add(end.job);
    this.ended.fire(end);
  }

  add(job: JobState): void {
    this.jobs = [job, ...this.jobs];
  }
}

describe("notifications", () => {
  let api: Api;
  let jobs: Jobs;
  let ran: (readonly [CommandId, unknown])[];
  const own: Disposable[] = [];
  const keep = <T extends Disposable>(thing: T): T => {
    own.push(thing);
    return thing;
  };

  before(async () => {
    api = await activated();
  });

  beforeEach(() => {
    jobs = new Jobs();
    ran = [];
  });

  afterEach(() => {
    for (const thing of own.splice(0).reverse()) thing.dispose();
  });

  /** @param press the button that is pressed on every message that has it */
  function listen(press: () => string | undefined = () => undefined, isShown = false): Messages {
    const run = (command: CommandId, argument: unknown): Promise<void> => {
      ran.push([command, argument]);
      return Promise.resolve();
    };
    keep(new Notifications(jobs, keep(new OutputLog()), () => isShown, { ...editorSurface, run }));
    return keep(new Messages((_, buttons) => buttons.find((button) => button === press())));
  }

  const job = (kind: JobState["kind"], id = "1"): JobState => newJob({ id, kind, title: `${kind} it`, port: PORT }, 1);

  function failed(error: FlasherError, id = "1", actions = errorView(error).actions): JobEnd {
    const view = { ...errorView(error), actions };
    return { status: "failed", job: fail(job("flash", id), view, 2), error };
  }

  function partly(code: ConstructorParameters<typeof FlasherError>[0]): FlasherError {
    const error = new FlasherError(code, "write", { port: "COM5" });
    error.flash = "partly-written";
    return error;
  }

  it("say of a failure that the flash is partly written, and nothing of one that is untouched", async () => {
    const said = listen();
    jobs.end(failed(partly("port-lost")));
    await until(() => said.texts.length === 1);
    assert.match(said.texts[0] ?? "", /partly written/);
    jobs.end(failed(new FlasherError("port-lost", "open", { port: "COM5" }), "2"));
    await until(() => said.texts.length === 2);
    assert.doesNotMatch(said.texts[1] ?? "", /written|touched/);
  });

  it("name what is run again after a stop by what it was", async () => {
    const said = listen();
    for (const kind of ["flash", "erase", "restore"] as const)
      jobs.end({ status: "cancelled", job: cancel(job(kind, kind), "partly-written", 2) });
    await until(() => said.shown.length === 3);
    assert.deepEqual(
      said.shown.map(({ buttons }) => buttons[0]),
      ["Flash Again", "Erase Again", "Restore Again"],
    );
  });

  it("inspect the very file that was refused, and lead to the port's own page", async () => {
    const uri = exampleBuild("hall-plug", "firmware.uf2");
    jobs.spec = { source: uri.toString() } as JobSpec;
    const error = new FlasherError("image-corrupt", "read", { file: "a.rbl" });
    let press = "Inspect File";
    listen(() => press);
    jobs.end(failed(error, "1", ["inspectImage"]));
    await until(() => ran.length === 1);
    const [command, argument] = ran[0] ?? assert.fail();
    assert.equal(command, COMMANDS.inspectImage);
    const { portId, resourceUri } = argument as { readonly portId: string; readonly resourceUri: vscode.Uri };
    assert.deepEqual([portId, resourceUri.toString()], [PORT.id, uri.toString()]);
    press = "Show Details";
    jobs.end(failed(error, "2"));
    await until(() => ran.length === 2);
    assert.deepEqual(ran[1], [COMMANDS.openDashboard, { portId: PORT.id }]);
  });

  it("do nothing for a button of an earlier job when the flash was changed since, and say so", async () => {
    let press: (value: string | undefined) => void = () => undefined;
    const answered = new Promise<string | undefined>((resolve) => (press = resolve));
    const said = listen();
    said.answerWith((_, buttons) => (buttons.length > 0 ? answered : Promise.resolve(undefined)));
    jobs.end(failed(new FlasherError("image-wrong-key", "plan", {}), "1", ["rekey"]));
    await until(() => said.texts.length === 1);
    jobs.add(job("flash", "2"));
    press(said.shown[0]?.buttons[0]);
    await until(() => said.texts.length === 2);
    assert.match(said.texts[1] ?? "", /out of date.*flash it/);
    assert.deepEqual(jobs.done, []);
  });

  it("still do it when only something was read since", async () => {
    let press: (value: string | undefined) => void = () => undefined;
    const answered = new Promise<string | undefined>((resolve) => (press = resolve));
    const said = listen();
    said.answerWith(() => answered);
    jobs.end(failed(new FlasherError("image-wrong-key", "plan", {}), "1", ["rekey"]));
    await until(() => said.texts.length === 1);
    jobs.add({ ...job("info", "2"), status: "succeeded" });
    press(said.shown[0]?.buttons[0]);
    await until(() => jobs.done.length === 1);
    assert.deepEqual(jobs.done, ["rekey 1"]);
  });

  it("leave the end of a job to the dashboard that shows it", async () => {
    const said = listen(undefined, true);
    jobs.end(failed(partly("port-lost")));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(said.texts, []);
  });

  it("have their counterparts in the dashboard: its buttons name the job's file, too", async () => {
    const uri = exampleBuild("hall-plug", "firmware.uf2");
    const specOf = (): JobSpec => ({ source: uri.toString(), port: PORT, request: { kind: "flash" } }) as never;
    const find = (): JobState => job("flash");
    const { services } = api;
    const actions = dashboardActions(
      { ...services, jobs: { ...jobs, find, specOf } as never },
      new DroppedFiles(vscode.Uri.parse("memory:/")),
    );
    actions.run("inspectImage", PORT.id, "1");
    await until(() => vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputCustom);
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputCustom && input.uri.toString() === uri.toString());
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
});

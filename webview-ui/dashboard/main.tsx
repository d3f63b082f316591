/** The dashboard: takes the host's snapshots and draws the device that is looked at. Decides what is shown, not what is true. */
import "../styles.css";
import type { VNode } from "preact";
import { linkTask, taskWords, type LinkTask } from "../../src/shared/coach";
import { formatPercent } from "../../src/shared/figures";
import { isFinished, type JobState } from "../../src/shared/jobState";
import {
  PROTOCOL_VERSION,
  isToDashboard,
  withTexts,
  type DashboardSnapshot,
  type DashboardState,
  type FromDashboard,
  type InterruptedView,
  type PortView,
} from "../../src/shared/messages";
import { connect } from "../bridge";
import type { DashboardContext } from "../viewContext";
import { registerControls } from "../controls";
import { createPage } from "../pageFrame";
import { ChipCard } from "../views/chipCard";
import { DeviceTabs } from "../views/devices";
import { FlashMapView, isTelling } from "../views/flashMapView";
import { History, Interrupted } from "../views/history";
import { Idle } from "../views/idle";
import { Linking } from "../views/linkingView";
import { Outcome } from "../views/outcome";
import { Card } from "../views/parts";
import { PlanApproval, PlanDetails } from "../views/planPreview";
import { JobNotes, Running } from "../views/running";
import { Wiring } from "../views/wiring";
import { takeDrops } from "./drops";
import { devicesOf, firstSelection, nextSelection, type Selection } from "./selection";

registerControls();

let state: DashboardState | undefined;
let selection: Selection | undefined;
let told: string | undefined;

const page = createPage(() => repaint());
const bridge = connect<DashboardSnapshot, DashboardState, FromDashboard>({
  ready: { type: "ready", version: PROTOCOL_VERSION },
  isSnapshot: isToDashboard,
  complete: withTexts,
  paint(next) {
    selection =
      state === undefined || selection === undefined
        ? firstSelection(next, bridge.remembered("port"))
        : nextSelection(selection, state, next);
    state = next;
    repaint();
    tell();
  },
});

takeDrops(
  () => selection?.portId,
  (intent) => bridge.send(intent),
);

/** The host leaves to this page what is seen here. */
function tell(): void {
  const portId = selection?.portId;
  if (portId === undefined || (portId === told && state?.wantedPortId === undefined)) return;
  told = portId;
  bridge.send({ type: "shows", portId });
}

function repaint(): void {
  if (state === undefined || selection === undefined) return;
  const { strings, locale } = state;
  const context: DashboardContext = {
    strings,
    locale,
    page: page.state,
    repaint,
    send: (intent) => bridge.send(intent),
  };
  const devices = devicesOf(state);
  const { portId } = selection;
  const port = devices.find(({ id }) => id === portId);
  const job = state.jobs.find((candidate) => candidate.port.id === portId);
  const left = state.interrupted.find((interrupted) => isOf(interrupted, job));
  const others = state.interrupted.filter((interrupted) => interrupted !== left);
  // A copy that was broken off leaves no device that does not start, and is gone on with by the job that wanted it, too.
  const urgent = others.filter(({ kind }) => kind !== "backup" || job === undefined);
  const copies = others.filter((interrupted) => !urgent.includes(interrupted));
  page.paint({
    title: strings.dashboard.title,
    locale,
    subject: `${portId ?? ""} ${job?.id ?? ""} ${job?.status ?? ""}`,
    announcement: announcementFor(job, context),
    asks: questionOf(job),
    content: (
      <>
        <h1 class="visually-hidden">{strings.dashboard.title}</h1>
        <DeviceTabs devices={devices} jobs={state.jobs} shown={portId} choose={choose} context={context} />
        <div
          id="device-panel"
          class="cards"
          role={devices.length > 1 ? "tabpanel" : undefined}
          aria-labelledby={devices.length > 1 && portId !== undefined ? `tab-${portId}` : undefined}
        >
          {urgent.map((interrupted) => (
            <Interrupted
              key={interrupted.id}
              job={interrupted}
              primary={job === undefined || isFinished(job)}
              context={context}
            />
          ))}
          <DeviceCards port={port} job={job} left={left} all={{ ...state, interrupted: urgent }} context={context} />
          {copies.map((interrupted) => (
            <Interrupted key={interrupted.id} job={interrupted} primary={false} context={context} />
          ))}
        </div>
        <History entries={state.history} context={context} />
      </>
    ),
  });
}

function choose(portId: string): void {
  if (selection === undefined) return;
  selection = { ...selection, portId };
  bridge.remember("port", portId);
  repaint();
  tell();
}

/** What the job that ended here has left undone: told with its end, not beside it. */
function isOf({ kind, title, portLabel }: InterruptedView, job: JobState | undefined): boolean {
  return (
    job !== undefined && isFinished(job) && job.kind === kind && job.title === title && job.port.label === portLabel
  );
}

interface DeviceProps {
  readonly port: PortView | undefined;
  readonly job: JobState | undefined;
  readonly left: InterruptedView | undefined;
  /** Without what the job has left. */
  readonly all: DashboardState;
  readonly context: DashboardContext;
}

/** What a card is about stays its key, so that it keeps its place on the screen from one state to the next. */
function DeviceCards({ port, job, left, all, context }: DeviceProps): VNode {
  const chip = job?.chip ?? port?.chip;
  const portId = (job?.port ?? port)?.id;
  const chipFacts = chip && (
    <ChipCard
      key="chip"
      chip={chip}
      passport={port?.passport}
      baudRate={rateOf(job)}
      portId={portId}
      context={context}
    />
  );
  const drawing = (
    <Wiring
      key="wiring"
      port={job?.port ?? port}
      chip={chip}
      logUart={job?.outcome?.steps?.logUart}
      wire={job?.status === "linking" && job.port.practice !== true ? job.link?.wire : undefined}
      context={context}
    />
  );
  if (job === undefined) {
    return (
      <>
        <Idle port={port} state={all} main context={context} />
        {chipFacts}
        {(port === undefined || port.present) && drawing}
      </>
    );
  }
  const map = job.map && isTelling(job.map, isFinished(job)) && (
    <Card key="map" id="map" heading={context.strings.map.heading}>
      <FlashMapView map={job.map} context={context} />
    </Card>
  );
  const plan = job.plan && <PlanDetails key="plan" job={job} plan={job.plan} context={context} />;
  const notes = <JobNotes key="notes" job={job} context={context} />;
  switch (job.status) {
    case "queued":
    case "linking":
      return (
        <>
          <Linking job={job} context={context} />
          {drawing}
          {notes}
          {map}
        </>
      );
    case "approval":
      return (
        <>
          {job.plan && <PlanApproval job={job} plan={job.plan} context={context} />}
          {map}
          {chipFacts}
          {notes}
        </>
      );
    case "running":
      return (
        <>
          <Running job={job} context={context} />
          {map}
          {chipFacts}
          {notes}
          {plan}
        </>
      );
    case "succeeded":
    case "failed":
    case "cancelled":
      return (
        <>
          <Outcome
            job={job}
            left={left}
            main={all.interrupted.length === 0}
            backedUpAt={port?.backedUpAt}
            context={context}
          />
          {job.kind === "info" && job.status === "succeeded" && chipFacts}
          {job.error?.code.startsWith("no-link") === true && drawing}
          {map}
          {port?.present === true && <Idle port={port} state={all} main={false} context={context} />}
          {!(job.kind === "info" && job.status === "succeeded") && chipFacts}
          {notes}
          {plan}
        </>
      );
  }
}

/** A practice device has no wire that a rate would count on. */
const rateOf = (job: JobState | undefined): number | undefined =>
  job?.port.practice === true ? undefined : job?.baudRate;

/** What waits for a person's answer or hands. */
function questionOf(job: JobState | undefined): string | undefined {
  if (job?.status === "approval") return `approve ${job.id}`;
  if (job?.status !== "linking") return undefined;
  const task = linkTask(job.link, job.port.practice === true);
  // What is heard changes from one moment to the next, and asks for the same hands.
  return isLeft(task) ? `${task === "replug" ? task : "reset"} ${job.id}` : undefined;
}

/** To a person. */
const isLeft = (task: LinkTask): boolean => task !== "wait" && task !== "watch";

/** A quarter at a time: often enough to follow, seldom enough to listen to. */
function announcementFor(job: JobState | undefined, { strings }: DashboardContext): string {
  if (job === undefined) return "";
  if (job.status === "linking" && isLeft(linkTask(job.link, job.port.practice === true)))
    return taskWords(job.link, job.port.practice === true, strings);
  if (job.status === "failed") return `${strings.status.failed}: ${job.error?.title ?? ""}`;
  const quarter = Math.floor(4 * job.overall) / 4;
  const percent = isFinished(job) || quarter === 0 ? "" : ` ${formatPercent(quarter)}`;
  return `${job.title}: ${strings.status[job.status]}${percent}`;
}

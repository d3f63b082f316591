/** The dashboard: takes the host's snapshots and draws the device that is looked at. Decides what is shown, not what is true. */
import "../styles.css";
import { formatPercent } from "../../src/shared/figures";
import { isFinished, type JobState } from "../../src/shared/jobState";
import {
  PROTOCOL_VERSION,
  isToDashboard,
  withTexts,
  type DashboardSnapshot,
  type DashboardState,
  type FromDashboard,
  type PortView,
} from "../../src/shared/messages";
import { connect } from "../bridge";
import type { DashboardContext } from "../viewContext";
import { registerControls } from "../controls";
import { h, type Child } from "../dom";
import { createPage } from "../pageFrame";
import { chipCard } from "../views/chipCard";
import { deviceTabs } from "../views/devices";
import { flashMap } from "../views/flashMapView";
import { history, interrupted } from "../views/history";
import { idle } from "../views/idle";
import { linking } from "../views/linkingView";
import { outcome } from "../views/outcome";
import { card } from "../views/parts";
import { planApproval, planDetails } from "../views/planPreview";
import { notes, running } from "../views/running";
import { wiring } from "../views/wiring";
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
  page.paint({
    title: strings.dashboard.title,
    locale,
    subject: `${portId ?? ""} ${job?.id ?? ""} ${job?.status ?? ""}`,
    announcement: announcementFor(job, context),
    children: [
      h("h1", { class: "visually-hidden" }, strings.dashboard.title),
      deviceTabs({ devices, jobs: state.jobs, shown: portId, choose }, context),
      h(
        "div",
        {
          key: "panel",
          id: "device-panel",
          class: "cards",
          role: devices.length > 1 ? "tabpanel" : undefined,
          "aria-labelledby": devices.length > 1 && portId !== undefined ? `tab-${portId}` : undefined,
        },
        interrupted(state.interrupted, context),
        deviceCards(port, job, state, context),
      ),
      history(state.history, context),
    ],
  });
}

function choose(portId: string): void {
  if (selection === undefined) return;
  selection = { ...selection, portId };
  bridge.remember("port", portId);
  repaint();
  tell();
}

function deviceCards(
  port: PortView | undefined,
  job: JobState | undefined,
  all: DashboardState,
  context: DashboardContext,
): Child[] {
  const chip = job?.chip ?? port?.chip;
  const chipFacts = chip !== undefined && chipCard(chip, job?.baudRate, context);
  const drawing = wiring(job?.port ?? port, chip, context);
  if (job === undefined) return [idle(port, all, context), chipFacts, (port === undefined || port.present) && drawing];
  const map = job.map && card({ id: "map", heading: context.strings.map.heading }, ...flashMap(job.map, context));
  const plan = job.plan && planDetails(job, job.plan, context);
  switch (job.status) {
    case "queued":
    case "linking":
      return [linking(job, context), drawing, notes(job, context), job.overall > 0 && map];
    case "approval":
      return [job.plan && planApproval(job, job.plan, context), map, chipFacts, notes(job, context)];
    case "running":
      return [running(job, context), map, chipFacts, notes(job, context), plan];
    case "succeeded":
    case "failed":
    case "cancelled": {
      const helpsToSeeWires = job.error?.code.startsWith("no-link") === true;
      return [
        outcome(job, context),
        helpsToSeeWires && drawing,
        job.kind !== "info" && map,
        port?.present === true && idle(port, all, context, false),
        chipFacts,
        notes(job, context),
        plan,
      ];
    }
  }
}

/** A quarter at a time: often enough to follow, seldom enough to listen to. */
function announcementFor(job: JobState | undefined, { strings }: DashboardContext): string {
  if (job === undefined) return "";
  if (job.status === "linking" && job.link?.adapterGone === true) return strings.linking.replug;
  if (job.status === "linking" && job.link?.needsPerson === true && job.port.practice !== true)
    return strings.linking.person;
  if (job.status === "failed") return `${strings.status.failed}: ${job.error?.title ?? ""}`;
  const quarter = Math.floor(4 * job.overall) / 4;
  const percent = isFinished(job) || quarter === 0 ? "" : ` ${formatPercent(quarter)}`;
  return `${job.title}: ${strings.status[job.status]}${percent}`;
}

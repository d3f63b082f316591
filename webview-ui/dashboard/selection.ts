/** Which device the dashboard shows: the one a person chose here, until a job starts on another or asks for a yes, or another is asked for elsewhere. Pure. */
import { isFinished } from "../../src/shared/jobState";
import type { DashboardState, PortView } from "../../src/shared/messages";

export interface Selection {
  readonly portId: string | undefined;
  /** Jobs that were there the last time: a new one draws the eye. */
  readonly knownJobs: ReadonlySet<string>;
}

/** @param remembered the choice from before a reload; undefined when there is none */
export function firstSelection(state: DashboardState, remembered: string | undefined): Selection {
  const known = devicesOf(state);
  const running = state.jobs.find((job) => !isFinished(job))?.port.id;
  const wanted = known.find(({ id }) => id === state.wantedPortId)?.id;
  const chosen = known.find(({ id }) => id === remembered)?.id;
  return { portId: wanted ?? running ?? chosen ?? state.selectedPortId ?? known[0]?.id, knownJobs: idsOf(state) };
}

export function nextSelection(before: Selection, previous: DashboardState, state: DashboardState): Selection {
  const started = state.jobs.find((job) => !before.knownJobs.has(job.id) && !isFinished(job));
  const asks = state.jobs.find(({ id, status }) => status === "approval" && !isAsking(previous, id));
  const shownAsks = state.jobs.some(({ port, status }) => status === "approval" && port.id === before.portId);
  const asking = shownAsks ? undefined : asks;
  const pickedElsewhere = state.selectedPortId !== previous.selectedPortId ? state.selectedPortId : undefined;
  const known = devicesOf(state);
  const looked = known.find(({ id }) => id === state.wantedPortId)?.id;
  const wanted = looked ?? started?.port.id ?? asking?.port.id ?? pickedElsewhere ?? before.portId;
  const portId = known.some(({ id }) => id === wanted)
    ? wanted
    : (known.find(({ id }) => id === state.selectedPortId) ?? known[0])?.id;
  return { portId, knownJobs: new Set([...before.knownJobs, ...idsOf(state)]) };
}

const isAsking = (state: DashboardState, jobId: string): boolean =>
  state.jobs.some(({ id, status }) => id === jobId && status === "approval");

const idsOf = (state: DashboardState): ReadonlySet<string> => new Set(state.jobs.map(({ id }) => id));

/** Ports, and those that are gone but whose job is still worth showing. */
export function devicesOf(state: DashboardState): readonly PortView[] {
  const listed = new Set(state.ports.map(({ id }) => id));
  const gone = state.jobs
    .filter(({ port }) => !listed.has(port.id))
    .map(({ port, chip }): PortView => ({ ...port, chip, present: false }));
  const unique = new Map([...state.ports, ...gone].map((port) => [port.id, port]));
  return [...unique.values()];
}

/** One tab for each device, when there is more than one worth showing. */
import type { VNode } from "preact";
import { formatPercent } from "../../src/shared/figures";
import { hasPlug, isFinished, type JobState } from "../../src/shared/jobState";
import type { PortView } from "../../src/shared/messages";
import type { Context } from "../viewContext";

export interface DeviceTabsProps {
  readonly devices: readonly PortView[];
  readonly jobs: readonly JobState[];
  readonly shown: string | undefined;
  /** Draws the device that was chosen before it returns. */
  readonly choose: (portId: string) => void;
  readonly context: Context;
}

export function DeviceTabs({ devices, jobs, shown, choose, context }: DeviceTabsProps): VNode | undefined {
  if (devices.length < 2) return undefined;
  const step = (event: KeyboardEvent): void => {
    const offset = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (offset === 0) return;
    event.preventDefault();
    const index = devices.findIndex(({ id }) => id === shown);
    const next = devices[(index + offset + devices.length) % devices.length];
    if (next === undefined) return;
    const list = event.currentTarget as Element | null;
    choose(next.id);
    list?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={context.strings.dashboard.devices} onKeyDown={step}>
      {devices.map((port) => (
        <Tab
          key={port.id}
          port={port}
          job={jobs.find((job) => job.port.id === port.id)}
          isShown={port.id === shown}
          choose={choose}
          context={context}
        />
      ))}
    </div>
  );
}

interface TabProps {
  readonly port: PortView;
  readonly job: JobState | undefined;
  readonly isShown: boolean;
  readonly choose: (portId: string) => void;
  readonly context: Context;
}

function Tab({ port, job, isShown, choose, context: { strings } }: TabProps): VNode {
  const running = job !== undefined && !isFinished(job);
  const state = running
    ? job.status === "running"
      ? formatPercent(job.overall)
      : strings.status[job.status]
    : undefined;
  const about = [
    port.practice === true ? strings.dashboard.practice : port.adapter,
    port.present ? undefined : strings.dashboard[hasPlug(port) ? "notPresent" : "notThere"],
    state,
  ];
  return (
    <button
      class="tab"
      role="tab"
      type="button"
      id={`tab-${port.id}`}
      aria-selected={isShown}
      aria-controls="device-panel"
      tabIndex={isShown ? 0 : -1}
      onClick={() => choose(port.id)}
    >
      <span class="tab-name">{port.label}</span>
      <span class="tab-about">{about.filter((text) => text !== undefined).join(", ")}</span>
    </button>
  );
}

/** One tab for each device, when there is more than one worth showing. */
import { formatPercent } from "../../src/shared/figures";
import { isFinished, type JobState } from "../../src/shared/jobState";
import type { PortView } from "../../src/shared/messages";
import type { Context } from "../viewContext";
import { h, type Child, type ElementNode } from "../dom";

export interface DeviceTabs {
  readonly devices: readonly PortView[];
  readonly jobs: readonly JobState[];
  readonly shown: string | undefined;
  readonly choose: (portId: string) => void;
}

export function deviceTabs({ devices, jobs, shown, choose }: DeviceTabs, { strings }: Context): Child {
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
  return h(
    "div",
    {
      key: "tabs",
      class: "tabs",
      role: "tablist",
      "aria-label": strings.dashboard.devices,
      on: { keydown: (event) => step(event as KeyboardEvent) },
    },
    devices.map((port) =>
      tab(
        port,
        jobs.find((job) => job.port.id === port.id),
        port.id === shown,
        choose,
        strings,
      ),
    ),
  );
}

function tab(
  port: PortView,
  job: JobState | undefined,
  isShown: boolean,
  choose: (portId: string) => void,
  strings: Context["strings"],
): ElementNode {
  const running = job !== undefined && !isFinished(job);
  const state = running
    ? job.status === "running"
      ? formatPercent(job.overall)
      : strings.status[job.status]
    : undefined;
  const about = [
    port.practice === true ? strings.dashboard.practice : port.adapter,
    port.present ? undefined : strings.dashboard.notPresent,
    state,
  ];
  return h(
    "button",
    {
      key: port.id,
      class: "tab",
      role: "tab",
      type: "button",
      id: `tab-${port.id}`,
      "aria-selected": isShown ? "true" : "false",
      "aria-controls": "device-panel",
      tabindex: isShown ? 0 : -1,
      on: { click: () => choose(port.id) },
    },
    h("span", { class: "tab-name" }, port.label),
    h("span", { class: "tab-about" }, about.filter((text) => text !== undefined).join(", ")),
  );
}

/**
 * The line to the host: asks when ready, hands on whole snapshots, at most ten a second and never an old one, and answers, and sends
 * intents. Knows the envelope, not what is inside.
 */

interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): EditorApi;

interface Snapshot<Told> {
  readonly revision: number;
  readonly state: Told;
}

export interface Bridge<Intent> {
  send(intent: Intent): void;
  /** What this page remembers of itself through a reload: texts by name. */
  remembered(name: string): string | undefined;
  remember(name: string, value: string): void;
}

/** Shortest time between two repaints. */
const REPAINT_EVERY_MS = 100;

export interface BridgeOptions<Told, State, Intent> {
  readonly ready: Intent;
  readonly isSnapshot: (message: unknown) => message is Snapshot<Told>;
  /** Puts in what was told before; undefined for what cannot be shown without it. */
  readonly complete: (told: Told, before: State | undefined) => State | undefined;
  readonly paint: (state: State) => void;
  /** Whatever else the host says; the page looks at it first. */
  readonly hear?: (message: unknown) => void;
}

export function connect<Told, State, Intent>({
  ready,
  isSnapshot,
  complete,
  paint,
  hear,
}: BridgeOptions<Told, State, Intent>): Bridge<Intent> {
  const api = acquireVsCodeApi();
  let revision = -1;
  let latest: State | undefined;
  let waiting: State | undefined;
  let lastPaint = -Infinity;
  let timer: number | undefined;

  const repaint = (): void => {
    timer = undefined;
    if (waiting === undefined) return;
    lastPaint = performance.now();
    const state = waiting;
    waiting = undefined;
    paint(state);
  };

  window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (!isSnapshot(data)) return hear?.(data);
    if (data.revision <= revision) return;
    const state = complete(data.state, latest);
    if (state === undefined) return;
    revision = data.revision;
    latest = state;
    waiting = state;
    const wait = REPAINT_EVERY_MS - (performance.now() - lastPaint);
    if (wait <= 0) repaint();
    else timer ??= window.setTimeout(repaint, wait);
  });
  api.postMessage(ready);

  const memory = (): Readonly<Record<string, unknown>> => {
    const state = api.getState();
    return typeof state === "object" && state !== null ? (state as Record<string, unknown>) : {};
  };
  return {
    send: (intent) => api.postMessage(intent),
    remembered: (name) => {
      const value = memory()[name];
      return typeof value === "string" ? value : undefined;
    },
    remember: (name, value) => api.setState({ ...memory(), [name]: value }),
  };
}

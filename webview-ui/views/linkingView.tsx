/** Before the chip answers: what to do now, how long it is waited for, and what the wire says. */
import type { VNode } from "preact";
import { linkTask, takesLong, taskWords, type LinkTask } from "../../src/shared/coach";
import { fill, formatBytes, formatDuration } from "../../src/shared/figures";
import type { JobState } from "../../src/shared/jobState";
import type { DashboardCommand } from "../../src/shared/messages";
import type { Strings } from "../../src/shared/strings";
import { Button, ProgressRing, Tag } from "../controls";
import type { DashboardContext } from "../viewContext";
import { Actions, Bar, Card, Steps } from "./parts";

const WHEN_LONG: readonly DashboardCommand[] = ["selectPort", "showLog"];

/** They lead whoever has been asked for what. */
const SURE_TASKS: ReadonlySet<LinkTask> = new Set(["joined", "crossed", "speed", "held"]);

type Link = NonNullable<JobState["link"]>;

export interface LinkingProps {
  readonly job: JobState;
  readonly context: DashboardContext;
}

/** Below what is to be done: what else matters to it. */
function besides(task: LinkTask, { linking: words }: Strings): string | undefined {
  switch (task) {
    case "replug":
      return words.replugNext;
    case "joined":
    case "crossed":
      return words.joinedThen;
    case "speed":
    case "held":
    case "prints":
      return words.hands;
    case "heard":
      return words.thenReset;
    case "watch":
      return undefined;
    case "reset":
    case "wait":
      return words.hands;
  }
}

export function Linking({ job, context }: LinkingProps): VNode {
  const { strings, send } = context;
  const { linking: words } = strings;
  const { link } = job;
  const practice = job.port.practice === true;
  const task = linkTask(link, practice);
  const gone = task === "replug";
  const isUrgent = task !== "wait" && link !== undefined && (link.needsPerson || SURE_TASKS.has(task));
  const isLong = !practice && link !== undefined && takesLong(link);
  const status = gone ? words.replugBar : strings.status[job.status];
  const more = besides(task, strings);
  return (
    <Card
      id="linking"
      heading={gone ? words.headingReplug : words.heading}
      main
      aside={<Tag text={status} tone={isUrgent ? "warn" : "neutral"} />}
    >
      <p class="job-title">{job.title}</p>
      {job.overall > 0 && !gone && <p>{words.again}</p>}
      <div class={`do-now${isUrgent ? " urgent" : ""}`}>
        <ProgressRing />
        <div>
          <h3>{words.now}</h3>
          <p class={`do-now-text${isLong ? " takes-long" : ""}`}>{taskWords(link, practice, strings)}</p>
          {more !== undefined && <p class="quiet">{more}</p>}
        </div>
      </div>
      {link !== undefined && (
        <div class="stack">
          <Waited link={link} label={gone ? words.replugBar : strings.status.linking} words={words} />
          {(task === "reset" || task === "heard" || task === "prints") && (
            <Steps heading={words.steps} lines={[words.stepWires, words.stepOff, words.stepOn]} />
          )}
          {!gone && (
            <>
              <h3>{words.wire}</h3>
              <p class={`wire-says wire-says-${link.wire}`}>{strings.wire[link.wire]}</p>
            </>
          )}
          {link.bytesSeen > 0 && <p class="quiet">{fill(words.bytesSeen, formatBytes(link.bytesSeen))}</p>}
        </div>
      )}
      <Actions>
        <Button id="cancel" label={strings.running.stop} press={() => send({ type: "cancel", jobId: job.id })} />
        {isLong &&
          WHEN_LONG.map((command) => (
            <Button
              key={command}
              id={command}
              label={strings.action[command]}
              press={() => send({ type: "run", command, portId: job.port.id })}
            />
          ))}
      </Actions>
    </Card>
  );
}

interface WaitedProps {
  readonly link: Link;
  readonly label: string;
  readonly words: { readonly elapsed: string };
}

function Waited({ link: { elapsedMs, limitMs }, label, words }: WaitedProps): VNode {
  const text = fill(words.elapsed, formatDuration(elapsedMs), formatDuration(limitMs));
  return (
    <>
      <Bar label={label} share={limitMs > 0 ? elapsedMs / limitMs : 0} text={text} />
      <p class="figure-value">{text}</p>
    </>
  );
}

/** Before the chip answers: what to do now, how long it is waited for, and what the wire says. */
import type { VNode } from "preact";
import { fill, formatBytes, formatDuration } from "../../src/shared/figures";
import type { JobState } from "../../src/shared/jobState";
import type { DashboardCommand } from "../../src/shared/messages";
import { Button, ProgressRing, Tag } from "../controls";
import type { DashboardContext } from "../viewContext";
import { Actions, Bar, Card, Steps } from "./parts";

/** After this share of the time, what is heard is worth a closer look. */
const LONG = 1 / 3;

const WHEN_LONG: readonly DashboardCommand[] = ["selectPort", "showLog"];

type Link = NonNullable<JobState["link"]>;

export interface LinkingProps {
  readonly job: JobState;
  readonly context: DashboardContext;
}

export function Linking({ job, context }: LinkingProps): VNode {
  const { strings, send } = context;
  const { linking: words } = strings;
  const { link } = job;
  const needsPerson = link?.needsPerson ?? false;
  const gone = link?.adapterGone === true;
  const practice = job.port.practice === true;
  const byHand = needsPerson && !gone && !practice;
  const takesLong = byHand && link !== undefined && link.elapsedMs > LONG * link.limitMs;
  const doNow = gone ? words.replug : practice ? words.practice : needsPerson ? words.person : words.automatic;
  const status = gone ? words.replugBar : strings.status[job.status];
  return (
    <Card
      id="linking"
      heading={gone ? words.headingReplug : words.heading}
      main
      aside={<Tag text={status} tone={needsPerson ? "warn" : "neutral"} />}
    >
      <p class="job-title">{job.title}</p>
      {job.overall > 0 && !gone && <p>{words.again}</p>}
      <div class={`do-now${needsPerson ? " urgent" : ""}`}>
        <ProgressRing />
        <div>
          <h3>{words.now}</h3>
          <p class="do-now-text">{doNow}</p>
          {gone ? <p class="quiet">{words.replugNext}</p> : !practice && <p class="quiet">{words.hands}</p>}
        </div>
      </div>
      {link !== undefined && (
        <div class="stack">
          <Waited link={link} label={gone ? words.replugBar : strings.status.linking} words={words} />
          {byHand && <Steps heading={words.steps} lines={[words.stepWires, words.stepOff, words.stepOn]} />}
          {!gone && (
            <>
              <h3>{words.wire}</h3>
              <p class={`wire-says wire-says-${link.wire}`}>{strings.wire[link.wire]}</p>
            </>
          )}
          {takesLong && (
            <>
              <h3>{words.long}</h3>
              <p class="takes-long">{strings.wireLong[link.wire]}</p>
            </>
          )}
          {link.bytesSeen > 0 && <p class="quiet">{fill(words.bytesSeen, formatBytes(link.bytesSeen))}</p>}
        </div>
      )}
      <Actions>
        <Button id="cancel" label={strings.running.stop} press={() => send({ type: "cancel", jobId: job.id })} />
        {takesLong &&
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

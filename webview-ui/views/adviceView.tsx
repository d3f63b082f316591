/** What the project should know of this chip: whether its updates will be unpacked, and the lines for its next build, to be copied. */
import type { VNode } from "preact";
import { fill } from "../../src/shared/figures";
import type { AdviceView } from "../../src/shared/buildAdviceView";
import type { JobState } from "../../src/shared/jobState";
import { Button } from "../controls";
import type { DashboardContext } from "../viewContext";
import { Actions } from "./parts";

export interface AdviceProps {
  readonly job: JobState;
  readonly context: DashboardContext;
}

/** All of it, after the end. */
export function Advice({ job, context }: AdviceProps): VNode | undefined {
  if (job.advice === undefined) return undefined;
  return (
    <div class="advice">
      <UpdatesLine advice={job.advice} context={context} />
      <AdviceLines job={job} context={context} />
    </div>
  );
}

/** Nothing where the build fits already. */
export function AdviceLines({ job: { id, advice }, context: { strings, send } }: AdviceProps): VNode | undefined {
  const { advice: words } = strings;
  if (advice === undefined || advice.yaml.length === 0) return undefined;
  return (
    <div class="stack">
      <p>{words.lines}</p>
      <pre class="mono yaml-lines" role="group" aria-label={words.lines} tabIndex={0}>
        {advice.yaml.join("\n")}
      </pre>
      <Actions>
        <Button id="copyYaml" label={words.copy} press={() => send({ type: "copyYaml", jobId: id })} />
      </Actions>
    </div>
  );
}

/** One sentence, which a plan has among its own. */
export function UpdatesLine({
  advice,
  context: { strings },
}: {
  readonly advice: AdviceView | undefined;
  readonly context: DashboardContext;
}): VNode | undefined {
  const { updates } = advice ?? {};
  return updates && <p class="updates-line">{fill(strings.advice.updates[updates.works], updates.why)}</p>;
}

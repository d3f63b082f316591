/** What a dump tells of its device: every fact with what says so, and what is private, hidden until secrets are shown. */
import type { VNode } from "preact";
import type { PassportView } from "../../src/shared/dumpView";
import { fill } from "../../src/shared/figures";
import { Button, Tag } from "../controls";
import type { DumpProps } from "./explorerState";
import { Actions, Card, Lines, Notes, Table } from "./parts";

export function PassportCard({ dump, context }: DumpProps): VNode | undefined {
  const { passport } = dump;
  const { send } = context;
  const { passport: words } = context.strings;
  if (passport === undefined) return undefined;
  return (
    <Card id="passport" heading={words.heading}>
      <Private dump={dump} passport={passport} context={context} />
      <Notes list={passport.contradictions.map((content) => ({ level: "warning", content }))} />
      <Table
        label={words.heading}
        columns={[{ heading: words.fact }, { heading: words.value }, { heading: words.evidence }]}
        rows={passport.facts.map(({ name, value, evidence, confidence }) => [
          name,
          value,
          <>
            {evidence} <Tag text={words.confidence[confidence]} />
          </>,
        ])}
      />
      <Lines
        name="updates"
        lines={passport.updates.map(({ firmware, works, why }) =>
          fill(words.overTheAir, firmware, words.works[works], why),
        )}
      />
      {passport.noSettings === undefined ? (
        <Actions>
          <Button id="createProject" label={words.createProject} press={() => send({ type: "createProject" })} />
          <Button
            id="showConfiguration"
            label={words.showConfiguration}
            press={() => send({ type: "showConfiguration" })}
          />
        </Actions>
      ) : (
        <p class="quiet">
          {passport.noSettings.why} {passport.noSettings.todo}
        </p>
      )}
    </Card>
  );
}

/** Said before anybody thinks of sharing the file; what it is about is shown by one press, and no other way. */
function Private({
  dump: { secretsShown, hidesBytes },
  passport,
  context: { strings, send },
}: DumpProps & { readonly passport: PassportView }): VNode | undefined {
  const { passport: words } = strings;
  if (passport.private.length === 0 && passport.secrets.length === 0 && !hidesBytes) return undefined;
  return (
    <div class="private stack">
      {passport.private.length > 0 && (
        <div class="warning-line">
          <h3>{words.privateHeading}</h3>
          <Lines name="private-lines" lines={passport.private} />
        </div>
      )}
      <Actions>
        <Button
          id="secrets"
          label={secretsShown ? words.hide : words.show}
          press={() => send({ type: "secrets", shown: !secretsShown })}
        />
      </Actions>
      {secretsShown && <p class="quiet">{words.shownNow}</p>}
      {secretsShown && passport.secrets.length > 0 && (
        <Table
          label={words.secrets}
          columns={[{ heading: words.secretName }, { heading: words.value }]}
          rows={passport.secrets.map(({ name, value }) => [name, value])}
        />
      )}
    </div>
  );
}

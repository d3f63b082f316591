/** Compares with another file or with the chip, and lists what differs. */
import type { VNode } from "preact";
import type { ComparisonView } from "../../src/shared/dumpView";
import { fill, formatBytes, hexRange } from "../../src/shared/figures";
import type { Strings } from "../../src/shared/strings";
import { Button } from "../controls";
import type { DumpProps } from "./explorerState";
import { Actions, Card, Table } from "./parts";

export function CompareCard({ dump, context }: DumpProps): VNode {
  const { strings, send, explorer, repaint } = context;
  const { compare: words } = strings;
  const { comparison, isFlash } = dump;
  return (
    <Card id="compare" heading={words.heading}>
      <Actions>
        <Button id="compareFile" label={words.withFile} press={() => send({ type: "compare", with: "file" })} />
        {isFlash && (
          <Button id="compareChip" label={words.withChip} press={() => send({ type: "compare", with: "chip" })} />
        )}
        {comparison !== undefined && (
          <Button id="compareEnd" label={words.end} press={() => send({ type: "compare", with: "nothing" })} />
        )}
      </Actions>
      {comparison !== undefined && (
        <Differences
          comparison={comparison}
          strings={strings}
          show={(range) => {
            explorer.selected = { ...range, name: range.parts };
            explorer.go(range.start);
            repaint();
          }}
        />
      )}
    </Card>
  );
}

interface DifferencesProps {
  readonly comparison: ComparisonView;
  readonly strings: Strings;
  readonly show: (range: ComparisonView["differences"][number]) => void;
}

function Differences({ comparison, strings, show }: DifferencesProps): VNode {
  const { compare: words } = strings;
  const { differences, lengths } = comparison;
  if (differences.length === 0) return <p role="status">{fill(words.same, comparison.with)}</p>;
  return (
    <>
      <p role="status">{fill(words.differs, differences.length, comparison.with)}</p>
      {lengths && <p class="quiet">{fill(words.lengths, lengths[0], lengths[1])}</p>}
      <Table
        label={words.heading}
        columns={[{ heading: words.place }, { heading: words.bytes, class: "nowrap" }, { heading: words.lies }]}
        rows={differences.map((range) => [
          <button
            type="button"
            class="link mono"
            aria-label={fill(words.goTo, hexRange(range.start, range.end))}
            onClick={() => show(range)}
          >
            {hexRange(range.start, range.end)}
          </button>,
          range.bytes === undefined ? formatBytes(range.end - range.start) : formatBytes(range.bytes),
          range.parts,
        ])}
      />
    </>
  );
}

/** A firmware file in full: what it is, what was checked, where it goes. */
import type { VNode } from "preact";
import { fill, formatBytes, hexRange } from "../../src/shared/figures";
import type { ImageViewerState } from "../../src/shared/messages";
import type { Strings } from "../../src/shared/strings";
import type { ArchiveView, ImageView } from "../../src/shared/views";
import { Button, Divider, Tag } from "../controls";
import { BytesCard } from "./bytesCard";
import { CompareCard } from "./compareCard";
import type { DumpContext } from "./explorerState";
import { FlashMapView } from "./flashMapView";
import { Actions, Card, Facts, Lines, Notes, Table } from "./parts";
import { PartsCard } from "./partsCard";
import { PassportCard } from "./passportCard";

export type ImageContext = DumpContext;

type Shown = Extract<ImageViewerState, { readonly status: "shown" }>;

interface ShownProps {
  readonly state: Shown;
  readonly context: ImageContext;
}

interface ImageProps {
  readonly image: ImageView;
  readonly strings: Strings;
}

export function ImagePage({ state, context }: ShownProps): VNode {
  const { image, archive, dump, verbs } = state;
  const { strings } = context;
  return (
    <>
      {archive !== undefined && <ArchivePage archive={archive} context={context} />}
      <Head state={state} context={context} />
      <Warnings image={image} strings={strings} />
      <PassportCard dump={dump} context={context} />
      <PartsCard dump={dump} context={context} />
      <Checks image={image} strings={strings} />
      <Fields image={image} strings={strings} />
      {!verbs.restore && <Ranges state={state} context={context} />}
      <CompareCard dump={dump} context={context} />
      <BytesCard dump={dump} context={context} />
    </>
  );
}

interface ArchiveProps {
  readonly archive: ArchiveView;
  readonly context: ImageContext;
}

/** The firmware in an archive, each to be chosen; the page's main thing as long as none is. */
export function ArchivePage({ archive, context: { strings, send } }: ArchiveProps): VNode {
  const { image: words, plan } = strings;
  const { files, others, unread, chosen } = archive;
  return (
    <Card id="archive" heading={fill(words.archive, archive.fileName)} main={chosen === undefined}>
      {files.length === 0 ? (
        <p class="quiet">{words.nothingInside}</p>
      ) : (
        <>
          {chosen === undefined && <p>{words.chooseInside}</p>}
          <Table
            label={fill(words.archive, archive.fileName)}
            columns={[{ heading: plan.file }, { heading: words.content }, { heading: plan.size, class: "nowrap" }]}
            rows={files.map(({ path, label, size }) => [
              path === chosen ? (
                <>
                  {path} <Tag text={words.shownInside} />
                </>
              ) : (
                <Button id={`choose-${path}`} label={path} press={() => send({ type: "choose", path })} />
              ),
              label,
              formatBytes(size),
            ])}
          />
        </>
      )}
      {others > 0 && <p class="quiet">{fill(words.othersInside, others)}</p>}
      <Notes list={unread.map((content) => ({ level: "warning", content }))} />
    </Card>
  );
}

function Head({ state, context: { strings, send } }: ShownProps): VNode {
  const { image, verbs, target } = state;
  const { image: words } = strings;
  // What speaks against flashing says nothing about a copy that is restored.
  const refusal = verbs.restore ? undefined : state.refusal;
  const isDamaged = image.checks.some(({ verdict }) => verdict === "bad");
  const verdict =
    refusal !== undefined ? (
      <Tag text={words.refused} tone="bad" />
    ) : (
      <Tag text={strings.verdict[isDamaged ? "bad" : "ok"]} tone={isDamaged ? "bad" : "good"} />
    );
  return (
    <Card id="summary" heading={image.label} main tone={refusal !== undefined ? "bad" : "neutral"} aside={verdict}>
      {refusal !== undefined && (
        <>
          <p class="warning-line">{refusal.title}</p>
          <Lines name="steps" lines={refusal.steps} />
          <Divider />
        </>
      )}
      <Facts
        rows={[
          { name: strings.plan.file, value: image.fileName },
          { name: words.format, value: words.formats[image.format] },
          { name: words.size, value: `${formatBytes(image.fileSize)} (${image.fileSize} B)` },
          { name: words.chips, value: image.chips.length > 0 ? image.chips.join(", ") : words.anyChip },
          { name: words.key, value: keyText(image, strings) },
        ]}
      />
      {verbs.restore && <p class="quiet">{words.isCopy}</p>}
      <Actions>
        {verbs.flash && (
          <Button
            id="flash"
            label={target === undefined ? words.flash : fill(words.flashTo, target)}
            primary
            press={() => send({ type: "flash" })}
          />
        )}
        {verbs.restore && <Button id="restore" label={words.restore} primary press={() => send({ type: "restore" })} />}
        {verbs.verify && <Button id="verify" label={words.verify} press={() => send({ type: "verify" })} />}
        {refusal?.instead !== undefined && (
          <Button
            id="openInstead"
            label={fill(words.openInstead, refusal.instead)}
            primary
            press={() => send({ type: "openInstead" })}
          />
        )}
      </Actions>
    </Card>
  );
}

function keyText({ key }: ImageView, strings: Strings): string {
  if (key === undefined) return strings.image.noKey;
  return key.coefficients === undefined ? strings.key[key.kind] : `${strings.key[key.kind]}: ${key.coefficients}`;
}

function Warnings({ image: { warnings }, strings }: ImageProps): VNode | undefined {
  if (warnings.length === 0) return undefined;
  return (
    <Card id="warnings" heading={strings.image.warnings} tone="warn">
      <Notes list={warnings.map((content) => ({ level: "warning", content }))} />
    </Card>
  );
}

function Checks({ image: { checks }, strings }: ImageProps): VNode {
  const { image: words } = strings;
  return (
    <Card id="checks" heading={words.checks}>
      {checks.length === 0 ? (
        <p class="quiet">{words.noChecks}</p>
      ) : (
        <Table
          label={words.checks}
          columns={[
            { heading: words.checkName },
            { heading: words.checkVerdict, class: "nowrap" },
            { heading: words.checkDetail },
          ]}
          rows={checks.map(({ name, verdict, detail }) => [
            name,
            <span class={`result verdict-${verdict}`}>
              <span class="result-mark" aria-hidden="true" />
              {strings.verdict[verdict]}
            </span>,
            detail,
          ])}
        />
      )}
    </Card>
  );
}

function Fields({ image: { details }, strings }: ImageProps): VNode | undefined {
  if (details.length === 0) return undefined;
  return (
    <Card id="fields" heading={strings.image.fields}>
      <Facts rows={details} />
    </Card>
  );
}

function Ranges({ state: { image, layoutName }, context }: ShownProps): VNode {
  const { image: words, plan } = context.strings;
  const { map } = image;
  return (
    <Card id="ranges" heading={words.ranges}>
      {map === undefined ? (
        <p class="quiet">{words.nothing}</p>
      ) : (
        <>
          <Table
            label={words.ranges}
            columns={[{ heading: plan.range, class: "mono" }, { heading: plan.size }, { heading: words.content }]}
            rows={image.segments.map(({ start, end, from }) => [hexRange(start, end), formatBytes(end - start), from])}
          />
          <h3>{words.map}</h3>
          {layoutName !== undefined && <p class="quiet">{fill(words.mapLayout, layoutName)}</p>}
          <FlashMapView map={map} context={context} />
        </>
      )}
    </Card>
  );
}

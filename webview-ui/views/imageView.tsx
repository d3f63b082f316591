/** A firmware file in full: what it is, what was checked, where it goes. */
import type { VNode } from "preact";
import { fill, formatBytes, hexRange } from "../../src/shared/figures";
import type { ImageViewerState } from "../../src/shared/messages";
import type { Strings } from "../../src/shared/strings";
import type { ArchiveView, ImageView } from "../../src/shared/views";
import { Button, Tag } from "../controls";
import { BytesCard } from "./bytesCard";
import { CompareCard } from "./compareCard";
import { Ending } from "./ending";
import type { DumpContext } from "./explorerState";
import { FlashMapView } from "./flashMapView";
import { Actions, Card, Facts, Notes, Table } from "./parts";
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

function Head({ state, context }: ShownProps): VNode {
  const { image, verbs } = state;
  const { strings } = context;
  const { image: words } = strings;
  // What speaks against flashing says nothing about a copy that is restored.
  if (state.refusal !== undefined && !verbs.restore) return <Refused state={state} context={context} />;
  const isDamaged = image.checks.some(({ verdict }) => verdict === "bad");
  return (
    <Card
      id="summary"
      heading={image.label}
      main
      aside={<Tag text={strings.verdict[isDamaged ? "bad" : "ok"]} tone={isDamaged ? "bad" : "good"} />}
    >
      <FileFacts image={image} strings={strings} />
      {verbs.restore && <p class="quiet">{words.isCopy}</p>}
      <Actions>
        <Verbs state={state} context={context} />
      </Actions>
    </Card>
  );
}

/** What is no file for a serial port: why not, and what to take instead. */
function Refused({ state, context }: ShownProps): VNode {
  const { image, refusal, verbs } = state;
  const { strings, send } = context;
  const { image: words } = strings;
  const [first, ...steps] = refusal?.steps ?? [];
  const { instead } = refusal ?? {};
  return (
    <Ending
      id="summary"
      happened={refusal?.title ?? words.refused}
      tone="bad"
      tag={<Tag text={words.refused} tone="bad" />}
      means={[{ text: image.label }]}
      next={{
        text: first ?? words.nothing,
        button:
          instead === undefined ? undefined : (
            <Button
              id="openInstead"
              label={fill(words.openInstead, instead)}
              primary
              press={() => send({ type: "openInstead" })}
            />
          ),
      }}
      steps={steps}
      others={verbs.verify ? <Verbs state={state} context={context} /> : undefined}
      strings={strings}
    >
      <FileFacts image={image} strings={strings} />
    </Ending>
  );
}

function FileFacts({ image, strings }: ImageProps): VNode {
  const { image: words } = strings;
  return (
    <Facts
      rows={[
        { name: strings.plan.file, value: image.fileName },
        { name: words.size, value: `${formatBytes(image.fileSize)} (${image.fileSize} B)` },
        // Where the file names its chips, its heading does.
        { name: words.chips, value: image.chips.length > 0 ? undefined : words.anyChip },
        { name: words.key, value: keyText(image, strings) },
      ]}
    />
  );
}

/** What can be done with the file and the device that is selected. */
function Verbs({ state: { verbs, target }, context: { strings, send } }: ShownProps): VNode {
  const { image: words } = strings;
  const named = (alone: string, to: string): string => (target === undefined ? alone : fill(to, target));
  return (
    <>
      {verbs.flash && (
        <Button id="flash" label={named(words.flash, words.flashTo)} primary press={() => send({ type: "flash" })} />
      )}
      {verbs.restore && (
        <Button
          id="restore"
          label={named(words.restore, words.restoreTo)}
          primary
          press={() => send({ type: "restore" })}
        />
      )}
      {verbs.verify && (
        <Button id="verify" label={named(words.verify, words.verifyOn)} press={() => send({ type: "verify" })} />
      )}
    </>
  );
}

/** Of code that can be read; a packed or encrypted update says nothing of it. */
function keyText({ key }: ImageView, strings: Strings): string | undefined {
  if (key === undefined) return undefined;
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

function Fields({ image: { format, details }, strings }: ImageProps): VNode {
  return (
    <Card id="fields" heading={strings.image.fields}>
      <Facts rows={[{ name: strings.image.format, value: format }, ...details]} />
    </Card>
  );
}

/** Nothing of a file that is not for a serial port: the page says so at its head. */
function Ranges({ state: { image, layoutName }, context }: ShownProps): VNode | undefined {
  const { image: words, plan } = context.strings;
  const { map } = image;
  if (map === undefined) return undefined;
  return (
    <Card id="ranges" heading={words.ranges}>
      <Table
        label={words.ranges}
        columns={[{ heading: plan.range, class: "mono" }, { heading: plan.size }, { heading: words.content }]}
        rows={image.segments.map(({ start, end, from }) => [hexRange(start, end), formatBytes(end - start), from])}
      />
      <h3>{words.map}</h3>
      {layoutName !== undefined && <p class="quiet">{fill(words.mapLayout, layoutName)}</p>}
      <FlashMapView map={map} context={context} />
    </Card>
  );
}

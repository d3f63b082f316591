/**
 * How something ended, in one shape whatever it was: what happened, what it means, the one next step large, the rest small,
 * details folded. Layout only; no content of its own.
 */
import type { ComponentChildren, VNode } from "preact";
import type { Strings } from "../../src/shared/strings";
import { Actions, Card, type CardProps } from "./parts";

/** A sentence; `careful`: it speaks against using the device as it is. */
export interface Meaning {
  readonly text: string;
  readonly careful?: boolean;
}

export interface EndingProps {
  readonly id: string;
  readonly tone: NonNullable<CardProps["tone"]>;
  readonly happened: string;
  /** The same in one word. */
  readonly tag: ComponentChildren;
  readonly means: readonly Meaning[];
  /** The one next step. Where another card has it, there is no button. */
  readonly next: { readonly text: string; readonly button?: VNode | undefined };
  /** What to do after that, in order. */
  readonly steps?: readonly string[];
  /** More to know before going on. */
  readonly children?: ComponentChildren;
  /** What else can be done. */
  readonly others?: ComponentChildren;
  readonly details?: ComponentChildren;
  readonly strings: Strings;
}

export function Ending(props: EndingProps): VNode {
  const { id, happened, tone, tag, means, next, steps = [], children, others, details, strings } = props;
  const { ending: words } = strings;
  return (
    <Card id={id} heading={happened} main tone={tone} aside={tag}>
      {means.map(({ text, careful }) => (
        <p class={careful === true ? "means warning-line" : "means"}>{text}</p>
      ))}
      <div class="next-step">
        <h3>{words.next}</h3>
        <p class="next-step-text">{next.text}</p>
        {next.button !== undefined && <Actions>{next.button}</Actions>}
      </div>
      {steps.length > 0 && (
        <>
          <h3>{words.then}</h3>
          <ol class="steps">
            {steps.map((line) => (
              <li>{line}</li>
            ))}
          </ol>
        </>
      )}
      {children}
      {others !== undefined && <Actions>{others}</Actions>}
      {details !== undefined && (
        <details class="ending-details">
          <summary>{words.details}</summary>
          <div class="stack">{details}</div>
        </details>
      )}
    </Card>
  );
}

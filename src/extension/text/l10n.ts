/**
 * Text for people, in the editor's language. Pure modules call `t` with the English sentence and stay testable without an editor; the
 * composition root plugs `vscode.l10n.t` in. Keys are the English sentences; l10n/ holds the translations.
 */

import { fillIn, sayBy, type Say } from "../../core/index";
import { localise, type Strings } from "../../shared/strings";

export type Translate = (message: string, ...values: readonly (string | number)[]) => string;

/** Fills `{0}`, `{1}` ... and translates nothing. */
export const english: Translate = (message, ...values) => fillIn(message, values);

let translate: Translate = english;

let words: Strings | undefined;

export function useTranslation(translation: Translate): void {
  translate = translation;
  words = undefined;
}

/** All shared texts, made once: views ask for them many times a second. */
export function localised(): Strings {
  words ??= localise((message) => translate(message));
  return words;
}

export const t: Translate = (message, ...values) => translate(message, ...values);

/** The core's texts in the editor's language. */
export const say: Say = sayBy(t);

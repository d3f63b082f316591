/**
 * Text for people, in the editor's language. Pure modules call `t` with the English sentence and stay testable without an editor; the
 * composition root plugs `vscode.l10n.t` in. Keys are the English sentences; l10n/ holds the translations.
 */

import { fillIn, type Say } from "../core/index";
import { localise, type Strings } from "../shared/strings";

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

/** The core's texts, and the texts in them; strings are the same in every language. */
export const say: Say = (text) =>
  typeof text === "string"
    ? text
    : t(text.template, ...text.values.map((value) => (typeof value === "number" ? value : say(value))));

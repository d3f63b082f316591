/** What the folders of src/languages hold, for tests. */
import { readFileSync } from "node:fs";
import { LANGUAGES } from "../src/languages/list";
import type { Language } from "../src/languages/language";

type Texts = Readonly<Record<string, string>>;

const read = (id: string, name: string): Texts =>
  JSON.parse(readFileSync(`src/languages/${id}/${name}.json`, "utf8")) as Texts;

/** What the editor says, by its English. */
export const textsOf = (id: string): Texts => read(id, "texts");

/** What package.json says, by key. */
export const manifestTextsOf = (id: string): Texts => read(id, "manifest");

const [first, ...others] = LANGUAGES;
if (first === undefined) throw new Error("there is no language");

/** What the sources are written in. */
export const OWN: Language = first;
export const TRANSLATIONS: readonly Language[] = others;

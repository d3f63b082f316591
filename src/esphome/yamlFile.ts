/** One YAML file as it was parsed: its document, and what it takes in. Parsing is the `yaml` package's. */
import { isMap, isScalar, parseDocument, visit, type Document, type Node } from "yaml";
import type { Words } from "../core/index";
import type { Read } from "./yamlScalars";

export interface Place {
  readonly start: number;
  readonly end: number;
}

/** A place in the text that is checked, or in a file that it takes in. */
export interface WrittenPlace extends Place {
  readonly file: string | undefined;
}

/** Where it is in the text that is checked: of something in another file the place that takes that file in. */
export interface YamlScalar extends Place {
  /** As it is written, without quotes. */
  readonly source: string;
  readonly isQuoted: boolean;
  /** What ESPHome gets; undefined where that is not to be known from here. */
  readonly read: Read | undefined;
  /** Why not. */
  readonly unknown: Words | undefined;
  readonly written: WrittenPlace;
}

/** What `!include` names; undefined where it is no name. */
export interface Include {
  readonly file: string;
  readonly vars: Node | null;
}

export class YamlFile {
  readonly document: Document;
  /** Values handed to it by `!include {file, vars}`, before the substitutions. */
  readonly vars = new Map<string, YamlScalar>();

  /**
   * @param path from the folder of the first file; undefined for that one
   * @param within the place in the first file that takes this one in
   */
  constructor(
    readonly path: string | undefined,
    text: string,
    readonly within: Place | undefined,
    readonly parent: YamlFile | undefined,
  ) {
    this.document = parsed(text);
  }

  get depth(): number {
    return this.parent === undefined ? 0 : this.parent.depth + 1;
  }
}

function parsed(text: string): Document {
  return parseDocument(text, { strict: false, uniqueKeys: false, logLevel: "silent", merge: false });
}

export function includeOf(node: Node | null): Include | undefined {
  if (node?.tag !== "!include") return undefined;
  if (isScalar(node)) return { file: node.type === "PLAIN" ? (node.source ?? "") : String(node.value), vars: null };
  if (!isMap(node)) return undefined;
  const file: unknown = node.get("file");
  if (typeof file !== "string") return undefined;
  const vars: unknown = node.get("vars", true);
  return { file, vars: isMap(vars) ? vars : null };
}

/** The names of the files that a text takes in, as they are written, and whether it takes something out of the secrets. */
export function filesNamedIn(text: string): { readonly names: readonly string[]; readonly hasSecrets: boolean } {
  const names = new Set<string>();
  let hasSecrets = false;
  if (/!(?:include|secret)\b/.test(text))
    visit(parsed(text), {
      Node: (_, node) => {
        if (node.tag === "!secret") hasSecrets = true;
        const include = includeOf(node);
        if (include && include.file !== "") names.add(include.file);
      },
    });
  return { names: [...names], hasSecrets };
}

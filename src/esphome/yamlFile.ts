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

/** In the text that stands for a folder: what is in a file of it is put into the list as if it stood there. */
export const PART_OF_LIST = "!part_of_list";

export function includeOf(node: Node | null): Include | undefined {
  if (node?.tag !== "!include" && node?.tag !== PART_OF_LIST) return undefined;
  if (isScalar(node)) return { file: node.type === "PLAIN" ? (node.source ?? "") : String(node.value), vars: null };
  if (!isMap(node)) return undefined;
  const file: unknown = node.get("file");
  if (typeof file !== "string") return undefined;
  const vars: unknown = node.get("vars", true);
  return { file, vars: isMap(vars) ? vars : null };
}

const FOLDER_TAG = /^!include_dir_(list|merge_list|named|merge_named)$/;
export type FolderForm = "list" | "merge_list" | "named" | "merge_named";

/** The folder that is taken in as a whole, and as what. */
export function folderIncludeOf(node: Node | null): { readonly folder: string; readonly form: FolderForm } | undefined {
  const form = FOLDER_TAG.exec(node?.tag ?? "")?.[1];
  if (form === undefined || !isScalar(node)) return undefined;
  return { folder: node.type === "PLAIN" ? (node.source ?? "") : String(node.value), form: form as FolderForm };
}

/**
 * The YAML that a folder amounts to.
 * @param files names below the folder, in ESPHome's order
 */
export function folderText(files: readonly string[], form: FolderForm): string {
  const taken = (file: string): string => `!include ${JSON.stringify(file)}`;
  switch (form) {
    case "list":
      return files.map((file) => `- ${taken(file)}\n`).join("");
    case "merge_list":
      return files.map((file) => `- ${PART_OF_LIST} ${JSON.stringify(file)}\n`).join("");
    case "named":
      return files.map((file) => `${JSON.stringify(nameOfFile(file))}: ${taken(file)}\n`).join("");
    case "merge_named":
      // Of a key in two files the later file's counts, and of two that are merged in the earlier one.
      return files.length === 0 ? "" : `<<: [${[...files].reverse().map(taken).join(", ")}]\n`;
  }
}

const nameOfFile = (path: string): string => (path.split("/").at(-1) ?? path).replace(/\.yaml$/, "");

/** The names of the files and folders that a text takes in, as they are written, and whether it takes something out of the secrets. */
export function filesNamedIn(text: string): {
  readonly names: readonly string[];
  readonly folders: readonly string[];
  readonly hasSecrets: boolean;
} {
  const names = new Set<string>();
  const folders = new Set<string>();
  let hasSecrets = false;
  if (/!(?:include|secret)/.test(text))
    visit(parsed(text), {
      Node: (_, node) => {
        if (node.tag === "!secret") hasSecrets = true;
        const include = includeOf(node);
        if (include && include.file !== "") names.add(include.file);
        const whole = folderIncludeOf(node);
        if (whole) folders.add(whole.folder);
      },
    });
  return { names: [...names], folders: [...folders], hasSecrets };
}

/**
 * A YAML document of ESPHome's as the rules need it: every scalar with its source, its quoting and its place. Follows aliases, substitutions
 * and `!secret` as far as they can be followed from here; parsing is the `yaml` package's.
 */
import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node } from "yaml";
import { readPlain, type Read } from "./yamlScalars";

export interface Place {
  readonly start: number;
  readonly end: number;
}

export interface YamlScalar extends Place {
  /** As it is written, without quotes. */
  readonly source: string;
  readonly isQuoted: boolean;
  /** What ESPHome gets; undefined where that is not to be known from here. */
  readonly read: Read | undefined;
}

export interface YamlEntry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly node: Node | null;
}

/** What `!secret NAME` stands for, where it is known. */
export type Secrets = Readonly<Record<string, string>>;

const MOST_ALIASES = 16;

export class YamlTree {
  private readonly document: Document;
  private readonly substitutions = new Map<string, YamlScalar>();

  constructor(
    readonly text: string,
    private readonly secrets: Secrets,
  ) {
    this.document = parseDocument(text, { strict: false, uniqueKeys: false, logLevel: "silent", merge: false });
    for (const { key, node } of this.entries(this.child("substitutions"))) {
      const scalar = this.scalar(node);
      if (scalar) this.substitutions.set(key, scalar);
    }
  }

  get root(): Node | null {
    return this.document.contents;
  }

  /** The value below these keys, one after another. */
  child(...path: readonly string[]): Node | null {
    let node: Node | null = this.root;
    for (const key of path) node = this.entries(node).find((entry) => entry.key === key)?.node ?? null;
    return node;
  }

  has(key: string): boolean {
    return this.entries(this.root).some((entry) => entry.key === key);
  }

  /** The entries of a map with plain keys; of anything else none. */
  entries(node: Node | null): readonly YamlEntry[] {
    const map = this.followed(node);
    if (!isMap(map)) return [];
    return map.items.flatMap(({ key, value }) => {
      if (!isScalar(key) || !key.range) return [];
      const keyPlace = { start: key.range[0], end: key.range[1] };
      const inner = (value ?? null) as Node | null;
      const merged = key.source === "<<" ? this.entries(inner) : [];
      return [...merged, { key: String(key.source ?? key.value), keyPlace, node: inner }];
    });
  }

  items(node: Node | null): readonly (Node | null)[] {
    const list = this.followed(node);
    return isSeq(list) ? list.items.map((item) => item as Node | null) : [];
  }

  /** A scalar with what ESPHome gets of it; undefined for maps and lists. */
  scalar(node: Node | null): YamlScalar | undefined {
    const followed = this.followed(node);
    if (!isScalar(followed) || !followed.range) return undefined;
    const [start, end] = followed.range;
    const isQuoted = followed.type !== undefined && followed.type !== "PLAIN";
    const source = isQuoted ? String(followed.value) : (followed.source ?? "");
    return { start, end, source, isQuoted, read: this.readOf(source, isQuoted, followed.tag) };
  }

  private followed(node: Node | null): Node | null {
    let current = node;
    for (let i = 0; isAlias(current) && i < MOST_ALIASES; i++) current = current.resolve(this.document) ?? null;
    return isAlias(current) ? null : current;
  }

  private readOf(source: string, isQuoted: boolean, tag: string | undefined): Read | undefined {
    if (tag === "!secret") {
      const secret = Object.hasOwn(this.secrets, source) ? this.secrets[source] : undefined;
      return secret === undefined ? undefined : { kind: "text", text: secret };
    }
    if (tag !== undefined && tag.startsWith("!") && tag !== "!literal") return undefined;
    const filled = this.substituted(source);
    if (filled === undefined) return undefined;
    if (filled !== source) return { kind: "text", text: filled };
    return isQuoted || tag === "tag:yaml.org,2002:str" ? { kind: "text", text: source } : readPlain(source);
  }

  /** With `${name}` and `$name` filled in; undefined where one of them is not in this file, or is an expression. */
  private substituted(source: string): string | undefined {
    if (!source.includes("$")) return source;
    let isKnown = true;
    const filled = source.replace(/\$\{([^}]*)\}|\$([A-Za-z_]\w*)/g, (all, braced?: string, bare?: string) => {
      const read = this.substitutions.get((braced ?? bare ?? "").trim())?.read;
      if (read?.kind === "text" || read?.kind === "number") return read.text;
      isKnown = false;
      return all;
    });
    return isKnown ? filled : undefined;
  }
}

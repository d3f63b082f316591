/**
 * A YAML document of ESPHome's as the rules need it: every scalar with its source, its quoting and its place. Follows aliases, merges,
 * substitutions, packages, `!include` and `!secret` as far as their files are handed in; what cannot be followed is said to be unknown.
 */
import { isAlias, isCollection, isMap, isScalar, isSeq, type Node } from "yaml";
import { words, type Words } from "../core/index";
import { readPlain } from "./yamlScalars";
import {
  PART_OF_LIST,
  YamlFile,
  folderIncludeOf,
  folderText,
  includeOf,
  type Place,
  type WrittenPlace,
  type YamlScalar,
} from "./yamlFile";
import { SECRETS_FILE, folderPath, pathFrom, type YamlSources } from "./yamlSources";

/** A node with the file it is in. */
export interface YamlNode {
  readonly node: Node | null;
  readonly file: YamlFile;
}

export interface YamlEntry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly written: WrittenPlace;
  readonly value: YamlNode;
}

/** Something whose content is in no file at hand. */
export interface UnknownPart extends Place {
  readonly why: Words;
}

const MOST_ALIASES = 16;
const MOST_DEPTH = 8;
/** Includes in includes multiply. */
const MOST_FILES = 256;

/** A package that is a configuration itself, not a list of some. */
const PART_OF_CONFIGURATION =
  /^(?:esphome|bk72xx|substitutions|packages|wifi|api|ota|logger|uart|output|light|switch|sensor|binary_sensor)$/;

export class YamlTree {
  private readonly main: YamlFile;
  /** The configuration and its packages; what stands in an earlier one counts. */
  readonly roots: readonly YamlNode[];
  /** Packages that are elsewhere. */
  readonly unknownPackages: readonly UnknownPart[];
  private readonly substitutions = new Map<string, YamlScalar>();
  private readonly included = new Map<Node, YamlFile | undefined>();

  constructor(
    readonly text: string,
    private readonly sources: YamlSources,
  ) {
    this.main = new YamlFile(undefined, text, undefined, undefined);
    const root = { node: this.main.document.contents, file: this.main };
    const unknown: UnknownPart[] = [];
    this.roots = [root, ...this.packagesOf(root, unknown, 0)];
    this.unknownPackages = unknown;
    for (const { key, value } of this.merged("substitutions")) {
      const scalar = this.scalar(value);
      if (scalar) this.substitutions.set(key, scalar);
    }
  }

  /** The value below these keys, one after another, of the first root that has it. */
  child(...path: readonly string[]): YamlNode | undefined {
    for (const root of this.roots) {
      let at: YamlNode | undefined = root;
      for (const key of path) at = at && this.entries(at).find((entry) => entry.key === key)?.value;
      if (at) return at;
    }
    return undefined;
  }

  has(key: string): boolean {
    return this.child(key) !== undefined;
  }

  /** The entries below these keys in all roots; of one key the first. */
  merged(...path: readonly string[]): readonly YamlEntry[] {
    const found = new Map<string, YamlEntry>();
    for (const root of this.roots) {
      let at: YamlNode | undefined = root;
      for (const key of path) at = at && this.entries(at).find((entry) => entry.key === key)?.value;
      for (const entry of this.entries(at)) if (!found.has(entry.key)) found.set(entry.key, entry);
    }
    return [...found.values()];
  }

  /** What of these keys cannot be looked into. */
  unknownBelow(...path: readonly string[]): readonly UnknownPart[] {
    return this.roots.flatMap((root) => {
      let at: YamlNode | undefined = root;
      for (const key of path) {
        at = at && this.entries(at).find((entry) => entry.key === key)?.value;
        if (at && this.followed(at) === undefined) return [this.unknownPart(at)];
      }
      return [];
    });
  }

  /** The entries of a map with plain keys; of anything else none. */
  entries(at: YamlNode | undefined): readonly YamlEntry[] {
    const followed = at && this.followed(at);
    if (!followed || !isMap(followed.node)) return [];
    const { node: map, file } = followed;
    return map.items.flatMap(({ key, value }) => {
      if (!isScalar(key) || !key.range) return [];
      const inner = { node: (value ?? null) as Node | null, file };
      const merged = key.source === "<<" ? this.mergedIn(inner) : [];
      const name = String(key.source ?? key.value);
      const place = this.placeOf(key.range, file);
      return [...merged, { key: name, keyPlace: place, written: place.written, value: inner }];
    });
  }

  /** A map or a list, an empty one too. */
  isCollection(at: YamlNode): boolean {
    return isCollection(this.followed(at)?.node);
  }

  private mergedIn(at: YamlNode): readonly YamlEntry[] {
    const items = this.items(at);
    return items.length > 0 ? items.flatMap((item) => this.entries(item)) : this.entries(at);
  }

  items(at: YamlNode | undefined): readonly YamlNode[] {
    const followed = at && this.followed(at);
    if (!followed || !isSeq(followed.node)) return [];
    const { file } = followed;
    return followed.node.items.flatMap((item) => {
      const inner = { node: item as Node | null, file };
      return inner.node?.tag === PART_OF_LIST && this.followed(inner) ? this.items(inner) : [inner];
    });
  }

  /** A scalar with what ESPHome gets of it; undefined for maps and lists, and for what `!remove` takes away. */
  scalar(at: YamlNode | undefined): YamlScalar | undefined {
    if (!at) return undefined;
    const followed = this.followed(at);
    if (!followed) {
      const { start, end, why } = this.unknownPart(at);
      const { written } = this.placeOf(at.node?.range ?? [start, end], at.file);
      return { start, end, source: "", isQuoted: false, read: undefined, unknown: why, written };
    }
    const { node, file } = followed;
    if (!isScalar(node) || !node.range || node.tag === "!remove") return undefined;
    const { start, end, written } = this.placeOf(node.range, file);
    const isQuoted = node.type !== undefined && node.type !== "PLAIN";
    const source = isQuoted ? String(node.value) : (node.source ?? "");
    if (node.tag === "!secret") return { ...this.secret(source, file, written), start, end };
    return { start, end, source, isQuoted, ...this.readOf(source, isQuoted, node.tag, file), written };
  }

  /** Outside the text itself it is the place that takes the other file in that counts. */
  private placeOf(range: readonly number[], file: YamlFile): Place & { readonly written: WrittenPlace } {
    const [start = 0, end = start] = range;
    const written = { start, end, file: file.path };
    return file.within ? { start: file.within.start, end: file.within.end, written } : { start, end, written };
  }

  /** Through aliases and includes; undefined where a file is not at hand. */
  private followed(at: YamlNode): YamlNode | undefined {
    let { node, file } = at;
    for (let i = 0; i < MOST_ALIASES; i++) {
      if (isAlias(node)) {
        node = node.resolve(file.document) ?? null;
        continue;
      }
      if (node === null || (includeOf(node) ?? folderIncludeOf(node)) === undefined)
        return node?.tag?.startsWith("!include") ? undefined : { node, file };
      const inner = this.fileOf(node, file);
      if (!inner) return undefined;
      ({ node, file } = { node: inner.document.contents, file: inner });
    }
    return { node: null, file };
  }

  private fileOf(node: Node, file: YamlFile): YamlFile | undefined {
    if (this.included.has(node)) return this.included.get(node);
    const include = includeOf(node);
    const [path, text] = include ? this.textOf(pathFrom(file.path ?? "", include.file)) : this.folderOf(node, file);
    const isDeep = file.depth >= MOST_DEPTH || this.included.size >= MOST_FILES;
    const [start = 0, end = start] = node.range ?? [];
    const inner =
      text === undefined || isDeep ? undefined : new YamlFile(path, text, file.within ?? { start, end }, file);
    this.included.set(node, inner);
    for (const { key, value } of inner && include ? this.entries({ node: include.vars, file }) : []) {
      const scalar = this.scalar(value);
      if (scalar) inner?.vars.set(key, scalar);
    }
    return inner;
  }

  private textOf(path: string): readonly [path: string, text: string | undefined] {
    return [path, this.sources.get(path)];
  }

  /** The text that stands for a folder. */
  private folderOf(node: Node, file: YamlFile): readonly [path: string, text: string | undefined] {
    const whole = folderIncludeOf(node);
    const [path, names] = this.textOf(folderPath(file.path ?? "", whole?.folder ?? ""));
    return [path, whole && names !== undefined ? folderText(names.split("\n").filter(Boolean), whole.form) : undefined];
  }

  private unknownPart({ node, file }: YamlNode): UnknownPart {
    const { start, end } = this.placeOf(node?.range ?? [0, 0], file);
    const name = includeOf(node)?.file ?? folderIncludeOf(node)?.folder;
    return { start, end, why: name === undefined ? words`it is taken in from elsewhere` : words`${name} is not here` };
  }

  private packagesOf(root: YamlNode, unknown: UnknownPart[], depth: number): YamlNode[] {
    const given = depth > MOST_DEPTH ? undefined : this.entries(root).find(({ key }) => key === "packages")?.value;
    if (!given) return [];
    const whole = this.followed(given);
    if (!whole) {
      unknown.push(this.unknownPart(given));
      return [];
    }
    const entries = this.entries(whole);
    const isOne = whole.node !== given.node && entries.some(({ key }) => PART_OF_CONFIGURATION.test(key));
    const list = isOne ? [whole] : [...this.items(whole), ...entries.map(({ value }) => value)];
    // Of two packages the later one counts.
    return list.reverse().flatMap((item) => {
      const followed = this.followed(item);
      const isRemote = followed && (isScalar(followed.node) || this.entries(followed).some(({ key }) => key === "url"));
      if (followed && !isRemote) return [followed, ...this.packagesOf(followed, unknown, depth + 1)];
      const { start, end, why } = this.unknownPart(item);
      unknown.push({ start, end, why: isRemote ? words`it is on the network` : why });
      return [];
    });
  }

  private secret(name: string, file: YamlFile, asked: WrittenPlace): YamlScalar {
    const nowhere = (unknown: Words): YamlScalar => {
      const { start, end } = asked;
      return { start, end, source: name, isQuoted: false, read: undefined, unknown, written: asked };
    };
    const paths = new Set([pathFrom(file.path ?? "", SECRETS_FILE), SECRETS_FILE]);
    const texts = [...paths].filter((path) => this.sources.has(path));
    for (const path of texts) {
      const secrets = new YamlFile(path, this.sources.get(path) ?? "", asked, undefined);
      const root = { node: secrets.document.contents, file: secrets };
      const value = this.entries(root).find(({ key }) => key === name)?.value;
      // A secret in the secrets would be looked for in itself.
      if (value && value.node?.tag === undefined) {
        const scalar = this.scalar(value);
        if (scalar) return scalar;
      }
    }
    return nowhere(texts.length === 0 ? words`${SECRETS_FILE} is not here` : words`${SECRETS_FILE} has no ${name}`);
  }

  private readOf(
    source: string,
    isQuoted: boolean,
    tag: string | undefined,
    file: YamlFile,
  ): Pick<YamlScalar, "read" | "unknown"> {
    if (tag !== undefined && tag.startsWith("!") && tag !== "!literal")
      return { read: undefined, unknown: words`${tag} is worked out when it is built` };
    const { filled, unknown } = this.substituted(source, file);
    if (unknown) return { read: undefined, unknown };
    if (filled !== source) return { read: { kind: "text", text: filled }, unknown: undefined };
    const isText = isQuoted || tag === "tag:yaml.org,2002:str";
    return { read: isText ? { kind: "text", text: source } : readPlain(source), unknown: undefined };
  }

  /** With `${name}` and `$name` filled in, or why one of them cannot be. */
  private substituted(
    source: string,
    file: YamlFile,
  ): { readonly filled: string; readonly unknown: Words | undefined } {
    if (!source.includes("$")) return { filled: source, unknown: undefined };
    let unknown: Words | undefined;
    const filled = source.replace(/\$\{([^}]*)\}|\$([A-Za-z_]\w*)/g, (all, braced?: string, bare?: string) => {
      const name = (braced ?? bare ?? "").trim();
      const scalar = this.named(name, file);
      if (scalar?.read?.kind === "text" || scalar?.read?.kind === "number") return scalar.read.text;
      unknown ??=
        scalar?.unknown ??
        (/^\w+$/.test(name) ? words`nothing here says what ${name} is` : words`${all} is worked out when it is built`);
      return all;
    });
    return { filled, unknown };
  }

  private named(name: string, file: YamlFile): YamlScalar | undefined {
    for (let at: YamlFile | undefined = file; at; at = at.parent) {
      const handed = at.vars.get(name);
      if (handed) return handed;
    }
    return this.substitutions.get(name);
  }
}

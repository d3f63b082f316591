/** Lines put into `esphome: platformio_options:`, with what of the blocks around them is missing, in the style that is there. */
import type { Edit } from "./yamlDiagnostics";
import type { YamlEntry, YamlTree } from "./yamlTree";

const indent = (count: number): string => " ".repeat(count);

/** @returns undefined where the block is in another file as a whole */
export function insertion(tree: YamlTree, lines: readonly string[]): readonly Edit[] | undefined {
  const { text } = tree;
  const [root] = tree.roots;
  const esphome = tree.entries(root).find(({ key }) => key === "esphome");
  const isHere = (entry: YamlEntry): boolean => entry.written.file === undefined;
  const inEsphome = tree.entries(esphome?.value).filter(isHere);
  const options = inEsphome.find(({ key }) => key === "platformio_options");
  const [option] = tree.entries(options?.value).filter(isHere);
  if (option) return before(text, option, lines);
  if (options) return isEmpty(tree, options) ? behind(text, options, lines) : undefined;
  const block = ["platformio_options:", ...lines.map((line) => `  ${line}`)];
  const [first] = inEsphome;
  if (first) return before(text, first, block, `platformio_options: {${lines.join(", ")}}`);
  if (esphome) return isEmpty(tree, esphome) ? behind(text, esphome, block) : undefined;
  const [top] = tree.entries(root);
  const whole = ["esphome:", ...block.map((line) => `  ${line}`), ""];
  return before(text, top, whole, `esphome: {platformio_options: {${lines.join(", ")}}}`);
}

const at = (start: number, text: string): readonly Edit[] => [{ start, end: start, text, file: undefined }];

function isEmpty(tree: YamlTree, { value }: YamlEntry): boolean {
  return value.node === null || tree.scalar(value)?.read?.kind === "null";
}

/** A line's end as the text has them. */
const lineEnd = (text: string): string => (text.includes("\r\n") ? "\r\n" : "\n");

/** @param inline the same, between braces */
function before(
  text: string,
  entry: YamlEntry | undefined,
  lines: readonly string[],
  inline = lines.join(", "),
): readonly Edit[] {
  const end = lineEnd(text);
  if (!entry) return at(text.length, `${text === "" || text.endsWith("\n") ? "" : end}${lines.join(end)}`);
  const { start } = entry.written;
  const own = start - (text.lastIndexOf("\n", start - 1) + 1);
  const lead = text.slice(start - own, start).replace("\uFEFF", "");
  if (/\S/.test(lead)) return at(start, `${inline}, `);
  return at(start, lines.map((line) => (line === "" ? end : `${line}${end}${lead}`)).join(""));
}

/** Below a key that has nothing below it yet. */
function behind(text: string, { written }: YamlEntry, lines: readonly string[]): readonly Edit[] {
  const end = lineEnd(text);
  const { start } = written;
  const own = start - (text.lastIndexOf("\n", start - 1) + 1);
  const next = text.indexOf("\n", start);
  const block = lines.map((line) => `${indent(own + 2)}${line}`).join(end);
  return next < 0 ? at(text.length, `${end}${block}`) : at(next + 1, `${block}${end}`);
}

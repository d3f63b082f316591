/** What two pages have in common that say the same in two languages. */

/** Of each block between blank lines: what it is, and how many lines, cells or items it has. */
export function shapeOf(text: string): readonly string[] {
  return text.split(/\n{2,}/).map((block) => {
    const lines = block.trim().split("\n");
    const [first = ""] = lines;
    if (first.startsWith("#")) return first.split(" ")[0] ?? "";
    if (first.startsWith("|")) return `table ${lines.map((line) => line.split("|").length).join()}`;
    if (/^(?:\d+\.|-) /.test(first)) return `list ${lines.filter((line) => /^(?:\d+\.|-) /.test(line)).length}`;
    return first.startsWith("<!--") ? first : "paragraph";
  });
}

/** Figures, flags and codes, which are the same in every language. */
export const factsOf = (text: string): readonly string[] =>
  [
    ...new Set(
      text.match(/--[a-z]{2}[a-z-]+|0x[0-9a-f]+|\b[0-9A-F]{8}\b|\b(?:BK|CP|CH|FT|PL|P|TX|RX)\d+\w*|`[a-z-]+`/g) ?? [],
    ),
  ].sort();

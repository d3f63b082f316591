import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { labelText, markdownText, messageText } from "../../../src/extension/text/plainText";

/** What the editor takes for a link in a message. */
const LINK = /\[[^\]]+\]\((?:https?:\/\/|command:|file:)[^)\s]+(?: ["'].+?["'])?\)/i;
/** What it takes for an icon in a label. */
const ICON = /(?<!\\)\$\([a-z0-9-]+(?:~[a-z]+)?\)/i;
const LURE = "[Fix it](command:workbench.action.terminal.sendSequence?%7B%7D)";

describe("names in the editor's own surfaces", () => {
  it("are no links in messages, whatever is around them", () => {
    for (const name of [LURE, `[a]${LURE}`, `](${LURE}`, `[x](command:y "z")`, "[a](file:///etc)", "[a](https://b)"]) {
      assert.doesNotMatch(messageText(`${name} was built. Flash it to ${name}?`), LINK, name);
    }
    assert.match(LURE, LINK);
    assert.equal(messageText("a\u202eb\n"), "a\\u202eb\n");
  });

  it("are no icons in labels", () => {
    for (const name of ["$(zap) plug", "a $(sync~spin)", "$$(x)"]) {
      assert.match(name, ICON);
      assert.doesNotMatch(labelText(name), ICON, name);
    }
    assert.equal(labelText("two\nlines $5 (x)"), "two\\nlines $5 (x)");
  });

  it("are nothing but text in Markdown", () => {
    assert.equal(
      markdownText("[a](command:b) <img> **c** `d`\n# e"),
      String.raw`\[a\]\(command\:b\) \<img\> \*\*c\*\* \`d\`\\n\# e`,
    );
    assert.equal(markdownText("https://x.y"), String.raw`https\:\/\/x\.y`);
  });

  it("have one place that shows messages, and progress is told through it", () => {
    for (const file of readdirSync("src/extension", { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".ts")) continue;
      const source = readFileSync(join("src/extension", file), "utf8");
      if (!file.endsWith("shownMessages.ts"))
        assert.doesNotMatch(source, /show(?:Information|Warning|Error)Message/, file);
      if (file.endsWith("shownMessages.ts")) assert.match(source, /withProgress\(\{[^}]*title: messageText\(/);
      else if (source.includes("withProgress("))
        assert.match(source, /title = messageText\([\s\S]*message: messageText\(/, file);
      // Markdown is made of text that was made harmless.
      const markdown = source.match(/new vscode\.MarkdownString\(/g)?.length ?? 0;
      if (!file.endsWith("portStatusBar.ts") && markdown > 0) {
        assert.match(source, /import \{[^}]*markdownText[^}]*\} from "\.\.\/text\/plainText"/, file);
        assert.ok((source.match(/markdownText\(/g)?.length ?? 0) >= markdown, file);
      }
    }
  });
});

/**
 * The texts for people that the sources hold: every sentence tagged `words`, every one given to `t`, and those that
 * look like a sentence and are neither. Reads the sources as the compiler does; runs nothing of them.
 */
import { readFileSync, readdirSync } from "node:fs";
import ts from "typescript";

interface Source {
  readonly path: string;
  readonly tree: ts.SourceFile;
}

function sourcesBelow(...folders: readonly string[]): readonly Source[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .map((name) => `${folder}/${String(name).replaceAll("\\", "/")}`)
      .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
      .map((path) => ({
        path,
        tree: ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true),
      })),
  );
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

const isWordsTag = (node: ts.Node): node is ts.TaggedTemplateExpression =>
  ts.isTaggedTemplateExpression(node) && ts.isIdentifier(node.tag) && node.tag.text === "words";

/** As it is keyed in the bundles: what is filled in numbered in order. */
function templateOf(template: ts.TemplateLiteral): string {
  return ts.isNoSubstitutionTemplateLiteral(template)
    ? template.text
    : template.templateSpans.reduce(
        (text, { literal }, index) => `${text}{${index}}${literal.text}`,
        template.head.text,
      );
}

/** Everything that can reach the editor from outside the extension's own words. Figures alone need no translation. */
export function wordsTemplates(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { tree } of sourcesBelow("src/core", "src/esphome", "src/storage", "src/archives", "src/extension"))
    walk(tree, (node) => {
      if (isWordsTag(node)) found.add(templateOf(node.template));
    });
  return new Set([...found].filter((template) => /[a-z]/i.test(template.replace(/\{\d+\}/g, ""))));
}

/** First arguments of `t`. */
export function extensionTexts(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { tree } of sourcesBelow("src/extension"))
    walk(tree, (node) => {
      if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression) || node.expression.text !== "t") return;
      const [message] = node.arguments;
      if (message && ts.isStringLiteralLike(message)) found.add(message.text);
    });
  return found;
}

/** Two words of small letters with a space between them. */
const SENTENCE = /[a-z]{2,} [a-z]{2,}/;

/** Files whose strings are for other readers: translated as remedies, or lines of the command line, logs and diagnostics, or markup. */
const OTHER_READERS =
  /^src\/(core\/(base\/(remed\w+|crcMeaning|startTrouble|statusBytes)|beken\/chips\/describeIdentity)|extension\/(commands\/diagnostics|jobs\/jobLog|platform\/webviewPage))\.ts$/;

/** What is translated already, logged, thrown at programmers, begins the English message of an error, or names the source of a fact. */
const LOGGED = /^(t|debug|trace|info|error|throwIfAborted|asFlasherError|fileError)$/;

function isTranslatedOrLogged(node: ts.Node): boolean {
  for (let at = node; at.parent; at = at.parent) {
    const { parent } = at;
    if (isWordsTag(parent) || ts.isTypeNode(parent) || ts.isImportDeclaration(parent)) return true;
    if (ts.isNewExpression(parent) && at !== parent.expression)
      return /Error$/.test(parent.expression.getText()) && !ts.isObjectLiteralExpression(at);
    if (ts.isCallExpression(parent) && at !== parent.expression)
      return LOGGED.test(parent.expression.getText().replace(/^.*\./s, ""));
    if (ts.isVariableDeclaration(parent)) return /^(doing|Q_LIKE)$/i.test(parent.name.getText());
    if (ts.isPropertyAssignment(parent)) return ["doing", "source"].includes(parent.name.getText());
  }
  return false;
}

/** Where errors may end up in the notes of a job, whole: what was attempted is shown there, too. */
const NOTED = /^src\/core\/(flash|protocol|transport)\//;

/** A phrase for what is attempted that is no text for people; what a person stopped is not told by it. */
function isUntaggedAttempt(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent))
    return parent.initializer === node && parent.name.getText() === "doing";
  return (
    ts.isNewExpression(parent) &&
    parent.arguments?.[1] === node &&
    /(?<!Range|Type)Error$/.test(parent.expression.getText())
  );
}

/** Sentences that nobody could translate: with their place, for the one who left them. */
export function untaggedSentences(): readonly string[] {
  const found: string[] = [];
  for (const { path, tree } of sourcesBelow("src/core", "src/storage", "src/archives", "src/extension")) {
    if (OTHER_READERS.test(path)) continue;
    walk(tree, (node) => {
      const text = ts.isStringLiteralLike(node) ? node.text : ts.isTemplateExpression(node) ? templateOf(node) : "";
      const isAttempt = NOTED.test(path) && text !== "" && isUntaggedAttempt(node);
      if (!isAttempt && (!SENTENCE.test(text) || isTranslatedOrLogged(node))) return;
      found.push(`${path}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${text}`);
    });
  }
  return found;
}
